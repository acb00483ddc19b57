/* `systole program`: the program of a network as a file, as text, checked; and the way back. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "cmd/command.h"
#include "cmd/load.h"
#include "program/asm.h"
#include "program/check.h"
#include "program/file.h"

static const struct sa_command_option options[] = {
    SA_OPTION_SET_BOTH,
    SA_OPTIONS_NETWORK,
    SA_OPTION_MAP,
    {"output", 'o', "FILE", false, "where the result goes (text: default standard output)"},
    {"disassemble", 'd', NULL, false, "write text instead of the binary form"},
    {"assemble", 'a', NULL, false, "FILE is text: write the binary form"},
    {"flat", 'F', NULL, false, "write the stream as the sequencer takes it, 64 bytes an instruction"},
    {"check", 'c', NULL, false, "check that the program is legal on CONFIG (slow); with FILE: CONFIG FILE"},
};

enum { MAX_TEXT_BYTES = 1 << 30 };

static enum sa_status write_text(const struct sa_program *program, const char *path, struct sa_error *error) {
  if (!path) {
    sa_disassemble(program, stdout);
    return SA_OK;
  }
  struct sa_output output;
  const enum sa_status status = sa_output_open(&output, path, error);
  if (status) return status;
  sa_disassemble(program, output.file);
  return sa_output_commit(&output, error);
}

/* Writes the program in the form that the options name. */
static enum sa_status write_out(const struct sa_args *args, const struct sa_program *program,
                                struct sa_error *error) {
  const char *path = sa_args_value(args, "output");
  if (sa_args_has(args, "disassemble")) return write_text(program, path, error);
  if (!path && sa_args_has(args, "check")) return SA_OK;
  if (!path)
    return sa_fail(error, SA_ERR_INPUT, "the binary form needs --output FILE (or say --disassemble)");
  return sa_args_has(args, "flat") ? sa_program_save_stream(program, path, error)
                                   : sa_program_save(program, 0, NULL, 0, path, error);
}

static enum sa_status check(const struct sa_args *args, const struct sa_config *config,
                            const struct sa_program *program, struct sa_error *error) {
  if (!sa_args_has(args, "check")) return SA_OK;
  const enum sa_status status = sa_program_check(config, program, error);
  if (!status) fputs("the program is legal\n", stderr);
  return status;
}

static enum sa_status from_network(const struct sa_args *args, const struct sa_config *config,
                                   const struct sa_net *net, struct sa_error *error) {
  struct sa_map_override overrides[SA_MAX_OVERRIDES];
  struct sa_map_options map = {.overrides = overrides};
  enum sa_status status = sa_load_overrides(args, net, overrides, &map.override_count, error);
  if (status) return status;
  struct sa_mapping mapping;
  sa_mapping_init(&mapping);
  status = sa_map(config, net, &map, &mapping, error);
  if (!status) status = check(args, config, &mapping.program, error);
  if (!status) status = write_out(args, &mapping.program, error);
  sa_mapping_release(&mapping);
  return status;
}

static enum sa_status read_text(const char *path, struct sa_program *program, struct sa_error *error) {
  char *text;
  size_t bytes;
  enum sa_status status = sa_file_read(path, MAX_TEXT_BYTES, &text, &bytes, error);
  if (status) return status;
  status = sa_assemble(path, text, bytes, program, error);
  free(text);
  return status;
}

/* The last argument is a program file, or its text. */
static enum sa_status from_file(const struct sa_args *args, const struct sa_config *config,
                                const char *path, struct sa_error *error) {
  struct sa_program_file file;
  sa_program_file_init(&file);
  enum sa_status status = sa_args_has(args, "assemble") ? read_text(path, &file.program, error)
                                                        : sa_program_load(&file, path, error);
  if (status) return status;
  if (config) status = check(args, config, &file.program, error);
  if (!status) status = write_out(args, &file.program, error);
  sa_program_file_release(&file);
  return status;
}

static bool is_program_file(const char *path) {
  const char *dot = strrchr(path, '.');
  return dot && strcmp(dot, ".sap") == 0;
}

static int run(const struct sa_args *args) {
  struct sa_error error = {0};
  struct sa_config config;
  enum sa_status status = SA_OK;
  if (sa_args_count(args) == 1) {
    if (sa_args_has(args, "check"))
      status = sa_fail(&error, SA_ERR_INPUT, "--check needs CONFIG FILE");
    else
      status = from_file(args, NULL, sa_args_get(args, 0), &error);
    return status ? sa_command_fail(&error) : SA_EXIT_OK;
  }
  status = sa_load_machine(args, 0, &config, NULL, &error);
  if (!status && (is_program_file(sa_args_get(args, 1)) || sa_args_has(args, "assemble"))) {
    status = sa_load_no_network_settings(args, &error);
    if (!status) status = from_file(args, &config, sa_args_get(args, 1), &error);
  } else if (!status) {
    struct sa_net net;
    status = sa_load_network(args, 1, &net, &error);
    if (!status) {
      status = from_network(args, &config, &net, &error);
      sa_net_release(&net);
    }
  }
  return status ? sa_command_fail(&error) : SA_EXIT_OK;
}

const struct sa_command sa_command_program = {
    .name = "program",
    .arguments = "CONFIG NETWORK | [CONFIG] FILE",
    .min_arguments = 1,
    .max_arguments = 2,
    .summary = "write the program of a network, disassemble, assemble, check it",
    .details = "FILE is a program file (.sap) or, with --assemble, its text. Assembling what was disassembled\n"
               "gives the same program. docs/machine.md describes every bit.\n" SA_MAP_DETAILS,
    SA_OPTIONS(options),
    .run = run,
};
