/* The Verilog header of instruction fields against the table of instructions: every `define of
 * rtl/systole_isa.vh has the bits of the rows of isa.def that it stands for, and every row has one. */
#include <check.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "program/isa_table.h"
#include "test_main.h"

enum { BITS = 32 * SA_INSTR_WORDS };

/* Which `defines SA_F_... together hold which fields of the operations `ops`; names are separated by
 * spaces, and a trailing * stands for any end. */
static const struct { const char *macros; uint32_t ops; const char *fields; } pairs[] = {
    {"CLASS", ON_UNITS, "class"},
    {"TAKE", ON_UNITS, "take_*"},
    {"GIVE_READ", ON_UNIT_MATMUL | ON_UNIT_VECTOR, "read_to_*"},
    {"GIVE_DONE", ON_UNITS, "done_to_*"},
    {"BASE_REG", ON_BASE, "reg"},
    {"BASE_VALUE", ON_BASE, "value"},
    {"UB_ADDR", ON_MEM | ON_WLOAD_UB | ON_MATMUL, "ub_addr"},
    {"DRAM_ADDR", ON_DRAM_MEM | ON_WLOAD, "dram_addr"},
    {"DRAM_REG", ON_DRAM_MEM | ON_WLOAD, "base_reg"},
    {"FILL_BYTE", ON_FILL, "byte"},
    {"BYTES", ON_MEM, "bytes"},
    {"MEM_N0", ON_MEM, "n0"},
    {"MEM_N1", ON_MEM, "n1"},
    {"DP0", ON_DRAM_MEM, "dram_pitch0"},
    {"DP1", ON_DRAM_MEM, "dram_pitch1"},
    {"UP0", ON_MEM, "ub_pitch0"},
    {"UP0", ON_WLOAD_UB, "ub_pitch"},
    {"UP1", ON_MEM, "ub_pitch1"},
    {"TILE_K", ON_TILE, "k_used"},
    {"TILE_N", ON_TILE, "n_used"},
    {"MM_N0", ON_MATMUL, "n0"},
    {"MM_N1", ON_MATMUL, "n1"},
    {"MM_N2", ON_MATMUL, "n2"},
    {"MM_K", ON_MATMUL, "k_used"},
    {"MM_S0", ON_MATMUL, "stride0"},
    {"MM_S1", ON_MATMUL, "stride1"},
    {"MM_S2", ON_MATMUL, "stride2"},
    {"MM_ACC_ROW", ON_MATMUL, "acc_row"},
    {"MM_ACC_BANK", ON_MATMUL, "acc_bank"},
    {"VEC_LO", ON_VEC_OUT, "lo"},
    {"VEC_HI", ON_VEC_OUT, "hi"},
    {"VEC_A", ON_VEC_BUFFER, "a"},
    {"VEC_ACC_ROW VEC_ACC_BANK", ON_VACC, "acc_row"},
    {"VEC_N0", ON_VEC_OUT, "n0"},
    {"VEC_N1", ON_VEC_OUT, "n1"},
    {"VEC_N", ON_VEC_OUT, "n"},
    {"VEC_TX", ON_POOL, "tap_x"},
    {"VEC_TY", ON_POOL, "tap_y"},
    {"VEC_A_S0", ON_VEC_OUT, "a_s0"},
    {"VEC_A_S1", ON_VEC_OUT, "a_s1"},
    {"VEC_B", ON_VACC | ON_VEC_TWO | ON_VNORM, "b"},
    {"VEC_B_S0", ON_VACC | ON_VEC_TWO | ON_VNORM | ON_POOL, "b_s0"},
    {"VEC_B_S1", ON_VACC | ON_VEC_TWO | ON_POOL, "b_s1"},
    {"VEC_D", ON_VEC_OUT, "d"},
    {"VEC_D_S0", ON_VEC_OUT, "d_s0"},
    {"VEC_D_S1", ON_VEC_OUT, "d_s1"},
    {"VEC_W14", ON_VACC, "param"},
    {"VEC_W14", ON_SCALE_A, "scale_a"},
    {"VEC_W15", ON_VACC | ON_VADD, "scale_b"},
};

