/* What the parts of the mapper share. First every operation is planned: places in the buffer (plan.c,
 * place.c), tiles and order (choose.c), DRAM addresses (layout.c); then the program is emitted operation
 * by operation (walk.c): data in and out (operand.c) and the work (gemm.c, vecops.c, cell.c). */
#ifndef SA_MAP_MAPPER_H
#define SA_MAP_MAPPER_H
#include "map/emit.h"
#include "map/map.h"
#include "map/place.h"

/* Part of a tensor: images, rows, columns, channels. Rows and columns may lie in the halo. */
struct sa_box {
  uint32_t image, images;
  int64_t row, col;
  uint32_t rows, cols;
  uint32_t channel, channels;
};

/* Part of an operation's result without channels: a tile of M. ATTENTION: row = head. UPSAMPLE: in the
 * coordinates of its input. */
struct sa_tile { uint32_t image, images, row, rows, col, cols; };

/* Where a box lies in the buffer: address of its first byte, pitches. */
struct sa_view {
  int64_t origin, image, row, pixel;
  uint32_t region;
  uint32_t tensor; /* resident tensor, or SA_NONE: a staged box, complete after LOAD event `ready` */
  uint32_t ready;
};

/* A tensor while the program is written. Lines are rows of all images (of tensors with h = 1: columns),
 * parts are ranges of channels. */
struct sa_tensor_state {
  uint32_t region;                /* SA_NONE: not in the buffer */
  int64_t origin, image, row;     /* address of element (0, 0, 0, 0) and pitches; pixels are c bytes */
  uint32_t lines, parts, part_channels;
  uint32_t *written;              /* [lines][parts] event of the last write, LOAD or VECTOR_DONE */
  uint32_t *stored;               /* [lines] STORE event */
  bool by_load;                   /* written by LOAD */
  uint32_t filled;                /* LOAD event of the halo */
  uint32_t requested;             /* of an input: rows of all images whose LOAD is emitted */
  uint32_t last_load;             /* last LOAD from DRAM (of all parts of a batch: at the first) */
  uint32_t part_stored;           /* last STORE to the end of a part (at the first) */
};

/* An input of an op, or its result. Streamed ones are staged tile by tile in one or two slots. */
struct sa_operand {
  struct sa_ref ref;
  bool streamed;
  uint32_t slots;
  uint32_t region[2];
  /* while emitting */
  struct sa_box held[2];
  bool full[2];
  uint32_t ready[2];
  uint32_t next;
};

enum { SA_OPERAND_A, SA_OPERAND_B, SA_OPERAND_RESIDUAL, SA_OPERAND_OUT, SA_OPERANDS };

struct sa_op_plan {
  struct sa_operand operands[SA_OPERANDS];
  bool joined;                    /* runs between the tiles of the op before, as its results come */
  bool in_place;                  /* the result is written over operand A */
  uint32_t phase;                 /* first op of the chain of joined ones: the unit of lifetimes */
  struct sa_tile whole, tile;     /* all that the tiles cover; sizes of one */
  uint32_t n_block;               /* tiles of N that a tile of M goes through before the next one */
  uint32_t param_region;
  uint32_t param_slots;           /* slots of one tile of N; 0: the op's whole block */
  uint32_t table_region, table_count;
  uint32_t tables[2];             /* in table_region, 256 bytes each: index into table_addr */
  uint32_t scratch_region;        /* LSTM, pools by columns */
  /* while emitting */
  struct sa_tile now;             /* tile to be done next, its first tile of N, channels of that block */
  uint32_t block, block_first, block_channels;
  bool done;
  uint32_t lines_done;            /* lines of its result that are complete, all images in order */
  uint32_t param_held[2], param_ready[2], param_next;
  uint32_t table_ready;
};

enum { SA_MOST_TAIL = 2 };

