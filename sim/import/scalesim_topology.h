/* SCALE-Sim's topology files: CSV, one layer a row, convolutions
 *   name, IFMAP height, IFMAP width, filter height, filter width, channels, filters, stride
 * (v2 writes stride height and stride width) or GEMMs
 *   name, M, N, K [, batch]
 * below a header line whose titles also say what further columns are (sparsity N:M, batch size). Blank
 * lines, a missing or present trailing comma, headings (a name alone) and remarks behind the numbers are
 * read over. There is no padding column: shapes are given already padded, and the output is
 * ceil((H - R + S) / S), so a last window may hang over the edge; it is padded there. "DP" in a name means
 * depthwise: the filters are per channel.
 *
 * The rows of such a file need not fit together (poolings are left out), so each layer gets an INPUT
 * layer of its own. A convolution whose filter is as wide as the ifmap becomes what it is: a
 * fully connected layer over rows, or over the whole ifmap; GEMM sizes and MACs stay the same. */
#ifndef SA_IMPORT_SCALESIM_TOPOLOGY_H
#define SA_IMPORT_SCALESIM_TOPOLOGY_H
#include "import/notes.h"
#include "net/net.h"

/* Reads the file into *net (initialised, empty; released again on failure) and finishes it. The net is
 * named after the file. Errors name file, line and column. */
enum sa_status sa_scalesim_topology_read(const char *path, struct sa_net *net, struct sa_notes *notes,
                                         struct sa_error *error) SA_CHECKED;
#endif
