/* Fuzz target: any bytes as a sweep file. What is refused must say why and leave nothing; of what is accepted
 * every point must be legal, illegal with a reason, or excluded by a constraint, and the same when it is made
 * again. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "sweep/sweep.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition) {
  if (!condition) abort();
}

static void check_point(const struct sa_sweep *sweep, uint64_t number) {
  struct sa_point point, again;
  sa_sweep_point(sweep, number, &point);
  sa_sweep_point(sweep, number, &again);
  require(point.id == again.id && point.kind == again.kind && point.network);
  switch (point.kind) {
    case SA_POINT_LEGAL: require(point.config.line_bytes > 0 && sa_config_sram_bytes(&point.config) > 0); break;
    case SA_POINT_ILLEGAL: require(point.reason.message[0] != 0); break;
    case SA_POINT_EXCLUDED: require(point.excluded_by < sweep->constraint_count); break;
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct sa_sweep sweep;
  struct sa_error error = {0};
  const enum sa_status status = sa_sweep_parse("fuzz.yaml", (const char *)data, size, &sweep, &error);
  if (status) {
    require(error.status == status && error.message[0] && !sweep.axes && !sweep.networks && !sweep.couplings);
    return 0;
  }
  require(sweep.point_count >= 1 && sweep.point_count <= SA_SWEEP_MAX_POINTS && sweep.network_count >= 1);
  for (uint64_t i = 0; i < sweep.point_count && i < 200; i++) check_point(&sweep, i);
  check_point(&sweep, sweep.point_count - 1);
  if (size < 200 && sa_sweep_add_constraint(&sweep, "array.rows <= 8", &error) == SA_OK) check_point(&sweep, 0);
  sa_sweep_release(&sweep);
  return 0;
}
