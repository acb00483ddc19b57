/* The ladder as a table, CSV, JSON. */
#include <inttypes.h>
#include <string.h>

#include "cmd/ladder.h"

static double gops(const struct sa_rung *rung) {
  return rung->seconds > 0 ? 2 * (double)rung->macs / rung->seconds / 1e9 : 0;
}

static void write_table(const struct sa_ladder *ladder, FILE *out) {
  const char *problem = "";
  double first = 0;
  for (size_t i = 0; i < ladder->count; i++) {
    const struct sa_rung *rung = &ladder->rungs[i];
    const double rate = gops(rung);
    if (strcmp(problem, rung->problem) != 0) {
      problem = rung->problem;
      first = rate;
      fprintf(out, "%s%-32s %-5s %12s %12s  %s\n", i ? "\n" : "", problem, "type", "GOP/s", "x first", "by");
    }
    fprintf(out, "%-32s %-5s", rung->name, rung->dtype);
    if (rate <= 0)
      fprintf(out, " %12s %12s", "-", "-");
    else if (first > 0)
      fprintf(out, " %12.4g %12.4g", rate, rate / first);
    else
      fprintf(out, " %12.4g %12s", rate, "-");
    fprintf(out, "  %s\n", rung->by);
  }
  fputs("\n1 MAC = 2 operations. Best of a few runs; loops in Python and C time rows of the GEMM. All rungs compute the\n"
        "same products; int8 and bf16 ones in their own data type. At 1024 each column of B lies in few sets of the cache, as\n"
        "its elements are 4096 bytes apart: the loops i, j, k that read down columns suffer, i, k, j do not.\n", out);
  if (!ladder->complete) fputs("interrupted\n", out);
}

static void write_csv(const struct sa_ladder *ladder, FILE *out) {
  fputs("problem,rung,dtype,macs,seconds,gops,by\n", out);
  for (size_t i = 0; i < ladder->count; i++) {
    const struct sa_rung *r = &ladder->rungs[i];
    fprintf(out, "%s,\"%s\",%s,%" PRIu64 ",%.9g,%.9g,\"%s\"\n", r->problem, r->name, r->dtype, r->macs, r->seconds, gops(r), r->by);
  }
}

static enum sa_status write_json(const struct sa_ladder *ladder, FILE *out, struct sa_error *error) {
  json_t *rungs = json_array();
  for (size_t i = 0; i < ladder->count; i++) {
    const struct sa_rung *r = &ladder->rungs[i];
    json_array_append_new(rungs, json_pack("{s:s, s:s, s:s, s:I, s:f, s:f, s:s}", "problem", r->problem, "rung", r->name,
                                           "dtype", r->dtype, "macs", (json_int_t)r->macs, "seconds", r->seconds, "gops",
                                           gops(r), "by", r->by));
  }
  json_t *root = json_pack("{s:s, s:i, s:b, s:o}", "schema", "systole-ladder", "version", 1, "complete", ladder->complete,
                           "rungs", rungs);
  const bool failed = !root || json_dumpf(root, out, JSON_INDENT(1) | JSON_REAL_PRECISION(9)) != 0;
  json_decref(root);
  fputc('\n', out);
  return failed ? sa_fail(error, SA_ERR_IO, "cannot write the ladder as JSON") : SA_OK;
}

enum sa_status sa_ladder_write(const struct sa_ladder *ladder, enum sa_format format, FILE *out, struct sa_error *error) {
  switch (format) {
    case SA_FORMAT_TABLE: write_table(ladder, out); break;
    case SA_FORMAT_CSV: write_csv(ladder, out); break;
    case SA_FORMAT_JSON: return write_json(ladder, out, error);
  }
  return SA_OK;
}