/* `defines SA_FLAG_... and the field of the flags that each is. */
static const struct { const char *macro; uint32_t ops; const char *field; } flags[] = {
    {"ACCUMULATE", ON_MATMUL, "accumulate"}, {"NEXT_TILE", ON_MATMUL, "next_tile"},
    {"TRANSPOSED", ON_TILE, "transposed"},   {"DIAGONAL", ON_TILE, "diagonal"},
    {"PARAMS", ON_VACC, "params"},           {"RESIDUAL", ON_VACC, "residual"},
    {"FENCE", ON_VECTOR, "fence"},           {"TABLE", ON_VEC_OUT, "table"},
    {"RMS", ON_VNORM, "rms"},                {"TABLE_NUMBER", ON_VTABLE, "number"},
};

enum { PAIRS = sizeof pairs / sizeof *pairs, FLAGS = sizeof flags / sizeof *flags, MACROS = 128 };

/* The header: macro names without their prefix. */
struct macro {
  char name[32];
  unsigned high, low; /* bits, or an opcode in both */
  bool used;
};
static struct { struct macro field[MACROS], flag[MACROS], op[MACROS]; size_t fields, flags, ops; } header;

static void add(struct macro *list, size_t *count, const char *name, unsigned high, unsigned low) {
  ck_assert_uint_lt(*count, MACROS);
  struct macro *macro = &list[(*count)++];
  ck_assert_int_lt(snprintf(macro->name, sizeof macro->name, "%s", name), (int)sizeof macro->name);
  macro->high = high;
  macro->low = low;
  macro->used = false;
}

static void read_header(void) {
  const char *folder = getenv("srcdir");
  char path[4096], line[256], name[64];
  snprintf(path, sizeof path, "%s/rtl/systole_isa.vh", folder ? folder : ".");
  FILE *file = fopen(path, "r");
  ck_assert_msg(file != NULL, "%s cannot be opened", path);
  memset(&header, 0, sizeof header);
  while (fgets(line, sizeof line, file)) {
    unsigned high, low;
    if (strncmp(line, "`define SA_", 11) != 0) continue;
    if (sscanf(line, "`define SA_OP_%63s 8'h%x", name, &high) == 2)
      add(header.op, &header.ops, name, high, high);
    else if (sscanf(line, "`define SA_F_%63s %u:%u", name, &high, &low) == 3)
      add(header.field, &header.fields, name, high, low);
    else if (sscanf(line, "`define SA_FLAG_%63s %u:%u", name, &high, &low) == 3)
      add(header.flag, &header.flags, name, high, low);
    else if (sscanf(line, "`define SA_FLAG_%63s %u", name, &high) == 2)
      add(header.flag, &header.flags, name, high, high);
    else
      ck_abort_msg("a line of the header was not understood: %s", line);
  }
  fclose(file);
}

static struct macro *find(struct macro *list, size_t count, const char *name, size_t length) {
  for (size_t i = 0; i < count; i++)
    if (strlen(list[i].name) == length && strncmp(list[i].name, name, length) == 0) return &list[i];
  ck_abort_msg("the header has no %.*s", (int)length, name);
}

static bool matches(const char *pattern, const char *name) {
  const size_t length = strlen(pattern);
  if (length && pattern[length - 1] == '*') return strncmp(pattern, name, length - 1) == 0;
  return strcmp(pattern, name) == 0;
}

/* Adds the bits of the rows of `field` in operation `op` to `bits`. */
static void table_bits(size_t op, const char *field, bool bits[BITS]) {
  size_t count;
  const struct sa_field_row *rows = sa_isa_fields(&count);
  for (size_t i = 0; i < count; i++) {
    if (!(rows[i].ops >> op & 1) || !matches(field, rows[i].name)) continue;
    for (unsigned b = 0; b < rows[i].width; b++) bits[32u * rows[i].word + rows[i].bit + b] = true;
  }
}

START_TEST(every_opcode_of_the_header_is_the_tables) {
  read_header();
  ck_assert_uint_eq(header.ops, SA_OPS);
  for (size_t op = 0; op < SA_OPS; op++) {
    const char *name = sa_isa_op(op)->name;
    ck_assert_msg(find(header.op, header.ops, name, strlen(name))->high == sa_isa_op(op)->opcode,
                  "the opcode of %s differs", name);
  }
}
END_TEST

