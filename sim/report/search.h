/* The mapper as a search: tries the candidates of every layer on the exact engine, instead of by the
 * mapper's estimate, and keeps what makes the whole network faster. The result is a list of overrides for
 * sa_simulate; it depends on the inputs alone, not on the number of workers or on time. */
#ifndef SA_REPORT_SEARCH_H
#define SA_REPORT_SEARCH_H
#include "report/simulate.h"

struct sa_search_options {
  unsigned jobs;          /* candidates simulated at once, at least 1 */
  uint32_t limit;         /* most simulations; 0: as many as SA_SEARCH_INSTRS instructions allow */
  /* Called by the caller's thread before every layer with the simulations so far and their limit; true
   * ends the search with what it has. May be null. */
  bool (*on_progress)(void *user, uint32_t runs, uint32_t limit);
  void *user;
};

/* Without a limit of the caller's: simulations of all together about so many instructions, at least
 * SA_SEARCH_MIN and at most SA_SEARCH_MAX. */
#define SA_SEARCH_INSTRS UINT64_C(50000000)
#define SA_SEARCH_MIN 32u
#define SA_SEARCH_MAX 4000u

struct sa_search {
  struct sa_map_override *overrides; /* owned; those given, then one a layer that is mapped otherwise */
  size_t override_count;
  uint64_t default_cycles, cycles;   /* of the network before and after */
  uint64_t *layer_default_cycles;    /* owned; [net->layer_count] */
  uint32_t runs, limit;              /* simulations done, and how many there might have been */
  bool complete;                     /* no candidate of any layer brings more */
};

void sa_search_init(struct sa_search *search);
void sa_search_release(struct sa_search *search);

/* Searches; layers that `fixed` (may be null) names keep what it says. The caller releases *search. */
enum sa_status sa_search_mapping(const struct sa_config *config, const struct sa_net *net,
                                 const struct sa_map_options *fixed, const struct sa_search_options *options,
                                 struct sa_search *search, struct sa_error *error) SA_CHECKED;
#endif
