/* A point of a store as it was: its machine, network and mapper, so that it can be simulated again. */
#ifndef SA_SWEEP_RECALL_H
#define SA_SWEEP_RECALL_H
#include "sweep/store.h"

struct sa_recalled {
  char id[SA_STORE_ID_CHARS];
  struct sa_config config;          /* finished */
  struct sa_config given;           /* the same, not finished and without what the defaults give: to be varied */
  struct sa_sweep_network network;  /* owned */
  struct sa_sweep_mapper mapper;
  bool same_build;                  /* simulated by this build of systole */
  uint64_t cycles;                  /* as stored */
};

void sa_recalled_init(struct sa_recalled *recalled);
void sa_recalled_release(struct sa_recalled *recalled);

/* Reads the point whose id begins with `id`. SA_ERR_INPUT: there is none, or more than one; it was not
 * simulated (with its reason); its network has changed since. The caller releases *recalled on success. */
enum sa_status sa_store_recall(struct sa_store *store, const char *id, struct sa_recalled *recalled,
                               struct sa_error *error) SA_CHECKED;
#endif
