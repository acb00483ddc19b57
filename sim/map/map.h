/* The mapper: decides where every tensor lives, in which tiles and order every operation runs, and
 * writes the program. It alone makes a schedule; engines see instructions only. docs/mapper.md. */
#ifndef SA_MAP_MAP_H
#define SA_MAP_MAP_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/memory.h"
#include "lower/lower.h"
#include "machine/config.h"
#include "net/net.h"
#include "program/program.h"

enum sa_order {
  SA_ORDER_AUTO,    /* option only: the mapper chooses */
  SA_ORDER_M_OUTER, /* for each tile of M: all N; weights are fetched again for every tile of M */
  SA_ORDER_N_OUTER  /* for each tile of N, or block of them: all M; a single fold stays for all M */
};

/* What a user fixes for one layer; zeros leave the choice to the mapper. Sizes are of the output and
 * are reduced to what the accumulators and the buffer hold. */
struct sa_map_override {
  uint32_t layer;
  uint32_t images, rows, cols;
  enum sa_order order;
  uint32_t choice; /* from 1: this one of the candidates that the above leave (sa_op_map.candidates says how many) */
};

struct sa_map_options {
  bool store_all; /* also store every layer's output, so that all tensors can be compared */
  /* Map every repetition of a repeated block, instead of a few and the others like these. The program is
   * the same, its blocks aren't shared. */
  bool every_block;
  const struct sa_map_override *overrides;
  size_t override_count;
};

/* Bytes of B fetched into PE rows in one residency: k_used of the reduction from k_first on. The first
 * byte lies at kernel row ky, tap kx, byte `byte` behind it. */
struct sa_fold {
  uint32_t k_first, k_used;
  uint32_t ky, kx, byte;
};

/* How one operation was mapped; for the image, reports and `systole explain`. */
struct sa_op_map {
  uint32_t images, rows, cols;    /* tile of M: whole images, else rows of one image, else part of a row */
  uint32_t m_tiles, n_tiles;      /* n_tiles over all groups */
  enum sa_order order;
  uint32_t n_block;               /* tiles of N that a tile of M goes through before the next one */
  bool depthwise;
  bool streams_in, streams_out;   /* an operand / the result lives in DRAM */
  uint32_t fold_count;
  struct sa_fold *folds;          /* owned; of one tile of N */
  uint64_t *tile_addr;            /* owned; [n_tiles][fold_count] DRAM addresses of the weights, */
  uint64_t tile_base;             /* relative to this */
  uint64_t tiles_end;             /* and where the last one ends */
  bool borrowed;                  /* folds and tile_addr are those of another repetition of the block */
  uint64_t weight_bytes;          /* all tiles */
  uint64_t param_addr, param_bytes;
  /* estimate that decided, cycles */
  uint64_t array_cycles, weight_cycles, vector_cycles, memory_cycles, tail_cycles;
  uint32_t candidates;            /* compared */
};

/* DRAM address of a tile of weights. */
static inline uint64_t sa_tile_address(const struct sa_op_map *map, uint32_t n_tile, uint32_t fold) {
  return map->tile_base + map->tile_addr[(size_t)n_tile * map->fold_count + fold];
}

/* Where a tensor lives. */
struct sa_tensor_map {
  bool resident;                  /* in the buffer from its first to its last use */
  uint32_t ub_addr, ub_bytes;     /* halo included */
  bool in_dram;
  uint64_t dram_addr, dram_bytes; /* dense NHWC */
};

/* DRAM tables of VECTOR: activation tables by enum sa_activation, then exp low, exp high. */
#define SA_TABLE_EXP (SA_ACT_SWISH + 1)
#define SA_TABLE_COUNT (SA_TABLE_EXP + 2)

struct sa_mapping {
  struct sa_graph graph;
  struct sa_program program;
  struct sa_op_map *ops;          /* owned; [graph.op_count] */
  struct sa_tensor_map *tensors;  /* owned; [graph.tensor_count] */
  uint64_t table_addr[SA_TABLE_COUNT];
  bool table_used[SA_TABLE_COUNT];
  uint64_t dram_bytes;            /* used in all */
  uint64_t buffer_peak_bytes;     /* most that was taken at once */
  struct sa_repeat repeat;        /* whose repetitions are calls of their own; count 0: none */
  bool expanded;                  /* most of which were not mapped one by one */
};

void sa_mapping_init(struct sa_mapping *mapping);
void sa_mapping_release(struct sa_mapping *mapping);

/* Maps a finished network to a machine. options may be null. SA_ERR_LIMIT: the unified buffer is too
 * small for some layer; the message names it and the smallest size that would do. */
enum sa_status sa_map(const struct sa_config *config, const struct sa_net *net,
                      const struct sa_map_options *options, struct sa_mapping *mapping,
                      struct sa_error *error) SA_CHECKED;

/* Writes weights, parameters, tables and inputs into the memory, seeded (net/quant.h). */
enum sa_status sa_map_image(const struct sa_config *config, const struct sa_net *net,
                            const struct sa_mapping *mapping, uint64_t seed, struct sa_memory *memory,
                            struct sa_error *error) SA_CHECKED;

/* Whether a layer's output is in DRAM after a run, and its elements in NHWC order. */
bool sa_map_has_output(const struct sa_mapping *mapping, uint32_t layer);
void sa_map_read_output(const struct sa_mapping *mapping, const struct sa_memory *memory,
                        uint32_t layer, int8_t *out);
#endif
