/* Running gnuplot: a temporary folder holds data.csv and vars.gp; style.gp and the kind's script write
 * `picture` there; it is copied to its place when all has gone well. Fixed names, since gnuplot takes a
 * file name that begins with | or < as a command. */
#include <config.h> /* _GNU_SOURCE: asprintf, environ, changing the folder of a process */

#include "plot/gnuplot.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"

enum { PATH_CHARS = 4096 };

struct workshop {
  char folder[256];
  char data[320], values[320], picture[320], messages[320];
};

static const char *const endings[SA_PICTURES] = {".png", ".svg", ".pdf", ".gif"};

enum sa_status sa_picture_of(const char *path, enum sa_picture *picture, struct sa_error *error) {
  const size_t length = strlen(path);
  for (int i = 0; i < SA_PICTURES; i++)
    if (length > 4 && strcmp(path + length - 4, endings[i]) == 0) {
      *picture = (enum sa_picture)i;
      return SA_OK;
    }
  return sa_fail(error, SA_ERR_INPUT, "the picture's file is \"%.200s\"; it must end in .png, .svg, .pdf or .gif", path);
}

static void close_workshop(const struct workshop *shop) {
  unlink(shop->data);
  unlink(shop->values);
  unlink(shop->picture);
  unlink(shop->messages);
  rmdir(shop->folder);
}

static enum sa_status open_workshop(struct workshop *shop, struct sa_error *error) {
  const char *temporary = getenv("TMPDIR");
  if (!temporary || !temporary[0] || strlen(temporary) > 200) temporary = "/tmp";
  snprintf(shop->folder, sizeof shop->folder, "%s/systole-plot-XXXXXX", temporary);
  if (!mkdtemp(shop->folder))
    return sa_fail(error, SA_ERR_IO, "%s: cannot make a folder there: %s", temporary, strerror(errno));
  snprintf(shop->data, sizeof shop->data, "%s/data.csv", shop->folder);
  snprintf(shop->values, sizeof shop->values, "%s/vars.gp", shop->folder);
  snprintf(shop->picture, sizeof shop->picture, "%s/picture", shop->folder);
  snprintf(shop->messages, sizeof shop->messages, "%s/messages", shop->folder);
  return SA_OK;
}

/* The scripts' folder: of the source tree, or of the installation. */
static enum sa_status find_scripts(const char **folder, struct sa_error *error) {
  static const char *const folders[] = {SA_SOURCE_PLOTS, SA_INSTALLED_PLOTS};
  for (int i = 0; i < 2; i++) {
    char path[PATH_CHARS];
    snprintf(path, sizeof path, "%s/style.gp", *folder = folders[i]);
    if (access(path, R_OK) == 0) return SA_OK;
  }
  return sa_fail(error, SA_ERR_IO, "the scripts of the pictures are neither in %s nor in %s", folders[0], folders[1]);
}

static enum sa_status write_inputs(const struct workshop *shop, const char *scripts, const struct sa_plot_data *data,
                                   enum sa_picture picture, struct sa_error *error) {
  FILE *csv = fopen(shop->data, "w"), *values = fopen(shop->values, "w");
  int failed = !csv || !values;
  if (!failed) {
    sa_plot_write_csv(data, true, csv);
    fprintf(values, "format = '%s'\nrows = %zu\nplots = ", endings[picture] + 1, sa_plot_rows(data));
    sa_plot_write_text(scripts, values);
    sa_plot_write_values(data, values);
    failed = ferror(csv) || ferror(values);
  }
  if (csv) failed |= fclose(csv);
  if (values) failed |= fclose(values);
  return failed ? sa_fail(error, SA_ERR_IO, "%s: cannot write: %s", shop->folder, strerror(errno)) : SA_OK;
}

