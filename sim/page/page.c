/* Puts a page together from its assets and its data; see page.h. */
#include "page/page.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "page/assets.h"

/* A page's parts: what is in its body, and its scripts in order. */
struct page {
  const char *body;
  const char *scripts[16];
};

static const struct page pages[SA_PAGE_KINDS] = {
    [SA_PAGE_RUN] = {"run.html",
                     {"dom.js", "format.js", "theme.js", "chart.js", "table.js", "causes.js", "summary.js",
                      "utilisation.js", "roofline.js", "traffic.js", "layers.js", "timeline.js", "wavefront.js",
                      "cpu.js", "run.js"}},
    [SA_PAGE_SWEEP] = {"sweep.html",
                       {"dom.js", "format.js", "theme.js", "chart.js", "table.js", "scatter.js", "sweep.js"}},
};

static void write_asset(const char *name, FILE *out) {
  size_t i = 0;
  while (i < sa_asset_count && strcmp(sa_assets[i].name, name) != 0) i++;
  assert(i < sa_asset_count);
  fwrite(sa_assets[i].bytes, 1, sa_assets[i].count, out);
}

static void write_html_text(const char *text, FILE *out) {
  for (; *text; text++) switch (*text) {
      case '&': fputs("&amp;", out); break;
      case '<': fputs("&lt;", out); break;
      case '>': fputs("&gt;", out); break;
      default: fputc((unsigned char)*text < ' ' || *text == 0x7f ? ' ' : *text, out);
    }
}

/* Within <script> no text may look like the end of it; '<' is found in strings of JSON only. */
static int write_json_part(const char *text, size_t bytes, void *user) {
  FILE *out = user;
  for (size_t i = 0; i < bytes; i++)
    if (text[i] == '<')
      fputs("\\u003c", out);
    else
      fputc(text[i], out);
  return 0;
}

enum sa_status sa_page_write(enum sa_page_kind kind, const char *title, const json_t *data, FILE *out,
                             struct sa_error *error) {
  const struct page *page = &pages[kind];
  json_t *clean = sa_page_text(title);
  if (!clean) return sa_fail(error, SA_ERR_MEMORY, "out of memory");
  fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
        "script-src 'unsafe-inline'; img-src data:\">\n<link rel=\"icon\" href=\"data:,\">\n<title>",
        out);
  write_html_text(json_string_value(clean), out);
  json_decref(clean);
  fputs("</title>\n<style>\n", out);
  write_asset("page.css", out);
  fputs("</style>\n</head>\n<body>\n", out);
  write_asset(page->body, out);
  fputs("<script type=\"application/json\" id=\"data\">", out);
  /* ASCII alone, so that separators of lines which JavaScript knows and JSON does not are escaped */
  const int failed = json_dump_callback(data, write_json_part, out,
                                        JSON_COMPACT | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(7));
  fputs("</script>\n<script>\n'use strict';\n(() => {\n", out);
  for (size_t i = 0; i < sizeof page->scripts / sizeof *page->scripts && page->scripts[i]; i++)
    write_asset(page->scripts[i], out);
  fputs("})();\n</script>\n</body>\n</html>\n", out);
  return failed ? sa_fail(error, SA_ERR_MEMORY, "out of memory while the page's data were written") : SA_OK;
}

/* Bytes of the UTF-8 sequence at `text`, or 0 if it is none. */
static size_t sequence(const unsigned char *text) {
  const unsigned char first = text[0];
  const size_t length = first < 0x80 ? 1 : first >= 0xc2 && first < 0xe0 ? 2 : first >= 0xe0 && first < 0xf0 ? 3
                        : first >= 0xf0 && first < 0xf5 ? 4 : 0;
  for (size_t i = 1; i < length; i++)
    if ((text[i] & 0xc0) != 0x80) return 0;
  if (length == 3 && ((first == 0xe0 && text[1] < 0xa0) || (first == 0xed && text[1] > 0x9f))) return 0;
  if (length == 4 && ((first == 0xf0 && text[1] < 0x90) || (first == 0xf4 && text[1] > 0x8f))) return 0;
  return length;
}

json_t *sa_page_text(const char *text) {
  char *clean = strdup(text);
  if (!clean) return NULL;
  for (char *at = clean; *at;) {
    const size_t bytes = sequence((const unsigned char *)at);
    if (!bytes) *at = '?';
    at += bytes ? bytes : 1;
  }
  json_t *json = json_string(clean);
  free(clean);
  return json;
}
