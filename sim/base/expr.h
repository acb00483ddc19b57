/* Expressions in sweeps and networks: values ("65536 / array.rows") and comparisons ("array.rows * array.cols
 * <= 65536"). Whole numbers of 64 bits, + - * / (rounded down) and parentheses, quantities with units
 * ("24 MiB", "34 GB/s"), names. A comparison has one of: < <= > >= == !=. */
#ifndef SA_BASE_EXPR_H
#define SA_BASE_EXPR_H
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/* What names stand for. find: SA_ERR_INPUT for a name that never has a value here, SA_ERR_LIMIT for one
 * that only lacks it in this point. */
struct sa_expr_scope {
  enum sa_status (*find)(const void *user, const char *name, int64_t *value, struct sa_error *error);
  const void *user;
};

/* The value. SA_ERR_INPUT: the text is wrong; SA_ERR_LIMIT: no value here (overflow, division by zero). */
enum sa_status sa_expr_value(const char *text, const struct sa_expr_scope *scope, int64_t *value,
                             struct sa_error *error) SA_CHECKED;
enum sa_status sa_expr_holds(const char *text, const struct sa_expr_scope *scope, bool *holds,
                             struct sa_error *error) SA_CHECKED;
/* Checks the text and its names without computing. *names (may be null): how many names it uses. */
enum sa_status sa_expr_check(const char *text, bool comparison, const struct sa_expr_scope *scope,
                             unsigned *names, struct sa_error *error) SA_CHECKED;
#endif
