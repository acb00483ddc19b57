/* From given parameters to a machine: defaults, rules between parameters, derived sizes
 * (docs/machine.md section 1). */
#include "machine/finish.h"

#include <assert.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "machine/latency.h"

enum { LINE_MIN_BYTES = 16, BANKS_MAX = 64, AUTOMATIC_BANKS_MAX = 24 };

static uint64_t get(const struct sa_config *config, const char *name) {
  const struct sa_param *param = sa_param_find(name);
  assert(param);
  return sa_param_get(param, config);
}

/* Fails on account of one parameter, whose place the caller may know. */
static enum sa_status blame(const struct sa_param **culprit, const char *name) {
  *culprit = sa_param_find(name);
  assert(*culprit);
  return SA_ERR_INPUT;
}

/* ---- Defaults ---- */

static bool is_weight_memory(const struct sa_param *param) {
  return strncmp(param->name, "weight_memory.", strlen("weight_memory.")) == 0;
}

static void choose_ports(struct sa_config *config) {
  if (config->memory_ports) return;
  config->memory_ports = 1;
  for (size_t i = 0; i < SA_PARAMS; i++)
    if (is_weight_memory(&sa_params[i]) && sa_param_get(&sa_params[i], config)) config->memory_ports = 2;
}

static enum sa_status fill_default(struct sa_config *config, const struct sa_param *param,
                                   const struct sa_param **culprit, struct sa_error *error) {
  const char *preset = param->default_text;
  *culprit = param;
  if (strcmp(preset, SA_PARAM_REQUIRED) == 0) {
    char range[2 * SA_QUANTITY_CHARS + 32];
    return sa_fail(error, SA_ERR_INPUT, "%s is not given; it has no default (%s)", param->name,
                   sa_param_range(param, range, sizeof range));
  }
  if (preset[0] == '=') { /* a row further up, so filled already */
    sa_param_put(param, config, get(config, preset + 1));
    return SA_OK;
  }
  if (strcmp(preset, "automatic") == 0 || strcmp(preset, "unstated") == 0) return SA_OK;
  uint64_t value;
  const enum sa_status status = sa_param_parse(param, preset, &value, error);
  if (!status) sa_param_put(param, config, value);
  return status;
}

static enum sa_status fill_and_check_ranges(struct sa_config *config, const struct sa_param **culprit,
                                            struct sa_error *error) {
  for (size_t i = 0; i < SA_PARAMS; i++) {
    const struct sa_param *param = &sa_params[i];
    if (is_weight_memory(param) && config->memory_ports == 1) continue;
    const uint64_t value = sa_param_get(param, config);
    *culprit = param;
    const enum sa_status status = value ? sa_param_check(param, value, error)
                                        : fill_default(config, param, culprit, error);
    if (status) return status;
  }
  if (config->memory_ports == 1) config->port[1] = config->port[0];
  return SA_OK;
}

/* ---- Rules between parameters ---- */

static enum sa_status check_shift(const struct sa_config *config, const struct sa_param **culprit,
                                  struct sa_error *error) {
  if (config->weight_shift_rows <= config->array_rows) return SA_OK;
  blame(culprit, "array.weight_shift_rows");
  return sa_fail(error, SA_ERR_INPUT,
                 "array.weight_shift_rows is %" PRIu32 "; it must be at most array.rows, which is %" PRIu32,
                 config->weight_shift_rows, config->array_rows);
}

static enum sa_status check_port(const struct sa_config *config, unsigned port,
                                 const struct sa_param **culprit, struct sa_error *error) {
  static const char *const names[2][3] = {
      {"memory.width", "memory.burst", "memory.bandwidth"},
      {"weight_memory.width", "weight_memory.burst", "weight_memory.bandwidth"}};
  const struct sa_port_config *p = &config->port[port];
  char is[SA_QUANTITY_CHARS], limit[SA_QUANTITY_CHARS];
  if (p->burst_bytes < p->width_bytes) {
    blame(culprit, names[port][1]);
    return sa_fail(error, SA_ERR_INPUT, "%s is %s; it must be at least %s, which is %s", names[port][1],
                   sa_quantity_format(SA_DIM_BYTES, p->burst_bytes, is), names[port][0],
                   sa_quantity_format(SA_DIM_BYTES, p->width_bytes, limit));
  }
  const uint64_t most = p->width_bytes * config->clock_hz; /* below 2^47 by the ranges */
  if (p->bandwidth_bytes_per_s > most) {
    blame(culprit, names[port][2]);
    return sa_fail(error, SA_ERR_INPUT, "%s is %s; it must be at most %s x clock, which is %s",
                   names[port][2], sa_quantity_format(SA_DIM_RATE, p->bandwidth_bytes_per_s, is),
                   names[port][0], sa_quantity_format(SA_DIM_RATE, most, limit));
  }
  return SA_OK;
}

