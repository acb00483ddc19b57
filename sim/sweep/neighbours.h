/* What binds a point, and what its neighbours in the design space do: machines with one parameter doubled or
 * halved, simulated. The cycle account says which changes should help; the neighbours say whether they do. */
#ifndef SA_SWEEP_NEIGHBOURS_H
#define SA_SWEEP_NEIGHBOURS_H
#include "machine/params.h"
#include "report/report.h"
#include "sweep/recall.h"

/* More bandwidth than a port's width lets through comes with a wider port, and a burst not below it. */
enum { SA_WIDEN = 2 };

struct sa_neighbour {
  const struct sa_param *param;
  uint64_t from, to;             /* the parameter's value in the point and here */
  enum sa_cause against;         /* the cause that the change should lessen; SA_CAUSES: it should save */
  unsigned widened;              /* of SA_WIDEN, the first so many of the same port are doubled with it */
  bool simulated;                /* else: no legal machine, or too small for the network */
  uint64_t cycles, sram_bytes;
  struct sa_error reason;        /* if not simulated */
};

struct sa_neighbourhood {
  struct sa_simulation point;      /* simulated again */
  uint64_t sram_bytes;
  enum sa_cause binds;             /* the largest cause of cycles; active: the array itself */
  struct sa_neighbour *neighbours; /* owned; fewest cycles first, those not simulated last */
  size_t count;
  const struct sa_neighbour *next; /* the change to make next: of those against what binds the best, if it
                                    * gains a hundredth or more; else the best of all by the same rule; or null */
  const struct sa_neighbour *spare; /* saves the most memory at less than a hundredth more cycles, or null */
};

/* The parameter that goes with a change of `param`: i from 0, below the neighbour's `widened`. */
const struct sa_param *sa_neighbour_companion(const struct sa_param *param, unsigned i);

/* Parameters in whose change a cause lets one hope: "memory.bandwidth up, weight_fifo.tiles up". Returns
 * buffer. */
const char *sa_remedies(enum sa_cause cause, const struct sa_config *config, char *buffer, size_t size);

/* Simulates the point and its neighbours. on_progress may be null; true ends it with SA_ERR_INPUT. The caller
 * releases *around on success; it refers to *point. */
enum sa_status sa_neighbourhood_explore(const struct sa_recalled *point, unsigned jobs,
                                        bool (*on_progress)(void *user, double done), void *user,
                                        struct sa_neighbourhood *around, struct sa_error *error) SA_CHECKED;
void sa_neighbourhood_release(struct sa_neighbourhood *around);
#endif
