/* gnuplot as a subprocess: one script over one table gives one picture. */
#ifndef SA_PLOT_GNUPLOT_H
#define SA_PLOT_GNUPLOT_H
#include "base/error.h"
#include "plot/data.h"

enum sa_picture { SA_PICTURE_PNG, SA_PICTURE_SVG, SA_PICTURE_PDF, SA_PICTURE_GIF, SA_PICTURES };

/* By the ending of a path: .png, .svg, .pdf, .gif. */
enum sa_status sa_picture_of(const char *path, enum sa_picture *picture, struct sa_error *error) SA_CHECKED;

/* Draws `data` by scripts/plots/SCRIPT.gp and writes the picture to `path` and the data as CSV to `csv_path`
 * (null: not). Both appear whole or neither does. gnuplot works in a folder of its own
 * and never sees a name of the user's but as text. SA_ERR_IO: gnuplot is not installed, or refuses. */
enum sa_status sa_gnuplot(const char *script, const struct sa_plot_data *data, const char *path,
                          const char *csv_path, struct sa_error *error) SA_CHECKED;

/* "wave.png" to "wave.csv"; malloc'ed, null if out of memory. The path ends as sa_picture_of wants it. */
char *sa_picture_csv(const char *path);
#endif
