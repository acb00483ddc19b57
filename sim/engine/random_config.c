/* Random machines; see random.h. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "engine/random.h"

static uint32_t between(struct sa_rng *rng, uint32_t first, uint32_t last) {
  return (uint32_t)sa_rng_range(rng, first, last);
}

static bool chance(struct sa_rng *rng, uint32_t percent) { return sa_rng_below(rng, 100) < percent; }

static uint32_t power_of_two(struct sa_rng *rng, uint32_t first_log, uint32_t last_log) {
  return 1u << between(rng, first_log, last_log);
}

/* Small sizes often, up to `most` sometimes. */
static uint32_t small(struct sa_rng *rng, uint32_t most) {
  return chance(rng, 40) ? between(rng, 1, most < 4 ? most : 4) : between(rng, 1, most);
}

static void draw_port(struct sa_rng *rng, uint64_t clock_hz, struct sa_port_config *port) {
  const uint64_t most = clock_hz * port->width_bytes;
  port->burst_bytes = port->width_bytes << between(rng, 0, 4);
  if (port->burst_bytes > 4096) port->burst_bytes = 4096;
  port->outstanding_bursts = small(rng, 8);
  port->latency_cycles = chance(rng, 30) ? between(rng, 1, 4) : between(rng, 1, 60);
  port->bandwidth_bytes_per_s = chance(rng, 30) ? most : sa_rng_range(rng, most / 20 + 1, most);
}

void sa_random_timing(struct sa_rng *rng, struct sa_config *config) {
  for (uint32_t i = 0; i < config->memory_ports; i++) draw_port(rng, config->clock_hz, &config->port[i]);
  struct sa_error error;
  const enum sa_status status = sa_config_finish(config, &error);
  assert(status == SA_OK);
  (void)status;
}

void sa_random_config(struct sa_rng *rng, struct sa_config *config) {
  memset(config, 0, sizeof *config);
  snprintf(config->name, sizeof config->name, "random");
  config->clock_hz = between(rng, 1000, 2000);
  config->array_rows = small(rng, 24);
  config->array_cols = chance(rng, 20) ? config->array_rows : small(rng, 24);
  config->weight_buffers = chance(rng, 35) ? 1 : 2;
  config->weight_shift_rows = chance(rng, 50) ? 1 : between(rng, 1, config->array_rows);
  config->vector_lanes = chance(rng, 40) ? config->array_cols : small(rng, 24);
  config->memory_ports = between(rng, 1, 2);
  for (int i = 0; i < 2; i++) config->port[i].width_bytes = power_of_two(rng, 0, 5);
  const uint32_t line = 32; /* of the widest port; arrays and lanes are smaller */
  config->buffer_banks = chance(rng, 15) ? 1 : between(rng, 2, 12);
  config->buffer_bytes = (uint64_t)config->buffer_banks * 2 * line * power_of_two(rng, 0, 3);
  config->accumulator_rows = small(rng, 48);
  config->weight_fifo_tiles = small(rng, 5);
  for (int unit = 0; unit < SA_UNITS; unit++) config->queue_depth[unit] = small(rng, 8);
  sa_random_timing(rng, config);
}
