/* The table of commands, made from commands.def. */
#ifndef SA_CMD_COMMANDS_H
#define SA_CMD_COMMANDS_H
#include "cmd/command.h"

enum {
  SA_COMMANDS = 0
#define SA_COMMAND(name) +1
#include "cmd/commands.def"
#undef SA_COMMAND
};

extern const struct sa_command *const sa_commands[SA_COMMANDS];
#endif
