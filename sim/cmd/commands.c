/* The table of commands: see commands.h. */
#include "cmd/commands.h"

#define SA_COMMAND(name) extern const struct sa_command sa_command_##name;
#include "cmd/commands.def"
#undef SA_COMMAND

const struct sa_command *const sa_commands[SA_COMMANDS] = {
#define SA_COMMAND(name) &sa_command_##name,
#include "cmd/commands.def"
#undef SA_COMMAND
};
