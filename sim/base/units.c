/* Quantities with units: see units.h. One table of units serves reading and writing. */
#include "base/units.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct unit {
  enum sa_dimension dimension;
  const char *name;
  uint64_t factor;
  int written; /* used when writing; else only when reading */
};

#define KIBI UINT64_C(1024)
#define KILO UINT64_C(1000)

/* Per dimension the largest first among those written. */
static const struct unit UNITS[] = {
    {SA_DIM_CYCLES, "cycles", 1, 1},
    {SA_DIM_CYCLES, "cycle", 1, 0},
    {SA_DIM_BYTES, "TiB", KIBI * KIBI * KIBI * KIBI, 1},
    {SA_DIM_BYTES, "GiB", KIBI * KIBI * KIBI, 1},
    {SA_DIM_BYTES, "MiB", KIBI * KIBI, 1},
    {SA_DIM_BYTES, "KiB", KIBI, 1},
    {SA_DIM_BYTES, "B", 1, 1},
    {SA_DIM_BYTES, "kB", KILO, 0},
    {SA_DIM_BYTES, "MB", KILO * KILO, 0},
    {SA_DIM_BYTES, "GB", KILO * KILO * KILO, 0},
    {SA_DIM_BYTES, "TB", KILO * KILO * KILO * KILO, 0},
    {SA_DIM_RATE, "TB/s", KILO * KILO * KILO * KILO, 1},
    {SA_DIM_RATE, "GB/s", KILO * KILO * KILO, 1},
    {SA_DIM_RATE, "MB/s", KILO * KILO, 1},
    {SA_DIM_RATE, "kB/s", KILO, 1},
    {SA_DIM_RATE, "B/s", 1, 1},
    {SA_DIM_RATE, "KiB/s", KIBI, 0},
    {SA_DIM_RATE, "MiB/s", KIBI * KIBI, 0},
    {SA_DIM_RATE, "GiB/s", KIBI * KIBI * KIBI, 0},
    {SA_DIM_RATE, "TiB/s", KIBI * KIBI * KIBI * KIBI, 0},
    {SA_DIM_HZ, "GHz", KILO * KILO * KILO, 1},
    {SA_DIM_HZ, "MHz", KILO * KILO, 1},
    {SA_DIM_HZ, "kHz", KILO, 1},
    {SA_DIM_HZ, "Hz", 1, 1},
};
enum { UNIT_COUNT = sizeof UNITS / sizeof UNITS[0], QUOTE_MAX = 64 };

static const char *const KIND_NAMES[] = {
    [SA_DIM_COUNT] = "whole numbers", [SA_DIM_CYCLES] = "time", [SA_DIM_BYTES] = "size",
    [SA_DIM_RATE] = "bandwidth",      [SA_DIM_HZ] = "frequency",
};

const char *sa_dimension_unit(enum sa_dimension dimension) {
  static const char *const names[] = {
      [SA_DIM_COUNT] = "",           [SA_DIM_CYCLES] = "cycles", [SA_DIM_BYTES] = "bytes",
      [SA_DIM_RATE] = "bytes/s", [SA_DIM_HZ] = "Hz",
  };
  return names[dimension];
}

static enum sa_status unknown_unit(enum sa_dimension dimension, const char *name, const char *text,
                                   const char *suffix, struct sa_error *error) {
  char known[256] = "";
  size_t used = 0;
  for (size_t i = 0; i < UNIT_COUNT; i++)
    if (UNITS[i].dimension == dimension && used < sizeof known)
      used += (size_t)snprintf(known + used, sizeof known - used, "%s%s", used ? ", " : "",
                               UNITS[i].name);
  if (dimension == SA_DIM_COUNT)
    return sa_fail(error, SA_ERR_INPUT, "%s is \"%.*s\"; it must be a whole number without a unit",
                   name, QUOTE_MAX, text);
  return sa_fail(error, SA_ERR_INPUT, "%s is \"%.*s\"; \"%.*s\" is not a unit of %s (%s)", name,
                 QUOTE_MAX, text, QUOTE_MAX, suffix, KIND_NAMES[dimension], known);
}

static int is_digit(char c) { return c >= '0' && c <= '9'; }

/* value * 10 + digit; 0 if that overflows. */
static int push_digit(uint64_t *value, char digit) {
  return !__builtin_mul_overflow(*value, 10, value) &&
         !__builtin_add_overflow(*value, (uint64_t)(digit - '0'), value);
}

