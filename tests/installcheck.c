/* A user of the installed library: loads a shipped machine by name through the public headers. */
#include <engine/engine.h>
#include <engine/exec.h>
#include <net/net.h>
#include <stdio.h>

int main(void) {
  struct sa_config config;
  struct sa_error error = {0};
  if (sa_config_load("tpu-v1", NULL, 0, &config, &error)) {
    fprintf(stderr, "%s\n", error.message);
    return 1;
  }
  return config.array_rows == 256 ? 0 : 1;
}