/* The environment without what changes gnuplot's ways, in C's locale; null if out of memory. Texts not owned. */
static char **quiet_environment(char *locale) {
  size_t count = 0, kept = 0;
  while (environ[count]) count++;
  char **quiet = malloc((count + 2) * sizeof *quiet);
  for (size_t i = 0; i < count && quiet; i++)
    if (strncmp(environ[i], "LC_", 3) != 0 && strncmp(environ[i], "GNUPLOT", 7) != 0) quiet[kept++] = environ[i];
  if (!quiet) return NULL;
  quiet[kept++] = locale;
  quiet[kept] = NULL;
  return quiet;
}

/* Starts gnuplot without the user's own settings (-d), in the folder; 0 or an errno. */
static int start(const struct workshop *shop, char *style, char *script, pid_t *child) {
  char program[] = "gnuplot", defaults[] = "-d", values[] = "vars.gp", locale[] = "LC_ALL=C.UTF-8";
  char *const argv[] = {program, defaults, values, style, script, NULL};
  char **environment = quiet_environment(locale);
  posix_spawn_file_actions_t actions;
  if (!environment) return ENOMEM;
  int failed = posix_spawn_file_actions_init(&actions);
  if (!failed) {
    failed = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    if (!failed) failed = posix_spawn_file_actions_addopen(&actions, 1, shop->messages, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (!failed) failed = posix_spawn_file_actions_adddup2(&actions, 1, 2);
    if (!failed) failed = posix_spawn_file_actions_addchdir_np(&actions, shop->folder);
    if (!failed) failed = posix_spawnp(child, program, &actions, NULL, argv, environment);
    posix_spawn_file_actions_destroy(&actions);
  }
  free(environment);
  return failed;
}

/* The last line that gnuplot said, which tells what was wrong, and where. */
static enum sa_status refused(const struct workshop *shop, int status, struct sa_error *error) {
  char *text = NULL, *line = NULL;
  size_t bytes;
  const char *said = "nothing";
  if (!sa_file_read(shop->messages, 1 << 16, &text, &bytes, NULL)) {
    char *save = NULL;
    for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
      if (strspn(line, " \t^") < strlen(line)) said = line;
  }
  sa_fail(error, SA_ERR_IO, "gnuplot ended with status %d and said: %.400s",
          WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), said);
  free(text);
  return SA_ERR_IO;
}

static enum sa_status run(const struct workshop *shop, const char *scripts, const char *script, struct sa_error *error) {
  char style_path[PATH_CHARS], script_path[PATH_CHARS];
  snprintf(style_path, sizeof style_path, "%s/style.gp", scripts);
  snprintf(script_path, sizeof script_path, "%s/%s.gp", scripts, script);
  pid_t child;
  const int failed = start(shop, style_path, script_path, &child);
  if (failed == ENOENT)
    return sa_fail(error, SA_ERR_IO, "gnuplot is not installed; pictures need it (Debian: apt-get install gnuplot-nox)");
  if (failed) return sa_fail(error, SA_ERR_IO, "cannot start gnuplot: %s", strerror(failed));
  int ended;
  while (waitpid(child, &ended, 0) < 0)
    if (errno != EINTR) return sa_fail(error, SA_ERR_IO, "lost gnuplot: %s", strerror(errno));
  if (WIFEXITED(ended) && WEXITSTATUS(ended) == 0 && access(shop->picture, R_OK) == 0) return SA_OK;
  return refused(shop, ended, error);
}

/* XML's own characters as entities. */
static void write_xml(const char *text, FILE *out) {
  for (; *text; text++) {
    const unsigned char c = (unsigned char)*text;
    switch (c) {
      case '&': fputs("&amp;", out); break;
      case '<': fputs("&lt;", out); break;
      case '>': fputs("&gt;", out); break;
      default: fputc(c < 32 || c == 127 ? '?' : c, out);
    }
  }
}

static const char *text_value(const struct sa_plot_data *data, const char *name) {
  for (size_t i = 0; i < data->value_count; i++)
    if (strcmp(data->values[i].name, name) == 0 && data->values[i].text) return data->values[i].text;
  return "";
}

