/* SCALE-Sim's config files: see scalesim_cfg.h. The file is first read into SCALE-Sim's own terms by
 * one table of keys, then mapped to the machine. */
#include "import/scalesim_cfg.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "import/lines.h"
#include "import/names.h"

/* The file in SCALE-Sim's terms. Sizes in KiB, bandwidth in words (bytes) per cycle and interface. */
struct scalesim {
  char run_name[SA_NAME_CHARS];
  uint32_t array_height, array_width;
  uint32_t ifmap_kib, filter_kib, ofmap_kib;
  uint32_t bandwidth; /* 0: not given */
  uint32_t read_requests;
  uint32_t user_bandwidth, sparsity, ramulator, ifmap_layout, filter_layout;
  uint32_t dataflow;
};

enum key_kind {
  KEY_NUMBER, /* a whole number from 1 to max */
  KEY_LIST,   /* numbers separated by commas; the first counts */
  KEY_NAME,
  KEY_BOOL,   /* true or false */
  KEY_MODE,   /* CALC 0, USER 1 */
  KEY_DATAFLOW,
  KEY_UNUSED  /* known, without effect here */
};

struct key_row {
  const char *name;
  enum key_kind kind;
  size_t offset; /* of a uint32_t in struct scalesim (KEY_NAME: of the text) */
  uint32_t max;
  bool required;
};

#define AT(field) offsetof(struct scalesim, field)
/* One row a key; a key of several versions has a row for each spelling. */
static const struct key_row keys[] = {
    {"run_name", KEY_NAME, AT(run_name), 0, false},
    {"ArrayHeight", KEY_NUMBER, AT(array_height), 512, true},
    {"ArrayWidth", KEY_NUMBER, AT(array_width), 512, true},
    {"IfmapSramSzkB", KEY_NUMBER, AT(ifmap_kib), 1u << 20, true},
    {"FilterSramSzkB", KEY_NUMBER, AT(filter_kib), 1u << 20, true},
    {"OfmapSramSzkB", KEY_NUMBER, AT(ofmap_kib), 1u << 20, true},
    {"IfmapSramSz", KEY_NUMBER, AT(ifmap_kib), 1u << 20, false},   /* v1 */
    {"FilterSramSz", KEY_NUMBER, AT(filter_kib), 1u << 20, false}, /* v1 */
    {"OfmapSramSz", KEY_NUMBER, AT(ofmap_kib), 1u << 20, false},   /* v1 */
    {"Bandwidth", KEY_LIST, AT(bandwidth), 1u << 20, false},
    {"Dataflow", KEY_DATAFLOW, AT(dataflow), 0, true},
    {"InterfaceBandwidth", KEY_MODE, AT(user_bandwidth), 0, false},
    {"ReadRequestBuffer", KEY_NUMBER, AT(read_requests), 1u << 20, false},
    {"SparsitySupport", KEY_BOOL, AT(sparsity), 0, false},
    {"UseRamulatorTrace", KEY_BOOL, AT(ramulator), 0, false},
    {"IfmapCustomLayout", KEY_BOOL, AT(ifmap_layout), 0, false},
    {"FilterCustomLayout", KEY_BOOL, AT(filter_layout), 0, false},
    /* where SCALE-Sim puts its operands, how it banks its memories, how it models sparsity: ours differ */
    {"IfmapOffset", KEY_UNUSED, 0, 0, false},
    {"FilterOffset", KEY_UNUSED, 0, 0, false},
    {"OfmapOffset", KEY_UNUSED, 0, 0, false},
    {"MemoryBanks", KEY_UNUSED, 0, 0, false},
    {"OnChipMemoryBanks", KEY_UNUSED, 0, 0, false},
    {"OnChipMemoryBankPorts", KEY_UNUSED, 0, 0, false},
    {"WriteRequestBuffer", KEY_UNUSED, 0, 0, false},
    {"SRAM_row_size", KEY_UNUSED, 0, 0, false},
    {"SRAM_bank_size", KEY_UNUSED, 0, 0, false},
    {"DRAM_row_size", KEY_UNUSED, 0, 0, false},
    {"DRAM_bank_size", KEY_UNUSED, 0, 0, false},
    {"IfmapSRAMBankBandwidth", KEY_UNUSED, 0, 0, false},
    {"IfmapSRAMBankNum", KEY_UNUSED, 0, 0, false},
    {"IfmapSRAMBankPort", KEY_UNUSED, 0, 0, false},
    {"FilterSRAMBankBandwidth", KEY_UNUSED, 0, 0, false},
    {"FilterSRAMBankNum", KEY_UNUSED, 0, 0, false},
    {"FilterSRAMBankPort", KEY_UNUSED, 0, 0, false},
    {"SparseRep", KEY_UNUSED, 0, 0, false},
    {"OptimizedMapping", KEY_UNUSED, 0, 0, false},
    {"BlockSize", KEY_UNUSED, 0, 0, false},
    {"NonZeroElems", KEY_UNUSED, 0, 0, false},
    {"RandomNumberGeneratorSeed", KEY_UNUSED, 0, 0, false},
    {"TopologyCsvLoc", KEY_UNUSED, 0, 0, false},
};
#undef AT
#define KEY_COUNT (sizeof keys / sizeof keys[0])

