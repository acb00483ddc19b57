/* A report in the columns of SCALE-Sim's three files, for scripts that read those. One row a layer that
 * computes, numbered from 0; network inputs have none. What our counters mean in its words:
 *
 *   COMPUTE_REPORT.csv          Total Cycles: the layer's cycles. Stall Cycles: MATMUL waiting for operands,
 *                               results, accumulators or weights. Overall Util: useful MACs / (R C cycles).
 *                               Mapping Efficiency: occupied PEs / R C over active cycles. Compute Util:
 *                               useful MACs / R C over the charged cycles without stalls.
 *   BANDWIDTH_REPORT.csv        words (bytes; accumulator values for OFMAP SRAM) per cycle of the layer.
 *   DETAILED_ACCESS_REPORT.csv  the same accesses as counts. Start and Stop are the layer's own span, 0
 *                               and cycles - 1, in all columns: our units overlap across layers.
 *
 * SRAM IFMAP is what MATMUL reads of the unified buffer, SRAM Filter what leaves the weight FIFO, SRAM OFMAP
 * accumulator rows written x columns. DRAM Filter is weights and their parameters, DRAM OFMAP everything
 * written, DRAM IFMAP everything else read. */
#ifndef SA_REPORT_SCALESIM_REPORT_H
#define SA_REPORT_SCALESIM_REPORT_H
#include "report/report.h"

/* Writes the three files into the directory, which is made if it does not exist (its parent must). */
enum sa_status sa_scalesim_report_write(const struct sa_report *report, const char *directory,
                                        struct sa_error *error) SA_CHECKED;
#endif
