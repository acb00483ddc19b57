/* A recursive descent over the text: see expr.h. It is short and evaluated once a point, which costs far
 * less than simulating the point, so there is no compiled form. */
#include "base/expr.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/units.h"

enum { WORD_CHARS = 64, MAX_DEPTH = 64 };

struct parser {
  const char *text, *at;
  const struct sa_expr_scope *scope;
  struct sa_error *error;
  bool check; /* names are looked up, nothing is computed */
  unsigned names, depth;
};

static void skip_blanks(struct parser *parser) {
  while (*parser->at == ' ' || *parser->at == '\t') parser->at++;
}

static bool accept(struct parser *parser, const char *token) {
  skip_blanks(parser);
  if (strncmp(parser->at, token, strlen(token)) != 0) return false;
  parser->at += strlen(token);
  return true;
}

static enum sa_status unexpected(struct parser *parser, const char *wanted) {
  skip_blanks(parser);
  if (*parser->at)
    return sa_fail(parser->error, SA_ERR_INPUT, "\"%.128s\": %s expected at \"%.32s\"", parser->text, wanted,
                   parser->at);
  return sa_fail(parser->error, SA_ERR_INPUT, "\"%.128s\": %s expected at the end", parser->text, wanted);
}

static enum sa_status no_value(struct parser *parser, const char *why) {
  return sa_fail(parser->error, SA_ERR_LIMIT, "\"%.128s\" %s", parser->text, why);
}

/* A number with or without a unit; the unit tells its dimension. */
static enum sa_status number(struct parser *parser, int64_t *value) {
  char word[WORD_CHARS];
  const char *end = parser->at;
  while (isdigit((unsigned char)*end) || *end == '.') end++;
  const char *unit = end;
  while (*unit == ' ') unit++;
  if (isalpha((unsigned char)*unit)) {
    while (isalpha((unsigned char)*unit)) unit++;
    if (unit[0] == '/' && unit[1] == 's' && !isalnum((unsigned char)unit[2])) unit += 2;
    end = unit;
  }
  snprintf(word, sizeof word, "%.*s", (int)(end - parser->at), parser->at);
  static const enum sa_dimension dimensions[] = {SA_DIM_COUNT, SA_DIM_BYTES, SA_DIM_RATE, SA_DIM_HZ,
                                                 SA_DIM_CYCLES};
  for (size_t i = 0; i < sizeof dimensions / sizeof *dimensions; i++) {
    uint64_t read;
    if (sa_quantity_parse(dimensions[i], "", word, &read, NULL)) continue;
    if (read > INT64_MAX) return no_value(parser, "exceeds 64 bits");
    *value = (int64_t)read;
    parser->at = end;
    return SA_OK;
  }
  return sa_fail(parser->error, SA_ERR_INPUT, "\"%.128s\": \"%s\" is no quantity", parser->text, word);
}

static enum sa_status name(struct parser *parser, int64_t *value) {
  char word[WORD_CHARS];
  const char *end = parser->at;
  while (isalnum((unsigned char)*end) || *end == '_' || *end == '.') end++;
  snprintf(word, sizeof word, "%.*s", (int)(end - parser->at), parser->at);
  parser->at = end;
  parser->names++;
  return parser->scope->find(parser->scope->user, word, value, parser->error);
}

static enum sa_status sum(struct parser *parser, int64_t *value);

static enum sa_status factor(struct parser *parser, int64_t *value) {
  skip_blanks(parser);
  if (isdigit((unsigned char)*parser->at)) return number(parser, value);
  if (isalpha((unsigned char)*parser->at)) return name(parser, value);
  if (!accept(parser, "(")) return unexpected(parser, "a number, a name or (");
  if (++parser->depth > MAX_DEPTH) return unexpected(parser, "less nesting");
  const enum sa_status status = sum(parser, value);
  parser->depth--;
  if (status) return status;
  return accept(parser, ")") ? SA_OK : unexpected(parser, ")");
}

static enum sa_status combine(struct parser *parser, char op, int64_t *value, int64_t other) {
  bool overflow = false;
  if (parser->check) return SA_OK;
  switch (op) {
    case '+': overflow = __builtin_add_overflow(*value, other, value); break;
    case '-': overflow = __builtin_sub_overflow(*value, other, value); break;
    case '*': overflow = __builtin_mul_overflow(*value, other, value); break;
    default: {
      if (other == 0) return no_value(parser, "divides by zero");
      if (*value == INT64_MIN && other == -1) return no_value(parser, "exceeds 64 bits");
      const int64_t rest = *value % other;
      *value = *value / other - (rest != 0 && (rest < 0) != (other < 0));
    }
  }
  return overflow ? no_value(parser, "exceeds 64 bits") : SA_OK;
}

static enum sa_status product(struct parser *parser, int64_t *value) {
  enum sa_status status = factor(parser, value);
  while (!status) {
    const char op = accept(parser, "*") ? '*' : accept(parser, "/") ? '/' : '\0';
    int64_t other = 1;
    if (!op) break;
    status = factor(parser, &other);
    if (!status) status = combine(parser, op, value, other);
  }
  return status;
}

static enum sa_status sum(struct parser *parser, int64_t *value) {
  enum sa_status status = product(parser, value);
  while (!status) {
    const char op = accept(parser, "+") ? '+' : accept(parser, "-") ? '-' : '\0';
    int64_t other = 1;
    if (!op) break;
    status = product(parser, &other);
    if (!status) status = combine(parser, op, value, other);
  }
  return status;
}

static enum sa_status at_end(struct parser *parser) {
  skip_blanks(parser);
  return *parser->at ? unexpected(parser, "the end or an operator") : SA_OK;
}

static enum sa_status comparison(struct parser *parser, bool *holds) {
  int64_t left = 1, right = 1;
  enum sa_status status = sum(parser, &left);
  if (status) return status;
  static const char *const ops[] = {"<=", ">=", "==", "!=", "<", ">"};
  size_t op = 0;
  while (op < sizeof ops / sizeof *ops && !accept(parser, ops[op])) op++;
  if (op == sizeof ops / sizeof *ops) return unexpected(parser, "a comparison (<= >= == != < >)");
  status = sum(parser, &right);
  if (!status) status = at_end(parser);
  const bool results[] = {left <= right, left >= right, left == right, left != right, left < right,
                          left > right};
  if (!status) *holds = results[op];
  return status;
}

enum sa_status sa_expr_value(const char *text, const struct sa_expr_scope *scope, int64_t *value,
                             struct sa_error *error) {
  struct parser parser = {.text = text, .at = text, .scope = scope, .error = error};
  const enum sa_status status = sum(&parser, value);
  return status ? status : at_end(&parser);
}

enum sa_status sa_expr_holds(const char *text, const struct sa_expr_scope *scope, bool *holds,
                             struct sa_error *error) {
  struct parser parser = {.text = text, .at = text, .scope = scope, .error = error};
  return comparison(&parser, holds);
}

enum sa_status sa_expr_check(const char *text, bool is_comparison, const struct sa_expr_scope *scope,
                             unsigned *names, struct sa_error *error) {
  struct parser parser = {.text = text, .at = text, .scope = scope, .error = error, .check = true};
  bool holds;
  int64_t value;
  enum sa_status status = is_comparison ? comparison(&parser, &holds) : sum(&parser, &value);
  if (!status && !is_comparison) status = at_end(&parser);
  if (names) *names = parser.names;
  return status;
}
