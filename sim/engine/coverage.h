/* What a series of runs has met: a count of runs for each class of coverage.def, each operation, each
 * flag of each operation, each token stream and its taker. A class left at zero is a gap in the
 * comparison. */
#ifndef SA_ENGINE_COVERAGE_H
#define SA_ENGINE_COVERAGE_H
#include <stddef.h>
#include <stdio.h>

#include "machine/config.h"
#include "machine/counters.h"
#include "program/program.h"

enum { SA_COVERAGE_MAX = 192, SA_COVERAGE_NAME = 64 };

struct sa_coverage {
  uint64_t runs;
  uint64_t hits[SA_COVERAGE_MAX]; /* runs that met a class; sa_coverage_classes() of them */
};

void sa_coverage_init(struct sa_coverage *coverage);
/* Adds one program that ran on a machine with these counters. */
void sa_coverage_add(struct sa_coverage *coverage, const struct sa_config *config,
                     const struct sa_program *program, const struct sa_counters *counters);
/* Number of classes, and their names ("op VMOV", "flag MATMUL.accumulate", "token LOAD to VECTOR"). */
size_t sa_coverage_classes(void);
const char *sa_coverage_name(size_t index, char name[SA_COVERAGE_NAME]);
/* Number of classes that no run met. */
size_t sa_coverage_missing(const struct sa_coverage *coverage);
/* A table of all classes. */
void sa_coverage_write(const struct sa_coverage *coverage, FILE *out);
#endif