struct sa_mapper {
  const struct sa_config *config;
  const struct sa_net *net;
  const struct sa_map_options *options;
  struct sa_mapping *mapping;
  const struct sa_graph *graph;
  struct sa_error *error;
  struct sa_repeat repeat;           /* repetitions that get blocks of their own; count 0: none */
  uint32_t kept;                     /* of them in the graph: the first ones and the last */
  uint32_t tail;                     /* of these, at the end, that may differ from the model (repeat.c) */
  uint64_t repeat_bytes;             /* DRAM of one; the kept ones lie side by side from address 0 on */
  uint32_t model_pieces;             /* blocks that are called for a repetition that is left out */
  uint32_t shared_piece;             /* those from here on end the repetition before the model too */
  uint32_t *tail_blocks;             /* those that are called for the last ones, one after the other: */
  size_t tail_block_count, tail_block_capacity;
  size_t tail_first[SA_MOST_TAIL + 1]; /* of each, and behind the last */
  /* plan */
  struct sa_places places;
  struct sa_op_plan *plans;          /* [op_count] */
  struct sa_tensor_state *tensors;   /* [tensor_count] */
  bool prefetch;                     /* parameters, tables, inputs have their place one op early */
  bool overwrite;                    /* results take dead operands' places */
  bool *apart;                       /* [op_count] not joined, for want of space */
  bool *frugal;                      /* [op_count] parameters in one slot: the last resort */
  /* emission */
  uint32_t *event_pool;
  struct sa_emitter emitter;
  uint32_t *ghosts;                  /* active regions that later ones may overlap */
  uint32_t ghost_count, next_region;
  uint32_t *fold_order;              /* of the current tile of M; [most folds of any op] */
  struct sa_stamp *fold_wait;
  uint32_t acc_read[2][2];           /* [bank][half] last VECTOR_READ of its rows */
  uint32_t acc_turn;
  uint64_t active_tile;              /* names the tile in the array; 0: none worth keeping */
  uint32_t params_op, params_tile;   /* whose parameters VECTOR holds */
  uint32_t table_held[3];            /* what VECTOR's tables hold: index into table_addr, or SA_NONE */
};

static inline uint32_t sa_ceil_div(uint32_t a, uint32_t b) { return a / b + (a % b ? 1 : 0); }
static inline uint64_t sa_round_up(uint64_t a, uint64_t b) { return (a + b - 1) / b * b; }

/* ---- plan.c ---- */
/* Places every tensor and chooses tiles; fills plans, tensors, mapping->ops and mapping->tensors. */
enum sa_status sa_plan(struct sa_mapper *m) SA_CHECKED;

/* ---- join.c ---- */
/* Decides which ops are joined to the one before, from what is resident. */
void sa_join_ops(struct sa_mapper *m);
/* Notes that an op has done a tile (all its columns). */
void sa_join_done(struct sa_mapper *m, uint32_t op, const struct sa_tile *t);
/* Whether all that a tile of a joined op reads from its chain is written. */
bool sa_join_ready(const struct sa_mapper *m, uint32_t op, const struct sa_tile *t);

/* ---- groups.c ---- */
/* Makes wider groups of a graph's narrow ones where that takes less time. */
void sa_merge_groups(const struct sa_config *config, struct sa_graph *graph);

/* ---- slices.c ---- */
/* Makes several pools of some channels each of those whose window would find no room. */
enum sa_status sa_slice_pools(const struct sa_config *config, struct sa_graph *graph, struct sa_error *error) SA_CHECKED;

/* ---- folds.c ---- */
/* Channels of one tile of N: [n_first, n_first + n_used) of the op's output, fed by the op's input
 * channels from a_channel on. */
struct sa_n_tile { uint32_t n_first, n_used, a_channel; };
/* Folds and tiles of N of a GEMM, from the pitches that its input will have. */
enum sa_status sa_fold_gemm(struct sa_mapper *m, uint32_t op) SA_CHECKED;
/* The same for one head of an ATTENTION. */
enum sa_status sa_fold_attention(struct sa_mapper *m, uint32_t op) SA_CHECKED;
/* The two runs of the reduction of an LSTM or GRU: features, hidden. Tiles of N per gate. */
enum sa_status sa_fold_lstm(struct sa_mapper *m, uint32_t op) SA_CHECKED;
struct sa_n_tile sa_n_tile(const struct sa_config *config, const struct sa_op *op, uint32_t index);

/* ---- box.c ---- */
/* Part of operand k that a tile needs (of a GEMM's result: the current block of tiles of N). */
struct sa_box sa_operand_box(const struct sa_mapper *m, uint32_t op, uint32_t k, const struct sa_tile *t);

/* ---- tiles.c ---- */
/* A candidate: size of the tiles of M, and how many tiles of N each goes through before the next. */
struct sa_choice { struct sa_tile size; uint32_t n_block; };
enum { SA_MAX_CHOICES = 512 };
/* Returns their number, at least 1. */
uint32_t sa_list_choices(const struct sa_mapper *m, uint32_t op, struct sa_choice list[SA_MAX_CHOICES]);
/* Bytes of the largest box of operand k. */
uint64_t sa_slot_bytes(const struct sa_mapper *m, uint32_t op, uint32_t k, const struct sa_choice *c);

/* ---- cost.c ---- */
/* Estimated cycles; the terms go to *terms. */
uint64_t sa_cost(const struct sa_mapper *m, uint32_t op, const struct sa_choice *c, struct sa_op_map *terms);
uint32_t sa_count_tiles(const struct sa_tile *all, const struct sa_tile *size);

