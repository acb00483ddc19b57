/* A user of the installed library: a whole run through the public headers, shipped models by name. */
#include <engine/engine.h>
#include <engine/exec.h>
#include <map/map.h>
#include <net/net_yaml.h>
#include <stdio.h>

int main(void) {
  struct sa_config config;
  struct sa_net net;
  struct sa_mapping mapping;
  struct sa_counters counters = {0};
  struct sa_error error = {0};
  sa_net_init(&net);
  sa_mapping_init(&mapping);
  if (sa_config_load("array32", NULL, 0, &config, &error) || sa_net_load("mlp", NULL, &net, &error) ||
      sa_map(&config, &net, NULL, &mapping, &error) ||
      sa_engine_run(&config, &mapping.program, NULL, &counters, NULL, 0, &error)) {
    fprintf(stderr, "%s\n", error.message);
    return 1;
  }
  printf("mlp on array32: %llu cycles\n", (unsigned long long)counters.cycles[0]);
  sa_mapping_release(&mapping);
  sa_net_release(&net);
  return counters.cycles[0] == 0;
}