/* What gnuplot writes into an SVG, and what becomes of it: a title of its own, which screen readers speak; bold
 * letters, which gnuplot takes for a part of the font's name; other fonts where this one is missing. */
enum { SVG_TITLE, SVG_BOLD, SVG_PLAIN, SVG_PHRASES };
static const char *const svg_phrases[SVG_PHRASES] = {"<title>Gnuplot</title>", "font-family=\"DejaVu Sans:Bold\"",
                                                     "font-family=\"DejaVu Sans\""};

static void write_phrase(int phrase, const struct sa_plot_data *data, FILE *out) {
  static const char fonts[] = "font-family=\"DejaVu Sans, Verdana, sans-serif\"";
  if (phrase != SVG_TITLE) {
    fprintf(out, phrase == SVG_BOLD ? "%s font-weight=\"bold\"" : "%s", fonts);
    return;
  }
  fputs("<title>", out);
  write_xml(text_value(data, "title"), out);
  fputs(": ", out);
  write_xml(text_value(data, "subtitle"), out);
  fputs("</title>", out);
}

static void write_svg(const char *text, const struct sa_plot_data *data, FILE *out) {
  while (*text) {
    const char *first = NULL;
    int phrase = 0;
    for (int i = 0; i < SVG_PHRASES; i++) {
      const char *found = strstr(text, svg_phrases[i]);
      if (!found || (first && found >= first)) continue;
      first = found;
      phrase = i;
    }
    if (!first) break;
    fwrite(text, 1, (size_t)(first - text), out);
    write_phrase(phrase, data, out);
    text = first + strlen(svg_phrases[phrase]);
  }
  fputs(text, out);
}

static enum sa_status copy_picture(const struct workshop *shop, const struct sa_plot_data *data,
                                   enum sa_picture picture, FILE *out, struct sa_error *error) {
  char *bytes;
  size_t count;
  const enum sa_status status = sa_file_read(shop->picture, (size_t)1 << 28, &bytes, &count, error);
  if (status) return status;
  if (picture == SA_PICTURE_SVG)
    write_svg(bytes, data, out);
  else
    fwrite(bytes, 1, count, out);
  free(bytes);
  return SA_OK;
}

static enum sa_status deliver(const struct workshop *shop, const struct sa_plot_data *data, const char *path,
                              const char *csv_path, enum sa_picture picture, struct sa_error *error) {
  struct sa_output image = {0}, csv = {0};
  enum sa_status status = sa_output_open(&image, path, error);
  if (!status && csv_path) status = sa_output_open(&csv, csv_path, error);
  if (!status) status = copy_picture(shop, data, picture, image.file, error);
  if (!status && csv_path) {
    sa_plot_write_csv(data, false, csv.file);
    status = sa_output_commit(&csv, error);
  }
  if (!status) {
    status = sa_output_commit(&image, error);
    if (status && csv_path) unlink(csv_path);
  }
  sa_output_discard(&image);
  sa_output_discard(&csv);
  return status;
}

char *sa_picture_csv(const char *path) {
  char *csv;
  return asprintf(&csv, "%.*s.csv", (int)strlen(path) - 4, path) < 0 ? NULL : csv;
}

enum sa_status sa_gnuplot(const char *script, const struct sa_plot_data *data, const char *path, const char *csv_path,
                          struct sa_error *error) {
  enum sa_picture picture;
  struct workshop shop;
  const char *scripts;
  enum sa_status status = sa_plot_data_check(data, error);
  if (!status) status = find_scripts(&scripts, error);
  if (!status) status = sa_picture_of(path, &picture, error);
  if (!status) status = open_workshop(&shop, error);
  if (status) return status;
  status = write_inputs(&shop, scripts, data, picture, error);
  if (!status) status = run(&shop, scripts, script, error);
  if (!status) status = deliver(&shop, data, path, csv_path, picture, error);
  close_workshop(&shop);
  return status;
}
