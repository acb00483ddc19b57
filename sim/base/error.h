/* Status codes and the error record that fallible functions fill on failure only. */
#ifndef SA_BASE_ERROR_H
#define SA_BASE_ERROR_H
#include <stddef.h>
#ifdef __cplusplus
extern "C" {
#endif

enum sa_status {
  SA_OK = 0,
  SA_ERR_INPUT,    /* the user's input is wrong */
  SA_ERR_IO,       /* the system refused: open, read, write */
  SA_ERR_MEMORY,   /* out of memory */
  SA_ERR_LIMIT,    /* a documented limit would be exceeded */
  SA_ERR_ILLEGAL,  /* the program breaks a rule of the machine */
  SA_ERR_STUCK     /* an engine made no progress */
};

struct sa_error {
  enum sa_status status;
  int line, column;   /* 1-based, 0 = none */
  char file[256];     /* "" = none */
  char message[1024]; /* one sentence: place, value, limit */
};

#define SA_CHECKED __attribute__((warn_unused_result))

/* Fills *error (may be null) and returns status, so that `return sa_fail(...)` reads well. */
enum sa_status sa_fail(struct sa_error *error, enum sa_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* As sa_fail, with a place in a file. */
enum sa_status sa_fail_at(struct sa_error *error, enum sa_status status, const char *file, int line,
                          int column, const char *format, ...) __attribute__((format(printf, 6, 7)));

/* Gives *error (may be null) a place if it has none yet; returns its status argument unchanged. */
enum sa_status sa_error_locate(struct sa_error *error, enum sa_status status, const char *file,
                               int line, int column);

/* "file:line:column: message", without the parts that are absent, in one line: control
 * characters become '?' (SA_ERR_STUCK keeps the lines of its dump). Returns buffer. */
const char *sa_error_format(const struct sa_error *error, char *buffer, size_t size);
#ifdef __cplusplus
}
#endif
#endif
