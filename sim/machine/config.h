/* One machine's parameters, as read from a config file (models/arch/NAME.yaml) and checked.
 * params.def is the table from which reading, defaults, ranges, `systole params`, the sweep's
 * parameter names and the RTL's parameters are made. All sizes in bytes, all times in array cycles. */
#ifndef SA_MACHINE_CONFIG_H
#define SA_MACHINE_CONFIG_H
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"
#ifdef __cplusplus
extern "C" {
#endif

/* LOAD..VECTOR number the units, their queues, and the bits of give masks. */
enum sa_unit { SA_LOAD, SA_STORE, SA_WLOAD, SA_MATMUL, SA_VECTOR, SA_UNITS };

/* One memory port. */
struct sa_port_config {
  uint32_t width_bytes;           /* W: bytes per beat, a power of two, 1..1024 */
  uint32_t burst_bytes;           /* B: a power of two, W..4096 */
  uint32_t outstanding_bursts;    /* credits of each requester, 1..256 */
  uint32_t latency_cycles;        /* 1..65535 */
  uint64_t bandwidth_bytes_per_s; /* at most W * clock */
};

/* Type of weights and activations. Others have a place in the schema, not in the engines. */
enum sa_data_type { SA_DATA_INT8 = 1 };

/* Until sa_config_finish, 0 in a parameter means "not given": it then gets its default, or is
 * refused if it has none. `struct sa_config config = {0}` is the empty config. */
struct sa_config {
  char name[64];                 /* of the config, for reports */
  uint64_t clock_hz;
  uint32_t array_rows;           /* R, 1..512 */
  uint32_t array_cols;           /* C, 1..512 */
  uint32_t weight_buffers;       /* 1 or 2 */
  uint32_t weight_shift_rows;    /* p, 1..R */
  uint64_t buffer_bytes;         /* unified buffer */
  uint32_t buffer_banks;         /* buffer_bytes / banks is a power of two >= 2 L */
  uint32_t accumulator_rows;     /* of each of the two banks, 1..65536 */
  uint32_t weight_fifo_tiles;    /* 1..64 */
  uint32_t vector_lanes;         /* 1..512, default C */
  uint32_t queue_depth[SA_UNITS];/* 1..256 each */
  uint32_t memory_ports;         /* 1: all on port[0]; 2: weights on port[1] */
  struct sa_port_config port[2]; /* port[1] equals port[0] if memory_ports is 1 */
  uint64_t dram_bytes;           /* capacity, 0 = not stated (exceeding it is a warning) */
  uint32_t data_type;            /* enum sa_data_type */
  /* derived by sa_config_finish */
  uint32_t line_bytes;           /* L */
  uint32_t weight_line_bytes;    /* LW */
  uint64_t bank_bytes;
  uint32_t shift_cycles;         /* S */
  uint32_t release_cycles;       /* D */
  uint32_t matmul_latency;       /* MM_LATENCY */
  uint64_t bw_num[2], bw_den[2]; /* bytes per cycle of each port, reduced */
};

/* Fills defaults and derived fields and checks every range and rule. The message names the parameter.
 * A finished config stays as it is. For a sweep keep the unfinished one: copy, set, finish; else what
 * was automatic (banks, lanes) keeps the value it got first. */
enum sa_status sa_config_finish(struct sa_config *config, struct sa_error *error) SA_CHECKED;

/* Sets one parameter of an unfinished config from text: ("array.rows", "64"), range checked. */
enum sa_status sa_config_set(struct sa_config *config, const char *name, const char *value,
                             struct sa_error *error) SA_CHECKED;
/* The same from one text "array.rows=64". */
enum sa_status sa_config_assign(struct sa_config *config, const char *assignment,
                                struct sa_error *error) SA_CHECKED;

/* Reads a config file or a preset ("tpu-v1": models/arch/tpu-v1.yaml, see base/models.h), applies the
 * assignments in order, finishes. Messages about a value in the file carry its line and column. */
enum sa_status sa_config_load(const char *name_or_path, const char *const *assignments, size_t count,
                              struct sa_config *config, struct sa_error *error) SA_CHECKED;
/* The same without finishing: for sweeps. */
enum sa_status sa_config_read(const char *name_or_path, struct sa_config *config,
                              struct sa_error *error) SA_CHECKED;
/* The same from text in memory; `name` stands for the file. */
enum sa_status sa_config_parse(const char *name, const char *text, size_t bytes,
                               struct sa_config *config, struct sa_error *error) SA_CHECKED;

/* Writes a finished config as a file that sa_config_load reads back to the same machine. Errors stay
 * in the stream. */
void sa_config_write(const struct sa_config *config, FILE *file);

/* On-chip memory of a finished config: of one accumulator bank, of the weight FIFO, of all with the
 * unified buffer. */
uint64_t sa_config_accumulator_bank_bytes(const struct sa_config *config);
uint64_t sa_config_fifo_bytes(const struct sa_config *config);
uint64_t sa_config_sram_bytes(const struct sa_config *config);

/* Index of the port that serves a unit (LOAD, STORE, WLOAD). */
static inline uint32_t sa_config_port_of(const struct sa_config *config, enum sa_unit unit) {
  return unit == SA_WLOAD && config->memory_ports == 2 ? 1u : 0u;
}
#ifdef __cplusplus
}
#endif
#endif