struct reader {
  struct sa_lines lines;
  struct scalesim *file;
  int given[KEY_COUNT]; /* line of each key, 0 = not given */
  struct sa_notes *notes;
  struct sa_error *error;
};

static enum sa_status bad_value(const struct reader *r, const struct key_row *key, const char *value,
                                const char *expected) {
  char shown[80];
  return sa_fail_at(r->error, SA_ERR_INPUT, r->lines.path, r->lines.number, 0, "%s is '%s'; it must be %s",
                    key->name, sa_name_show(value, strlen(value), shown, sizeof shown), expected);
}

/* Decimal digits only; false if there is none, something else, or more than max. */
static bool read_number(const char *text, uint32_t max, uint32_t *number) {
  uint64_t value = 0;
  if (!*text) return false;
  for (; *text; text++) {
    if (*text < '0' || *text > '9') return false;
    value = 10 * value + (uint64_t)(*text - '0');
    if (value > max) return false;
  }
  *number = (uint32_t)value;
  return true;
}

/* Position of the value among the words; false if it is none. */
static bool read_word(const char *value, const char *const *words, uint32_t count, uint32_t *word) {
  for (uint32_t i = 0; i < count; i++)
    if (sa_text_same(value, words[i])) {
      *word = i;
      return true;
    }
  return false;
}

static enum sa_status read_value(struct reader *r, const struct key_row *key, char *value) {
  static const char *const bools[] = {"false", "true", "no", "yes", "off", "on", "0", "1"};
  static const char *const modes[] = {"CALC", "USER"};
  char *place = (char *)r->file + key->offset;
  uint32_t number = 0;
  char expected[64];
  switch (key->kind) {
    case KEY_UNUSED:
      return SA_OK;
    case KEY_NAME:
      sa_name_clean(value, strlen(value), "scale_sim", place);
      return SA_OK;
    case KEY_LIST:
      if (strchr(value, ',')) {
        *strchr(value, ',') = '\0';
        sa_text_trim(value);
        sa_notes_add(r->notes,
                     "%s:%d: %s: only the first value is used, for each interface, as SCALE-Sim does",
                     r->lines.path, r->lines.number, key->name);
      }
      /* fall through */
    case KEY_NUMBER:
      if (!read_number(value, key->max, &number) || number == 0) {
        snprintf(expected, sizeof expected, "a whole number between 1 and %" PRIu32, key->max);
        return bad_value(r, key, value, expected);
      }
      break;
    case KEY_BOOL:
      if (!read_word(value, bools, 8, &number)) return bad_value(r, key, value, "true or false");
      number &= 1;
      break;
    case KEY_MODE:
      if (!read_word(value, modes, 2, &number)) return bad_value(r, key, value, "CALC or USER");
      break;
    case KEY_DATAFLOW: {
      const char *const flows[SA_DATAFLOWS] = {sa_dataflow_name(0), sa_dataflow_name(1),
                                               sa_dataflow_name(2)};
      if (!read_word(value, flows, SA_DATAFLOWS, &number)) return bad_value(r, key, value, "ws, is or os");
      break;
    }
  }
  memcpy(place, &number, sizeof number);
  return SA_OK;
}

