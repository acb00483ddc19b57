/* --mapper search: see mapper.h. */
#include "cmd/mapper.h"

#include <inttypes.h>
#include <string.h>

enum { MAX_LIMIT = 100000000 };

enum sa_status sa_mapper_read(const struct sa_args *args, bool *search, uint32_t *limit,
                              struct sa_error *error) {
  static const char *const words[] = {"default", "search"};
  size_t word = 0;
  unsigned long long number = 0;
  enum sa_status status = sa_args_word(args, "mapper", words, sizeof words / sizeof *words, &word, error);
  if (!status) status = sa_args_number(args, "search-limit", 2, MAX_LIMIT, &number, error);
  if (status) return status;
  *search = word == 1;
  *limit = (uint32_t)number;
  if (number && !*search) return sa_fail(error, SA_ERR_INPUT, "--search-limit belongs to --mapper search");
  return SA_OK;
}

static double change(uint64_t before, uint64_t after) {
  return before ? 100.0 * ((double)after - (double)before) / (double)before : 0;
}

void sa_mapper_write_summary(const struct sa_search *search, FILE *out) {
  char before[28], after[28], runs[28];
  fprintf(out, "mapper search: %s -> %s cycles (%+.1f %%) by %zu choices of %s simulations%s\n",
          sa_format_count(search->default_cycles, before), sa_format_count(search->cycles, after),
          change(search->default_cycles, search->cycles), search->override_count,
          sa_format_count(search->runs, runs), search->complete ? "" : ", ended by its limit");
}

static uint32_t choice_of(const struct sa_search *search, uint32_t layer) {
  for (size_t i = 0; i < search->override_count; i++)
    if (search->overrides[i].layer == layer) return search->overrides[i].choice;
  return 0;
}

static void write_row(const char *name, int width, uint64_t before, uint64_t after, FILE *out) {
  char a[28], b[28];
  fprintf(out, "  %-*s %14s %14s %+8.1f%%", width, name, sa_format_count(before, a), sa_format_count(after, b),
          change(before, after));
}

/* Layers that were mapped otherwise or changed by a hundredth and more; the rest together. */
void sa_mapper_write_gain(const struct sa_search *search, const struct sa_net *net, const struct sa_report *report,
                          FILE *out) {
  static const char others[] = "other layers";
  int width = (int)strlen(others);
  size_t row = 0;
  uint64_t rest_before = 0, rest_after = 0;
  fputc('\n', out);
  sa_mapper_write_summary(search, out);
  for (uint32_t i = 0; i < net->layer_count; i++)
    if ((int)strlen(net->layers[i].name) > width) width = (int)strlen(net->layers[i].name);
  fprintf(out, "  %-*s %14s %14s %9s  %s\n", width, "layer", "default", "found", "change", "repeat with");
  for (uint32_t i = 0; i < net->layer_count; i++) {
    const char *name = net->layers[i].name;
    /* the report leaves out inputs that take no cycles */
    const bool there = row < report->layer_count && strcmp(report->layers[row].name, name) == 0;
    const uint64_t after = there ? report->layers[row++].cycles : 0, before = search->layer_default_cycles[i];
    const uint32_t choice = choice_of(search, i);
    const uint64_t moved = before < after ? after - before : before - after;
    if (!choice && moved * 100 <= before) {
      rest_before += before;
      rest_after += after;
      continue;
    }
    write_row(name, width, before, after, out);
    if (choice)
      fprintf(out, "  --map %s:choice=%u\n", name, choice);
    else
      fputs("  (by its neighbours)\n", out);
  }
  write_row(others, width, rest_before, rest_after, out);
  fputc('\n', out);
  write_row("total", width, search->default_cycles, search->cycles, out);
  fputc('\n', out);
}
