/* An LSTM layer of two GEMMs: the features of all steps at once, then the hidden state step by step; gates
 * and cell in C and fp32, the hidden state in the data type. */
#ifndef SA_BASELINE_LSTM_H
#define SA_BASELINE_LSTM_H
#include "baseline/kernel.h"

enum sa_status sa_lstm_prepare(const struct sa_provider_class *class, struct sa_provider *provider,
                               const struct sa_provider_options *options, const struct sa_cpu_op *op,
                               struct sa_kernel **kernel, struct sa_error *error) SA_CHECKED;

/* One cell: sums of the four gates (each `stride` apart, before bias and scale) of channel c; *cell is
 * replaced. Returns h as a number to be stored in the data type. */
float sa_lstm_cell(const struct sa_cpu_op *op, const float *sums, uint32_t channel, float *cell);
#endif