/* Quotes that v1 puts around names. */
static char *strip_quotes(char *value) {
  const size_t length = strlen(value);
  if (length < 2 || value[0] != '"' || value[length - 1] != '"') return value;
  value[length - 1] = '\0';
  return value + 1;
}

static enum sa_status read_line(struct reader *r, char *line) {
  char shown[80];
  if (*line == '\0' || *line == '#' || *line == ';') return SA_OK;
  if (*line == '[') {
    if (strchr(line, ']')) return SA_OK; /* no two sections share a key */
    return sa_fail_at(r->error, SA_ERR_INPUT, r->lines.path, r->lines.number, 0,
                      "the section '%s' lacks its ']'",
                      sa_name_show(line, strlen(line), shown, sizeof shown));
  }
  char *sign = line + strcspn(line, ":=");
  if (*sign == '\0')
    return sa_fail_at(r->error, SA_ERR_INPUT, r->lines.path, r->lines.number, 0,
                      "'%s' is neither a section nor 'key : value'",
                      sa_name_show(line, strlen(line), shown, sizeof shown));
  *sign = '\0';
  const char *name = sa_text_trim(line);
  char *value = strip_quotes(sa_text_trim(sign + 1));
  for (size_t i = 0; i < KEY_COUNT; i++) {
    if (!sa_text_same(name, keys[i].name)) continue;
    if (r->given[i])
      return sa_fail_at(r->error, SA_ERR_INPUT, r->lines.path, r->lines.number, 0,
                        "%s is given a second time; the first is in line %d", keys[i].name, r->given[i]);
    r->given[i] = r->lines.number;
    return read_value(r, &keys[i], value);
  }
  sa_notes_add(r->notes, "%s:%d: key '%s' is not known and has no effect", r->lines.path, r->lines.number,
               sa_name_show(name, strlen(name), shown, sizeof shown));
  return SA_OK;
}

/* A required key may be given in another version's spelling: any row of the same field will do. */
static enum sa_status check_required(const struct reader *r) {
  for (size_t i = 0; i < KEY_COUNT; i++) {
    if (!keys[i].required) continue;
    bool given = false;
    for (size_t j = 0; j < KEY_COUNT; j++)
      given |= r->given[j] && keys[j].kind == keys[i].kind && keys[j].offset == keys[i].offset;
    if (!given)
      return sa_fail_at(r->error, SA_ERR_INPUT, r->lines.path, 0, 0, "%s is missing", keys[i].name);
  }
  if (r->file->user_bandwidth && !r->file->bandwidth)
    return sa_fail_at(r->error, SA_ERR_INPUT, r->lines.path, 0, 0,
                      "InterfaceBandwidth is USER, but Bandwidth is missing");
  return SA_OK;
}

static uint32_t power_of_two_from(uint64_t least) {
  uint32_t power = 1;
  while (power < least && power < (1u << 31)) power *= 2;
  return power;
}

/* A port of `bytes_per_cycle`, which SCALE-Sim counts in words of one byte. */
static void map_port(struct sa_port_config *port, const char *name, uint64_t bytes_per_cycle,
                     uint32_t outstanding, struct sa_notes *notes) {
  if (bytes_per_cycle > 1024) {
    sa_notes_add(notes, "%s port: %" PRIu64 " bytes per cycle are cut to 1024, the widest port", name,
                 bytes_per_cycle);
    bytes_per_cycle = 1024;
  }
  port->width_bytes = power_of_two_from(bytes_per_cycle);
  port->burst_bytes = port->width_bytes > 64 ? port->width_bytes : 64;
  port->outstanding_bursts = outstanding;
  port->latency_cycles = 1; /* SCALE-Sim's memory answers at once */
  port->bandwidth_bytes_per_s = bytes_per_cycle * SA_SCALESIM_CLOCK_HZ;
}

