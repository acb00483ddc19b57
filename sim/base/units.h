/* Quantities with units, read exactly: `24 MiB`, `34 GB/s`, `700 MHz`, `100 cycles`, `4096`.
 * Decimal fractions are allowed where the result is whole (`1.5 GHz`, `25.6 GB/s`). Everything else
 * (signs, exponents, unknown units, what doesn't fit 64 bits) is refused, never guessed. */
#ifndef SA_BASE_UNITS_H
#define SA_BASE_UNITS_H
#include <stdint.h>

#include "base/error.h"

enum sa_dimension {
  SA_DIM_COUNT,  /* a bare whole number */
  SA_DIM_CYCLES, /* cycles */
  SA_DIM_BYTES,  /* B, kB MB GB TB (powers of 1000), KiB MiB GiB TiB (powers of 1024) */
  SA_DIM_RATE,   /* bytes per second: the same with /s */
  SA_DIM_HZ      /* Hz kHz MHz GHz */
};

/* Reads `text`; a missing unit means the base unit. `name` is what the value is for and begins the
 * message: `clock is "700 MHx"; "MHx" is not a unit of frequency (Hz, kHz, MHz, GHz)`. */
enum sa_status sa_quantity_parse(enum sa_dimension dimension, const char *name, const char *text,
                                 uint64_t *value, struct sa_error *error) SA_CHECKED;

/* `array.rows is 0; it must be between 1 and 512`, with units. */
enum sa_status sa_quantity_check(enum sa_dimension dimension, const char *name, uint64_t value,
                                 uint64_t min, uint64_t max, struct sa_error *error) SA_CHECKED;

#define SA_QUANTITY_CHARS 48

/* Writes the value with the largest unit that stays exact and short, so that sa_quantity_parse gives
 * it back. Returns buffer. */
const char *sa_quantity_format(enum sa_dimension dimension, uint64_t value,
                               char buffer[SA_QUANTITY_CHARS]);

/* "bytes", "bytes/s", "Hz", "cycles", "" */
const char *sa_dimension_unit(enum sa_dimension dimension);
#endif
