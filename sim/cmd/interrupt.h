/* Ctrl-C in a command that can leave something useful behind: the first one asks it to end, the second
 * kills as usual. */
#ifndef SA_CMD_INTERRUPT_H
#define SA_CMD_INTERRUPT_H
#include <stdbool.h>

void sa_interrupt_catch(void);
bool sa_interrupt_wanted(void);
#endif