/* ---- Banks: size / banks is a power of two of at least two lines ---- */

static bool is_power_of_two(uint64_t x) { return x && (x & (x - 1)) == 0; }

static bool banks_legal(uint64_t size, uint64_t banks, uint64_t line) {
  return size % banks == 0 && is_power_of_two(size / banks) && size / banks >= 2 * line;
}

/* The largest legal count of at most `most`; 0 if none. */
static uint32_t most_banks(uint64_t size, uint32_t most, uint64_t line) {
  for (uint32_t banks = most; banks > 0; banks--)
    if (banks_legal(size, banks, line)) return banks;
  return 0;
}

/* The nearest sizes that a number of banks up to `most` can make: *below (0 if none) and *above. */
static void nearest_sizes(uint64_t size, uint32_t most, uint64_t line, uint64_t *below, uint64_t *above) {
  *below = 0;
  *above = UINT64_MAX;
  for (uint64_t banks = 1; banks <= most; banks++) {
    uint64_t bank = 2 * line;
    if (banks * bank <= size) {
      while (banks * bank * 2 <= size) bank *= 2;
      if (banks * bank > *below) *below = banks * bank;
      bank *= 2;
    }
    if (banks * bank < *above) *above = banks * bank;
  }
}

static enum sa_status refuse_size(const struct sa_config *config, uint32_t most,
                                  const struct sa_param **culprit, struct sa_error *error) {
  char is[SA_QUANTITY_CHARS], low[SA_QUANTITY_CHARS], high[SA_QUANTITY_CHARS], bank[SA_QUANTITY_CHARS];
  uint64_t below, above;
  nearest_sizes(config->buffer_bytes, most, config->line_bytes, &below, &above);
  blame(culprit, "unified_buffer.size");
  sa_quantity_format(SA_DIM_BYTES, config->buffer_bytes, is);
  sa_quantity_format(SA_DIM_BYTES, 2 * (uint64_t)config->line_bytes, bank);
  sa_quantity_format(SA_DIM_BYTES, above, high);
  if (below == 0)
    return sa_fail(error, SA_ERR_INPUT,
                   "unified_buffer.size is %s; it must be at least %s, two lines of this machine", is, high);
  return sa_fail(error, SA_ERR_INPUT,
                 "unified_buffer.size is %s; no number of banks up to %" PRIu32
                 " gives banks of a power of two of at least %s (nearest: %s and %s)",
                 is, most, bank, sa_quantity_format(SA_DIM_BYTES, below, low), high);
}

static enum sa_status refuse_banks(const struct sa_config *config, const struct sa_param **culprit,
                                   struct sa_error *error) {
  const uint32_t banks = config->buffer_banks;
  const uint32_t below = most_banks(config->buffer_bytes, banks - 1, config->line_bytes);
  uint32_t above = banks + 1;
  while (above <= BANKS_MAX && !banks_legal(config->buffer_bytes, above, config->line_bytes)) above++;
  char nearest[64] = "", is[SA_QUANTITY_CHARS], bank[SA_QUANTITY_CHARS];
  if (below && above <= BANKS_MAX)
    snprintf(nearest, sizeof nearest, "%" PRIu32 " and %" PRIu32, below, above);
  else
    snprintf(nearest, sizeof nearest, "%" PRIu32, below ? below : above);
  blame(culprit, "unified_buffer.banks");
  return sa_fail(error, SA_ERR_INPUT,
                 "unified_buffer.banks is %" PRIu32 "; %s / banks must be a power of two of at least %s"
                 " (nearest: %s)",
                 banks, sa_quantity_format(SA_DIM_BYTES, config->buffer_bytes, is),
                 sa_quantity_format(SA_DIM_BYTES, 2 * (uint64_t)config->line_bytes, bank), nearest);
}

