/* The worked example, simulated when a page is made; see wavefront_data.h. Its machine is an asset, so that
 * a page can be made where the shipped models are not. */
#include "page/wavefront_data.h"

#include <assert.h>
#include <string.h>

#include "page/assets.h"
#include "report/wavefront.h"
#include "report/wavefront_gemm.h"

enum { MAX_ROWS = 1000 };

static enum sa_status read_machine(const char *weight_buffers, struct sa_config *config, struct sa_error *error) {
  size_t i = 0;
  while (i < sa_asset_count && strcmp(sa_assets[i].name, "array4.yaml") != 0) i++;
  assert(i < sa_asset_count);
  enum sa_status status =
      sa_config_parse("array4", (const char *)sa_assets[i].bytes, sa_assets[i].count, config, error);
  if (!status) status = sa_config_set(config, "array.weight_buffers", weight_buffers, error);
  return status ? status : sa_config_finish(config, error);
}

static json_t *matrix_json(const int8_t *values, uint32_t rows, uint32_t cols) {
  json_t *matrix = json_array();
  for (uint32_t r = 0; r < rows; r++) {
    json_t *row = json_array();
    for (uint32_t c = 0; c < cols; c++) json_array_append_new(row, json_integer(values[(size_t)r * cols + c]));
    json_array_append_new(matrix, row);
  }
  return matrix;
}

static enum sa_status run_example(const struct sa_config *config, const struct sa_small_gemm *gemm,
                                  struct sa_wavefront *wavefront, struct sa_error *error) {
  struct sa_program program;
  struct sa_memory *memory = sa_memory_create();
  if (!memory) return sa_fail(error, SA_ERR_MEMORY, "out of memory");
  sa_program_init(&program);
  enum sa_status status = sa_small_gemm_program(config, gemm, memory, &program, error);
  if (!status) status = sa_wavefront_run(config, &program, memory, MAX_ROWS, wavefront, error);
  sa_program_release(&program);
  sa_memory_free(memory);
  return status;
}

static enum sa_status add_example(const char *title, const char *weight_buffers, uint32_t folds, json_t *json,
                                  struct sa_error *error) {
  struct sa_config config = {0};
  struct sa_small_gemm gemm;
  struct sa_wavefront wavefront;
  enum sa_status status = read_machine(weight_buffers, &config, error);
  if (!status) status = sa_small_gemm_example(folds, &gemm, error);
  if (status) return status;
  sa_wavefront_init(&wavefront);
  status = run_example(&config, &gemm, &wavefront, error);
  if (!status)
    json_array_append_new(json, json_pack("{s:s, s:o, s:o, s:o}", "title", title, "ifmap",
                                          matrix_json(gemm.ifmap, gemm.m, gemm.k), "filter",
                                          matrix_json(gemm.filter, gemm.k, gemm.n), "wavefront",
                                          sa_wavefront_json(&wavefront)));
  sa_wavefront_release(&wavefront);
  sa_small_gemm_release(&gemm);
  return status;
}

enum sa_status sa_page_wavefronts(json_t **json, struct sa_error *error) {
  *json = json_array();
  if (!*json) return sa_fail(error, SA_ERR_MEMORY, "out of memory");
  enum sa_status status = add_example("One tile", "2", 1, *json, error);
  if (!status) status = add_example("Three tiles, two weight registers", "2", SA_EXAMPLE_FOLDS, *json, error);
  if (!status) status = add_example("Three tiles, one weight register", "1", SA_EXAMPLE_FOLDS, *json, error);
  if (status) json_decref(*json);
  return status;
}