/* ---- choose.c ---- */
/* Chooses tiles and order and allocates the staging. False if none fits; *smallest is then the least staging
 * that would do, in bytes. */
bool sa_choose(struct sa_mapper *m, uint32_t op, uint64_t *smallest);

static inline bool sa_op_on_array(const struct sa_op *op) {
  return op->kind == SA_KIND_GEMM || op->kind == SA_KIND_ATTENTION || op->kind == SA_KIND_LSTM;
}
static inline bool sa_op_reduces(const struct sa_op *op) {
  return op->kind == SA_KIND_SOFTMAX || op->kind == SA_KIND_NORM;
}

/* ---- repeat.c ---- */
/* Repetition that an op, or a layer, of the (shortened) graph belongs to; SA_NONE: none. */
uint32_t sa_repeat_of_op(const struct sa_mapper *m, uint32_t op);
uint32_t sa_repeat_of_layer(const struct sa_mapper *m, uint32_t layer);
/* What corresponds to an op, or a tensor, in the repetition before its own; SA_NONE: nothing. */
uint32_t sa_repeat_earlier_op(const struct sa_mapper *m, uint32_t op);
uint32_t sa_repeat_earlier_tensor(const struct sa_mapper *m, uint32_t tensor);
/* Where repetitions are cut: at the first op of each, counted from its beginning, that begins a chain in all.
 * SA_NONE: nowhere. */
uint32_t sa_repeat_cut(const struct sa_mapper *m);
/* Begins the block of the program of repetition k. */
void sa_repeat_begin(struct sa_mapper *m, uint32_t k);
/* Whether, as the last one begins, those kept are known not to be alike. */
bool sa_repeat_unlike(const struct sa_mapper *m);
/* If repetitions are left out, makes blocks of the program that the calls for them can share; *alike is false if
 * those kept are not alike. */
enum sa_status sa_repeat_settle(struct sa_mapper *m, bool *alike) SA_CHECKED;
/* The most tokens that any counter holds. */
uint32_t sa_repeat_peak_tokens(const struct sa_mapper *m);
/* Adds the calls. */
enum sa_status sa_repeat_calls(struct sa_mapper *m) SA_CHECKED;
/* Makes the mapping of a shortened graph one of the whole graph, which it takes over. */
enum sa_status sa_repeat_expand(struct sa_mapper *m, struct sa_graph *whole) SA_CHECKED;

/* ---- layout.c ---- */
/* Bytes of an op's parameters: eight planes per tile of N; NORM: gamma and beta; 0: none. */
uint64_t sa_param_bytes(const struct sa_mapper *m, uint32_t op);
/* Addresses of weights, parameters, tables and tensors in DRAM. */
enum sa_status sa_layout(struct sa_mapper *m) SA_CHECKED;

/* Address in DRAM of an element of a tensor that lies there. What is appended to a cache lies in the cache, at
 * the end of each head. */
uint64_t sa_dram_address(const struct sa_mapping *mapping, uint32_t tensor, uint64_t image, uint64_t row,
                         uint64_t col, uint64_t channel);

/* ---- operand.c ---- */
/* Accesses buffer bytes [first, end) of a region with the unit's next instruction: adds what it must
 * wait for and notes the use. Writers wait for the region's earlier users. */
void sa_region_read(struct sa_mapper *m, uint32_t region, enum sa_unit unit, int64_t first, int64_t end,
                    struct sa_stamp *wait);
void sa_region_write(struct sa_mapper *m, uint32_t region, enum sa_unit unit, int64_t first,
                     int64_t end, struct sa_stamp *wait);
/* From now on writers of the region also wait for its uses so far. */
void sa_region_recycle(struct sa_mapper *m, uint32_t region);
/* Regions whose life begins with op. */
void sa_regions_activate(struct sa_mapper *m, uint32_t op);
/* Zero halo of a resident tensor. */
void sa_tensor_fill_halo(struct sa_mapper *m, uint32_t tensor);
/* Brings a box of an operand into the buffer if it is not there yet. */
void sa_operand_fetch(struct sa_mapper *m, struct sa_operand *operand, const struct sa_box *box);
/* Where a fetched box, or the box of a result about to be written, lies. */
struct sa_view sa_operand_view(struct sa_mapper *m, const struct sa_operand *operand,
                               const struct sa_box *box);
