/* What LSTMs, GRUs and plain RNNs share: gates from [x, h] into a scratch region and element-wise steps on it, step after
 * step. x is multiplied first, so that the array works while h of the step before is finished. */
#ifndef SA_MAP_CELL_H
#define SA_MAP_CELL_H
#include "map/mapper.h"

#define SA_CELL_PARTS 7 /* at most, of the scratch: gates and intermediate results */

/* One layer at work on some images of the batch. */
struct sa_cell {
  struct sa_mapper *m;
  uint32_t index, step, image, images;
  const struct sa_op *op;
  uint32_t hidden, batch;
  uint32_t written[SA_CELL_PARTS]; /* VECTOR's event of the last write to a part */
};

/* An operand of an element-wise step: a view, and the VECTOR event that wrote it. */
struct sa_cell_value { struct sa_view view; uint32_t written; };

/* A part of the scratch, images x hidden bytes, as the last step left it. */
struct sa_cell_value sa_cell_part(const struct sa_cell *cell, int part);
/* h of the step before; not for the first. */
struct sa_cell_value sa_cell_state(struct sa_cell *cell);
/* Gate `which` of the op's into the part of that number. hidden: what is multiplied with the state's weights,
 * null for the state itself; nothing is in the first step. */
void sa_cell_gate(struct sa_cell *cell, int which, enum sa_activation activation,
                  const struct sa_cell_value *hidden);
/* One VECTOR operation over images x hidden into d; b may be null; scale_b: of VADD's b. Returns its number. */
uint32_t sa_cell_step(struct sa_cell *cell, uint8_t opcode, const struct sa_cell_value *a,
                      const struct sa_cell_value *b, const struct sa_view *d, uint32_t scale, uint32_t scale_b,
                      bool tanh_table);
/* The same from part to part. */
void sa_cell_combine(struct sa_cell *cell, uint8_t opcode, int a, int b, int to, uint32_t scale, uint32_t scale_b);
/* The last operation of a step: its result is h. */
void sa_cell_finish(struct sa_cell *cell, uint8_t opcode, const struct sa_cell_value *a,
                    const struct sa_cell_value *b, uint32_t scale, uint32_t scale_b);

/* One step of each: lstm.c, gru.c, rnn.c. */
enum { SA_LSTM_PARTS = 7, SA_GRU_PARTS = 6, SA_RNN_PARTS = 1 };
void sa_lstm_step(struct sa_cell *cell);
void sa_gru_step(struct sa_cell *cell);
void sa_rnn_step(struct sa_cell *cell);
#endif
