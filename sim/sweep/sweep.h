/* A sweep: a base config, axes of parameters, coupled parameters, networks with batches, constraints. Its
 * points are numbered; a point is made from its number, so that a sweep of a million points needs no
 * memory for them. The file's form is in docs/sweeps.md. */
#ifndef SA_SWEEP_SWEEP_H
#define SA_SWEEP_SWEEP_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "machine/config.h"
#include "machine/params.h"
#include "net/net.h"

/* Content hash of the simulator's sources, part of every point's id: made at build time. */
#define SA_SOURCE_HASH_CHARS 17
extern const char sa_source_hash[SA_SOURCE_HASH_CHARS];

#define SA_SWEEP_MAX_POINTS UINT64_C(100000000)
#define SA_SWEEP_MAX_VALUES 65536u /* of one axis */

struct sa_sweep_axis {
  const struct sa_param *param;
  uint64_t *values; /* owned */
  size_t count, capacity;
};

/* An expression with its place; for a coupling also what it sets. */
struct sa_sweep_rule {
  const struct sa_param *param; /* null for a constraint */
  char *text;                   /* owned */
  char file[256];               /* "" for the command line */
  int line, column;
};

/* A network at one batch size. */
struct sa_sweep_network {
  char *name;       /* owned; as the file names it */
  char *parameters; /* owned; what stands behind the name, "seq=384" */
  uint64_t hash;    /* of its content */
  struct sa_net net;
};

/* How every point is mapped. */
struct sa_sweep_mapper {
  bool search;    /* report/search.h */
  uint32_t limit; /* of a search, as there */
};

struct sa_sweep {
  struct sa_config base;               /* not finished */
  struct sa_sweep_axis *axes;          /* owned; the last one varies fastest */
  struct sa_sweep_rule *couplings;     /* owned; in the order of evaluation */
  struct sa_sweep_rule *constraints;   /* owned */
  struct sa_sweep_network *networks;   /* owned; vary slowest */
  size_t axis_count, coupling_count, constraint_count, network_count;
  size_t axis_capacity, coupling_capacity, constraint_capacity, network_capacity;
  uint64_t point_count;                /* all combinations, excluded ones too */
  struct sa_sweep_mapper mapper;       /* the caller's choice; sa_sweep_load leaves the default */
};

void sa_sweep_init(struct sa_sweep *sweep);
void sa_sweep_release(struct sa_sweep *sweep);

/* Reads a sweep from a file or by the name of a shipped one, with everything it names: an unknown
 * parameter, an empty range, a missing network are refused here, with their place. */
enum sa_status sa_sweep_load(const char *name_or_path, struct sa_sweep *sweep, struct sa_error *error)
    SA_CHECKED;
/* The same from text in memory; `file` stands in messages. */
enum sa_status sa_sweep_parse(const char *file, const char *text, size_t bytes, struct sa_sweep *sweep,
                              struct sa_error *error) SA_CHECKED;
/* Adds a constraint from elsewhere than the file. */
enum sa_status sa_sweep_add_constraint(struct sa_sweep *sweep, const char *text, struct sa_error *error)
    SA_CHECKED;

enum sa_point_kind {
  SA_POINT_LEGAL,
  SA_POINT_ILLEGAL, /* no machine: the reason says why */
  SA_POINT_EXCLUDED /* by constraints[excluded_by] */
};

struct sa_point {
  enum sa_point_kind kind;
  struct sa_config config;   /* finished if legal, else as far as it came (0: not given) */
  const struct sa_sweep_network *network;
  struct sa_sweep_mapper mapper;
  size_t excluded_by;
  struct sa_error reason;    /* of an illegal one */
  uint64_t id, config_hash;  /* content hashes */
};

/* Makes point `number` (below point_count). */
void sa_sweep_point(const struct sa_sweep *sweep, uint64_t number, struct sa_point *point);

#define SA_MAPPER_CHARS 32
/* The mapper as the store names it: "default", "search", "search 100". */
const char *sa_sweep_mapper_name(const struct sa_sweep_mapper *mapper, char buffer[SA_MAPPER_CHARS]);

/* Hash of a finished network as it would be written to a file: its layers, shapes and parameters, wherever they
 * were read from. */
enum sa_status sa_sweep_hash_network(const struct sa_net *net, uint64_t *hash, struct sa_error *error) SA_CHECKED;
#endif