/* Prepares a staged slot for a result's box. */
void sa_operand_begin(struct sa_mapper *m, struct sa_operand *out, const struct sa_box *box);
/* Stores a result's box if it is wanted in DRAM. */
void sa_operand_store(struct sa_mapper *m, struct sa_operand *out, const struct sa_box *box);
/* What must have happened before a part of a viewed box can be read. */
void sa_view_wait(const struct sa_mapper *m, const struct sa_view *view, const struct sa_box *part,
                  struct sa_stamp *wait);
/* Notes that VECTOR's instruction seq wrote a part of a result. */
void sa_view_written(struct sa_mapper *m, const struct sa_view *view, const struct sa_box *part,
                     uint32_t seq);
/* LOAD from DRAM of rows that are not part of a tensor: parameters, tables. Returns its number. */
uint32_t sa_load_bytes(struct sa_mapper *m, uint32_t region, uint64_t offset, uint64_t dram,
                       uint64_t bytes, enum sa_class tensor_class);

/* ---- walk.c ---- */
/* Writes the program, unless repetitions are left out and those kept are not alike. */
enum sa_status sa_emit_program(struct sa_mapper *m, bool *alike) SA_CHECKED;
/* Buffer address of the parameters of channels [n_first, n_first + n_used), tile n_tile of an op, loaded;
 * *ready: their LOAD event. */
uint32_t sa_params_address(struct sa_mapper *m, uint32_t op, uint32_t n_tile, uint32_t n_first,
                           uint32_t n_used, uint32_t *ready);
/* Has VECTOR hold a table (index into table_addr); waits and VTABLE as needed. */
void sa_use_table(struct sa_mapper *m, uint32_t op, uint32_t table);

/* ---- drain.c ---- */
/* What VACC does with a group's sums. */
struct sa_drain {
  uint32_t op, n_tile, n_first, n_used; /* n_first: where its parameters begin in the op's */
  uint32_t images, rows, cols;
  uint32_t bank, acc_row;
  uint32_t matmul_done;                 /* event of the group's last MATMUL */
  enum sa_activation activation;
  struct sa_view out;                   /* of the group's first element */
  const struct sa_view *residual;       /* null, or of the group's first element */
  struct sa_box residual_box;
};
/* Emits the VACCs and returns the last one's number. */
uint32_t sa_drain_group(struct sa_mapper *m, const struct sa_drain *d);

/* ---- gemm.c ---- */
/* Accumulator rows of one group. */
struct sa_slot { uint32_t bank, row, first_half, last_half; };
/* The next slot for a group of `rows`; single: one fold, never read back by MATMUL. */
struct sa_slot sa_slot_next(struct sa_mapper *m, uint32_t rows, bool single);
/* The group's VACC number. */
void sa_slot_drained(struct sa_mapper *m, const struct sa_slot *slot, uint32_t seq);
/* One fold of a group: rows at three levels of pitches from `address` on. */
struct sa_fold_rows {
  uint32_t region;
  int64_t address;
  uint32_t n0, n1, n2;
  int64_t s0, s1, s2;
  uint32_t k_used;
};
/* Its MATMUL; position: 0 for the group's first fold. Returns its number. */
uint32_t sa_stream_fold(struct sa_mapper *m, const struct sa_fold_rows *s, const struct sa_slot *slot,
                        uint32_t position, bool next_tile, struct sa_stamp *wait);
/* WLOAD from DRAM. */
void sa_fetch_tile(struct sa_mapper *m, uint64_t address, uint32_t k, uint32_t n, bool diagonal);
/* Order and waits of a GEMM's folds over a tile of M whose operands are fetched. */
void sa_gemm_begin(struct sa_mapper *m, uint32_t op, const struct sa_tile *t);
/* One tile of N of it. */
void sa_gemm_group(struct sa_mapper *m, uint32_t op, const struct sa_tile *t, uint32_t n_tile);

/* ---- attention.c, vecops.c, pool.c, cell.c: one tile of an op whose operands are fetched ---- */
void sa_attention_tile(struct sa_mapper *m, uint32_t op, const struct sa_tile *t);
void sa_vector_tile(struct sa_mapper *m, uint32_t op, const struct sa_tile *t);
/* Steps of VECTOR for a pool's tile; by_columns: in two steps, with a scratch region. */
uint64_t sa_pool_steps(const struct sa_mapper *m, uint32_t op, const struct sa_tile *size, bool *by_columns);
/* Bytes of that region; 0: whole windows are better. */
uint64_t sa_pool_scratch_bytes(const struct sa_mapper *m, uint32_t op, const struct sa_tile *size);
/* A whole LSTM or GRU, step by step. */
void sa_cell(struct sa_mapper *m, uint32_t op);
/* Bytes of buffer that it keeps besides its tensors. */
uint64_t sa_cell_scratch_bytes(const struct sa_mapper *m, uint32_t op);
#endif