/* Chosen: the largest legal count up to 24, since more banks let more instructions overlap; sizes of
 * 2^n, 3 x 2^n ... 11 x 2^n give 8 or more. */
static enum sa_status set_banks(struct sa_config *config, const struct sa_param **culprit,
                                struct sa_error *error) {
  const uint64_t size = config->buffer_bytes, line = config->line_bytes;
  if (config->buffer_banks == 0) {
    config->buffer_banks = most_banks(size, AUTOMATIC_BANKS_MAX, line);
    if (config->buffer_banks == 0) return refuse_size(config, AUTOMATIC_BANKS_MAX, culprit, error);
  } else if (!banks_legal(size, config->buffer_banks, line)) {
    if (most_banks(size, BANKS_MAX, line) == 0) return refuse_size(config, BANKS_MAX, culprit, error);
    return refuse_banks(config, culprit, error);
  }
  config->bank_bytes = size / config->buffer_banks;
  return SA_OK;
}

/* ---- Derived ---- */

static uint32_t largest(uint32_t a, uint32_t b) { return a > b ? a : b; }

/* Smallest power of two that is at least x. */
static uint32_t power_of_two_above(uint32_t x) {
  uint32_t power = 1;
  while (power < x) power *= 2;
  return power;
}

static uint64_t greatest_common_divisor(uint64_t a, uint64_t b) {
  while (b) {
    const uint64_t rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

static void derive(struct sa_config *config) {
  const uint32_t array = largest(LINE_MIN_BYTES, largest(config->array_rows, config->array_cols));
  const uint32_t line = largest(array, largest(config->vector_lanes, config->port[0].width_bytes));
  config->line_bytes = power_of_two_above(line);
  config->weight_line_bytes =
      power_of_two_above(largest(array, config->port[config->memory_ports - 1].width_bytes));
  config->shift_cycles =
      (config->array_rows + config->weight_shift_rows - 1) / config->weight_shift_rows;
  config->release_cycles = largest(config->array_rows, config->array_cols);
  config->matmul_latency =
      SA_LAT_UB_READ + config->array_rows + config->array_cols - 1 + SA_LAT_ACC_UPDATE;
  for (unsigned i = 0; i < 2; i++) {
    const uint64_t bandwidth = config->port[i].bandwidth_bytes_per_s;
    const uint64_t divisor = greatest_common_divisor(bandwidth, config->clock_hz);
    config->bw_num[i] = bandwidth / divisor;
    config->bw_den[i] = config->clock_hz / divisor;
  }
}

enum sa_status sa_config_finish_blaming(struct sa_config *config, const struct sa_param **culprit,
                                        struct sa_error *error) {
  struct sa_config fresh = *config;
  *culprit = NULL;
  choose_ports(&fresh);
  enum sa_status status = fill_and_check_ranges(&fresh, culprit, error);
  if (!status) status = check_shift(&fresh, culprit, error);
  for (unsigned port = 0; !status && port < fresh.memory_ports; port++)
    status = check_port(&fresh, port, culprit, error);
  if (status) return status;
  derive(&fresh);
  status = set_banks(&fresh, culprit, error);
  if (!status) *config = fresh;
  return status;
}

enum sa_status sa_config_finish(struct sa_config *config, struct sa_error *error) {
  const struct sa_param *culprit;
  return sa_config_finish_blaming(config, &culprit, error);
}

uint64_t sa_config_accumulator_bank_bytes(const struct sa_config *config) {
  return (uint64_t)config->accumulator_rows * config->array_cols * sizeof(int32_t);
}

uint64_t sa_config_fifo_bytes(const struct sa_config *config) {
  return (uint64_t)config->weight_fifo_tiles * config->array_rows * config->array_cols;
}

uint64_t sa_config_sram_bytes(const struct sa_config *config) {
  return config->buffer_bytes + 2 * sa_config_accumulator_bank_bytes(config) +
         sa_config_fifo_bytes(config);
}