enum sa_status sa_quantity_parse(enum sa_dimension dimension, const char *name, const char *text,
                                 uint64_t *value, struct sa_error *error) {
  const char *p = text;
  uint64_t whole = 0, fraction = 0, fraction_scale = 1;
  int fits = 1;
  if (!is_digit(*p))
    return sa_fail(error, SA_ERR_INPUT, "%s is \"%.*s\"; it must begin with a digit", name,
                   QUOTE_MAX, text);
  for (; is_digit(*p); p++) fits = fits && push_digit(&whole, *p);
  if (*p == '.' && is_digit(p[1])) {
    for (p++; is_digit(*p); p++)
      fits = fits && push_digit(&fraction, *p) && !__builtin_mul_overflow(fraction_scale, 10, &fraction_scale);
  }
  while (*p == ' ') p++;
  uint64_t factor = 1;
  if (*p) {
    size_t i = 0;
    while (i < UNIT_COUNT && (UNITS[i].dimension != dimension || strcmp(UNITS[i].name, p) != 0)) i++;
    if (i == UNIT_COUNT) return unknown_unit(dimension, name, text, p, error);
    factor = UNITS[i].factor;
  }
  uint64_t result = 0;
  if (!fits || __builtin_mul_overflow(whole, factor, &result))
    return sa_fail(error, SA_ERR_INPUT, "%s is \"%.*s\"; it must be less than 2^64", name, QUOTE_MAX, text);
  if (fraction) {
    uint64_t part;
    if (__builtin_mul_overflow(fraction, factor, &part) || part % fraction_scale != 0)
      return sa_fail(error, SA_ERR_INPUT, "%s is \"%.*s\"; it must be a whole number%s%s", name,
                     QUOTE_MAX, text, dimension == SA_DIM_COUNT ? "" : " of ",
                     sa_dimension_unit(dimension));
    if (__builtin_add_overflow(result, part / fraction_scale, &result))
      return sa_fail(error, SA_ERR_INPUT, "%s is \"%.*s\"; it must be less than 2^64", name,
                     QUOTE_MAX, text);
  }
  *value = result;
  return SA_OK;
}

/* Writes value / factor if that is exact and short: whole, or below 1000 with at most three decimals
 * (none for powers of 1024). */
static int format_with(const struct unit *unit, uint64_t value, char buffer[SA_QUANTITY_CHARS]) {
  const uint64_t whole = value / unit->factor, rest = value % unit->factor;
  if (rest == 0) {
    snprintf(buffer, SA_QUANTITY_CHARS, "%" PRIu64 " %s", whole, unit->name);
    return 1;
  }
  const uint64_t thousandth = unit->factor / KILO;
  if (whole >= KILO || unit->factor % KILO != 0 || rest % thousandth != 0) return 0;
  unsigned decimals = (unsigned)(rest / thousandth);
  int digits = 3;
  for (; decimals % 10 == 0; decimals /= 10) digits--;
  snprintf(buffer, SA_QUANTITY_CHARS, "%" PRIu64 ".%0*u %s", whole, digits, decimals, unit->name);
  return 1;
}

const char *sa_quantity_format(enum sa_dimension dimension, uint64_t value,
                               char buffer[SA_QUANTITY_CHARS]) {
  for (size_t i = 0; i < UNIT_COUNT; i++) {
    const struct unit *unit = &UNITS[i];
    if (unit->dimension == dimension && unit->written && (value >= unit->factor || unit->factor == 1) &&
        format_with(unit, value, buffer))
      return buffer;
  }
  snprintf(buffer, SA_QUANTITY_CHARS, "%" PRIu64, value);
  return buffer;
}

enum sa_status sa_quantity_check(enum sa_dimension dimension, const char *name, uint64_t value,
                                 uint64_t min, uint64_t max, struct sa_error *error) {
  if (value >= min && value <= max) return SA_OK;
  char is[SA_QUANTITY_CHARS], low[SA_QUANTITY_CHARS], high[SA_QUANTITY_CHARS];
  return sa_fail(error, SA_ERR_INPUT, "%s is %s; it must be between %s and %s", name,
                 sa_quantity_format(dimension, value, is), sa_quantity_format(dimension, min, low),
                 sa_quantity_format(dimension, max, high));
}