/* A macro has the bits that its operations use together: a unit has no take and give bits of its own. */
START_TEST(every_field_of_the_header_has_the_bits_of_the_table) {
  read_header();
  for (size_t p = 0; p < PAIRS; p++) {
    bool of_header[BITS] = {false}, of_table[BITS] = {false};
    for (const char *name = pairs[p].macros; *name;) {
      const size_t length = strcspn(name, " ");
      struct macro *macro = find(header.field, header.fields, name, length);
      macro->used = true;
      ck_assert_uint_lt(macro->high, BITS);
      for (unsigned b = macro->low; b <= macro->high; b++) of_header[b] = true;
      name += length + (name[length] == ' ');
    }
    for (size_t op = 0; op < SA_OPS; op++)
      if (pairs[p].ops >> op & 1) table_bits(op, pairs[p].fields, of_table);
    for (unsigned b = 0; b < BITS; b++)
      ck_assert_msg(of_header[b] == of_table[b], "%s: bit %u is in %s alone", pairs[p].macros, b,
                    of_header[b] ? "the header" : "the table");
  }
  /* what every instruction has, and no row of the table says: the table's word 0, bits 15:0 */
  const struct { const char *name; unsigned high, low; } fixed[] = {
      {"OPCODE", 7, 0}, {"UNIT", 7, 4}, {"FLAGS", 15, 8}};
  for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++) {
    struct macro *macro = find(header.field, header.fields, fixed[i].name, strlen(fixed[i].name));
    macro->used = true;
    ck_assert_uint_eq(macro->high, fixed[i].high);
    ck_assert_uint_eq(macro->low, fixed[i].low);
  }
  for (size_t i = 0; i < header.fields; i++)
    ck_assert_msg(header.field[i].used, "nothing compares SA_F_%s", header.field[i].name);
}
END_TEST

START_TEST(every_flag_of_the_header_has_the_bits_of_the_table) {
  read_header();
  for (size_t f = 0; f < FLAGS; f++) {
    bool bits[BITS] = {false};
    struct macro *macro = find(header.flag, header.flags, flags[f].macro, strlen(flags[f].macro));
    macro->used = true;
    for (size_t op = 0; op < SA_OPS; op++)
      if (flags[f].ops >> op & 1) table_bits(op, flags[f].field, bits);
    for (unsigned b = 0; b < BITS; b++)
      ck_assert_msg(bits[b] == (b >= 8 + macro->low && b <= 8 + macro->high), "flag %s: bit %u differs",
                    flags[f].macro, b);
  }
  for (size_t i = 0; i < header.flags; i++)
    ck_assert_msg(header.flag[i].used, "nothing compares SA_FLAG_%s", header.flag[i].name);
}
END_TEST

START_TEST(every_field_of_the_table_is_in_the_header) {
  size_t count;
  const struct sa_field_row *rows = sa_isa_fields(&count);
  for (size_t i = 0; i < count; i++) {
    /* operations without taps have a constant 1 in the places of the taps */
    uint32_t left = rows[i].width == 1 && !strncmp(rows[i].name, "tap_", 4) ? 0 : rows[i].ops;
    for (size_t p = 0; p < PAIRS; p++)
      if (matches(pairs[p].fields, rows[i].name)) left &= ~pairs[p].ops;
    for (size_t f = 0; f < FLAGS; f++)
      if (matches(flags[f].field, rows[i].name)) left &= ~flags[f].ops;
    ck_assert_msg(left == 0, "nothing compares %s in the operations %#x", rows[i].name, left);
  }
}
END_TEST

static Suite *suite(void) {
  Suite *s = suite_create("isa_vh");
  TCase *t = tcase_create("header");
  tcase_add_test(t, every_opcode_of_the_header_is_the_tables);
  tcase_add_test(t, every_field_of_the_header_has_the_bits_of_the_table);
  tcase_add_test(t, every_flag_of_the_header_has_the_bits_of_the_table);
  tcase_add_test(t, every_field_of_the_table_is_in_the_header);
  suite_add_tcase(s, t);
  return s;
}

SA_TEST_MAIN(suite)
