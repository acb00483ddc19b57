/* Ctrl-C: see interrupt.h. The one place with a variable of the whole program: a handler has no other way
 * to tell. */
#include "cmd/interrupt.h"

#include <signal.h>
#include <stddef.h>

static volatile sig_atomic_t wanted;

static void note(int number) {
  (void)number;
  wanted = 1;
}

void sa_interrupt_catch(void) {
  struct sigaction action = {.sa_handler = note, .sa_flags = (int)SA_RESETHAND};
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, NULL);
  action.sa_flags = 0;
  sigaction(SIGTERM, &action, NULL);
}

bool sa_interrupt_wanted(void) { return wanted != 0; }
