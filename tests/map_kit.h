/* What a mapping must be, whatever the network and the machine: legal, equal in values to the reference
 * model in every layer, and finished by the engine. */
#ifndef SA_TESTS_MAP_KIT_H
#define SA_TESTS_MAP_KIT_H
#include "machine/counters.h"
#include "map/map.h"

/* False: text says what is wrong. counters may be null. */
bool map_kit_works(const struct sa_config *config, const struct sa_net *net,
                   const struct sa_map_options *options, struct sa_counters *counters, char text[256]);
/* The values alone, of a mapping at hand. */
bool map_kit_values_equal(const struct sa_config *config, const struct sa_net *net,
                          const struct sa_mapping *mapping, char text[256]);
#endif