/* Splits the buffer into 8 to 32 banks of a power of two each, exactly if that can be, else rounding up. */
static void map_buffer(struct sa_config *config, uint64_t bytes, struct sa_notes *notes) {
  uint64_t bank = 1;
  while (bank * 16 <= bytes) bank *= 2; /* 8 to 16 banks */
  if (bytes % bank != 0 && bytes % (bank / 2) == 0) bank /= 2; /* 16 to 32 banks */
  config->buffer_banks = (uint32_t)((bytes + bank - 1) / bank);
  config->buffer_bytes = bank * config->buffer_banks;
  if (config->buffer_bytes != bytes)
    sa_notes_add(notes, "unified buffer: %" PRIu64 " KiB rounded up to %" PRIu64 " KiB, %" PRIu32
                 " banks of a power of two", bytes >> 10, config->buffer_bytes >> 10, config->buffer_banks);
}

static uint32_t clamp(uint64_t value, uint32_t low, uint32_t high) {
  return value < low ? low : value > high ? high : (uint32_t)value;
}

/* docs/import.md explains each line. */
static void map_machine(const struct scalesim *file, struct sa_config *config, struct sa_notes *notes) {
  const uint32_t rows = file->array_height, cols = file->array_width;
  const uint32_t larger = rows > cols ? rows : cols;
  *config = (struct sa_config){.clock_hz = SA_SCALESIM_CLOCK_HZ, .array_rows = rows, .array_cols = cols,
                               .weight_buffers = 1, .weight_shift_rows = 1, .vector_lanes = cols,
                               .memory_ports = 2};
  snprintf(config->name, sizeof config->name, "%s", file->run_name[0] ? file->run_name : "scale_sim");
  map_buffer(config, ((uint64_t)file->ifmap_kib + file->ofmap_kib) << 10, notes);
  config->accumulator_rows = clamp(((uint64_t)file->ofmap_kib << 10) / 2 / cols, 16, 65536);
  config->weight_fifo_tiles = clamp(((uint64_t)file->filter_kib << 10) / ((uint64_t)rows * cols), 1, 64);
  const uint32_t outstanding = file->read_requests ? clamp(file->read_requests, 1, 256) : 64;
  const uint64_t ifmap_ofmap = file->user_bandwidth ? 2 * (uint64_t)file->bandwidth : 2 * (uint64_t)larger;
  const uint64_t filter = file->user_bandwidth ? file->bandwidth : larger;
  map_port(&config->port[0], "activation", ifmap_ofmap, outstanding, notes);
  map_port(&config->port[1], "weight", filter, outstanding, notes);
  if (file->dataflow != SA_DATAFLOW_WS)
    sa_notes_add(notes,
                 "Dataflow is %s; this machine is weight stationary and runs the network so (the "
                 "closed form uses %s)",
                 sa_dataflow_name(file->dataflow), sa_dataflow_name(file->dataflow));
  if (file->sparsity)
    sa_notes_add(notes, "SparsitySupport: the machine is dense; every weight is computed");
  if (file->ramulator)
    sa_notes_add(notes,
                 "UseRamulatorTrace: no outside trace is read; the machine's own DRAM model is used");
  if (file->ifmap_layout || file->filter_layout)
    sa_notes_add(notes, "IfmapCustomLayout, FilterCustomLayout: the machine lays out its buffer itself");
}

enum sa_status sa_scalesim_cfg_read(const char *path, struct sa_config *config,
                                    enum sa_dataflow *dataflow, struct sa_notes *notes,
                                    struct sa_error *error) {
  struct scalesim file = {.run_name = ""};
  struct reader r = {.file = &file, .notes = notes, .error = error};
  enum sa_status status = sa_lines_open(&r.lines, path, error);
  if (status) return status;
  char *line;
  int column;
  while (!status && (line = sa_lines_next(&r.lines, &column))) status = read_line(&r, line);
  if (!status) status = check_required(&r);
  if (!status) {
    map_machine(&file, config, notes);
    *dataflow = (enum sa_dataflow)file.dataflow;
  }
  sa_lines_close(&r.lines);
  return status;
}
