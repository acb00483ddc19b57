/* Program files and assembly text: the same program there and back, and every mistake by its message. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "engine/random.h"
#include "program/asm.h"
#include "program/file.h"
#include "test_main.h"

static const char *const path = "test_program_file.tmp";

static struct sa_program program;
static struct sa_program_file file;
static struct sa_error error;
static char *data;
static size_t bytes;

static void setup(void) {
  sa_program_init(&program);
  sa_program_file_init(&file);
}

static void teardown(void) {
  sa_program_release(&program);
  sa_program_file_release(&file);
  free(data);
  data = NULL;
  unlink(path);
}

static void draw(uint64_t seed) {
  struct sa_rng rng;
  struct sa_config config;
  struct sa_memory *memory = sa_memory_create();
  sa_rng_init(&rng, seed);
  sa_random_config(&rng, &config);
  ck_assert_int_eq(sa_random_program(&rng, &config, 60, &program, memory, &error), SA_OK);
  sa_memory_free(memory);
}

static void save_and_read(const char *const *names, size_t name_count) {
  ck_assert_msg(sa_program_save(&program, 77, names, name_count, path, &error) == SA_OK, "%s",
                error.message);
  ck_assert_int_eq(sa_file_read(path, 1 << 24, &data, &bytes, &error), SA_OK);
}

/* Same streams, word by word and layer by layer. */
static void expect_same(const struct sa_program *a, const struct sa_program *b) {
  struct sa_stream_reader x, y;
  sa_stream_open(&x, a);
  sa_stream_open(&y, b);
  for (;;) {
    uint32_t layer_x, layer_y, words_x[SA_INSTR_WORDS], words_y[SA_INSTR_WORDS];
    const struct sa_instr *i = sa_stream_next(&x, &layer_x), *j = sa_stream_next(&y, &layer_y);
    ck_assert_int_eq(!i, !j);
    if (!i) return;
    sa_instr_encode(i, words_x);
    sa_instr_encode(j, words_y);
    ck_assert_mem_eq(words_x, words_y, sizeof words_x);
    ck_assert_uint_eq(layer_x, layer_y);
  }
}

START_TEST(a_saved_program_is_loaded_the_same) {
  for (uint64_t seed = 0; seed < 20; seed++) {
    setup();
    draw(seed);
    ck_assert_int_eq(sa_program_save(&program, 77, NULL, 0, path, &error), SA_OK);
    ck_assert_msg(sa_program_load(&file, path, &error) == SA_OK, "%s", error.message);
    expect_same(&program, &file.program);
    ck_assert_uint_eq(file.config_hash, 77);
    ck_assert_uint_eq(file.program.block_count, program.block_count);
    teardown();
  }
}
END_TEST

static void tiny(void) {
  uint32_t block;
  const struct sa_instr sync = {.opcode = SA_OP_LOAD_SYNC};
  ck_assert_int_eq(sa_program_add_block(&program, &block, &error), SA_OK);
  ck_assert_int_eq(sa_block_append(&program.blocks[0], &sync, 1, &error), SA_OK);
  const struct sa_call call = {.block = 0};
  ck_assert_int_eq(sa_program_add_call(&program, &call, &error), SA_OK);
}

START_TEST(layer_names_are_kept) {
  static const char *const names[] = {"conv1", "fc"};
  tiny();
  save_and_read(names, 2);
  ck_assert_msg(sa_program_parse(&file, path, data, bytes, &error) == SA_OK, "%s", error.message);
  ck_assert_uint_eq(file.layer_count, 2);
  ck_assert_str_eq(file.layer_names[0], "conv1");
  ck_assert_str_eq(file.layer_names[1], "fc");
}
END_TEST

START_TEST(every_truncation_is_refused) {
  static const char *const names[] = {"conv1", "fc"};
  draw(3);
  for (size_t b = 0; b < program.block_count; b++)
    for (size_t i = 0; i < program.blocks[b].count; i++) program.blocks[b].layers[i] = 0;
  for (size_t c = 0; c < program.call_count; c++) program.calls[c].first_layer = 0;
  save_and_read(names, 2);
  for (size_t cut = 0; cut < bytes; cut++)
    ck_assert_msg(sa_program_parse(&file, path, data, cut, &error) == SA_ERR_INPUT, "cut at %zu", cut);
  ck_assert_int_eq(sa_program_parse(&file, path, data, bytes, &error), SA_OK);
}
END_TEST

static void expect_refused(const char *message) {
  ck_assert_int_eq(sa_program_parse(&file, path, data, bytes, &error), SA_ERR_INPUT);
  ck_assert_str_eq(error.message, message);
  ck_assert_str_eq(error.file, path);
}

/* Offsets in the file of tiny(): header 28, block count 28, instruction 32, layer 96, call 100, base
 * registers 108. */
START_TEST(damaged_files_are_refused_by_place_and_value) {
  static const char *const names[] = {"conv1"};
  tiny();
  program.blocks[0].layers[0] = 0;
  save_and_read(names, 1);
  data[0] = 'X';
  expect_refused("not a program file");
  data[0] = 'S';
  data[7] = 9;
  expect_refused("program file of version 9; this reads version 1");
  data[7] = 1;
  data[32] = 0x7f;
  expect_refused("block 0, instruction 0 (offset 32): opcode 0x7f is not an instruction");
  data[32] = 0;
  expect_refused("block 0, instruction 0 (offset 32): BASE and END cannot be in a block");
  data[32] = SA_OP_LOAD_SYNC;
  data[31] = 1;
  expect_refused("truncated: 16777217 instructions need 1140850756 bytes at offset 32, but 147 are left");
  data[31] = 0;
  data[96] = 4;
  expect_refused("call 0, instruction 0: layer is 4; there are 1 layers");
  data[96] = 0;
  data[100] = 2;
  expect_refused("call 0: block is 2; there are 1 blocks");
  data[100] = 0;
  data[114] = 1;
  expect_refused("call 0: base register 0 is 0x1000000000000; it has 48 bits");
  data[114] = 0;
  data[174] = 7;
  expect_refused("layer name 0 holds a control character");
  data[174] = 'c';
  bytes++; /* the null byte that reading adds */
  expect_refused("1 bytes behind the end of the program");
}
END_TEST

START_TEST(an_unwritable_path_leaves_no_file) {
  tiny();
  ck_assert_int_eq(sa_program_save(&program, 0, NULL, 0, "/nonexistent/x.sap", &error), SA_ERR_IO);
}
END_TEST

START_TEST(the_flat_form_is_the_stream) {
  draw(5);
  ck_assert_int_eq(sa_program_save_stream(&program, path, &error), SA_OK);
  ck_assert_int_eq(sa_file_read(path, 1 << 24, &data, &bytes, &error), SA_OK);
  ck_assert_uint_eq(bytes, 64 * sa_stream_length(&program));
  struct sa_stream_reader reader;
  uint32_t layer;
  sa_stream_open(&reader, &program);
  for (size_t at = 0; at < bytes; at += 64) {
    uint32_t words[SA_INSTR_WORDS];
    sa_instr_encode(sa_stream_next(&reader, &layer), words);
    for (size_t i = 0; i < 64; i++)
      ck_assert_uint_eq((unsigned char)data[at + i], words[i / 4] >> 8 * (i % 4) & 0xff);
  }
}
END_TEST

/* ---- Text ---- */

START_TEST(assembling_what_was_disassembled_gives_the_same_program) {
  for (uint64_t seed = 100; seed < 130; seed++) {
    struct sa_program again;
    setup();
    sa_program_init(&again);
    draw(seed);
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    sa_disassemble(&program, out);
    fclose(out);
    ck_assert_msg(sa_assemble("text", text, length, &again, &error) == SA_OK, "%d:%d: %s", error.line,
                  error.column, error.message);
    expect_same(&program, &again);
    ck_assert_uint_eq(program.block_count, again.block_count);
    sa_program_release(&again);
    free(text);
    teardown();
  }
}
END_TEST

static void assemble(const char *text) {
  ck_assert_msg(sa_assemble("a.sas", text, strlen(text), &program, &error) == SA_OK, "%d:%d: %s",
                error.line, error.column, error.message);
}

START_TEST(text_means_what_it_says) {
  assemble("# a comment\n"
           "block main   # another\n"
           "  layer 2\n"
           "  LOAD ub_addr=0x10 dram_addr=0xabcdef012345 base_reg=1 bytes=64 dram_pitch0=-64 n0=2 "
           "take_store=3 done_to_matmul done_to_vector=1 class=1\n"
           "\tVMAX a=1 d=2 n=3 tap_x=2 lo=-128 hi=127 read_to_load table\r\n"
           "call main layer=5 base1=0x1000\n");
  ck_assert_uint_eq(program.block_count, 1);
  ck_assert_uint_eq(program.call_count, 1);
  ck_assert_uint_eq(program.calls[0].first_layer, 5);
  ck_assert_uint_eq(program.calls[0].base[1], 0x1000);
  const struct sa_instr *load = &program.blocks[0].instrs[0], *max = &program.blocks[0].instrs[1];
  ck_assert_uint_eq(program.blocks[0].layers[0], 2);
  ck_assert_uint_eq(load->opcode, SA_OP_LOAD);
  ck_assert_uint_eq(load->u.mem.dram_addr, UINT64_C(0xabcdef012345));
  ck_assert_int_eq(load->u.mem.dram_pitch0, -64);
  ck_assert_uint_eq(load->u.mem.n1, 1);
  ck_assert_uint_eq(load->take[SA_EV_STORE], 3);
  ck_assert_uint_eq(load->give_done, 1u << SA_MATMUL | 1u << SA_VECTOR);
  ck_assert_uint_eq(load->tensor_class, 1);
  ck_assert_int_eq(max->u.vec.lo, -128);
  ck_assert_uint_eq(max->u.vec.tap_x, 2);
  ck_assert_uint_eq(max->u.vec.tap_y, 1);
  ck_assert_uint_eq(max->flags, SA_F_TABLE);
  ck_assert_uint_eq(max->give_read, 1u << SA_LOAD);
}
END_TEST

START_TEST(mistakes_are_shown_by_line_and_column) {
  static const struct { const char *text; int line, column; const char *message; } cases[] = {
      {"LOAD bytes=1\n", 1, 1, "LOAD comes before any block"},
      {"block\n", 1, 6, "block needs a name"},
      {"block a\nblock a\n", 2, 7, "block \"a\" exists already"},
      {"block a b\n", 1, 9, "\"b\" is not expected here"},
      {"block a\n  LOADS\n", 2, 3, "\"LOADS\" is not an instruction; did you mean \"LOAD\"?"},
      {"block a\n  END\n", 2, 3, "END cannot be in a block; calls make it"},
      {"block a\n  LOAD byte=3\n", 2, 8, "LOAD has no field \"byte\"; did you mean \"bytes\"?"},
      {"block a\n  LOAD bytes=1 bytes=2\n", 2, 16, "bytes is given twice"},
      {"block a\n  LOAD bytes\n", 2, 8, "bytes needs a value"},
      {"block a\n  LOAD bytes=12z\n", 2, 14, "bytes: \"12z\" is not a number"},
      {"block a\n  LOAD bytes=-1\n", 2, 14, "bytes: \"-1\" is not a number"},
      {"block a\n  LOAD bytes=\n", 2, 14, "bytes: \"\" is not a number"},
      {"block a\n  LOAD n0=65536\n", 2, 11, "n0 is 65536; it must be between 0 and 65535"},
      {"block a\n  LOAD n0=0\n", 2, 3, "LOAD.n0 is 0; it must be at least 1"},
      {"block a\n  VMOV lo=-129\n", 2, 11, "lo is -129; it must be between -128 and 127"},
      {"block a\n  VMOV lo=128\n", 2, 11, "lo is 128; it must be between -128 and 127"},
      {"block a\n  LOAD dram_addr=0x1000000000000\n", 2, 18,
       "dram_addr is 0x1000000000000; it must be between 0 and 281474976710655"},
      {"block a\n  WLOAD transposed=2\n", 2, 20, "transposed is 2; it must be between 0 and 1"},
      {"block a\n  WLOAD transposed diagonal\n", 2, 3, "WLOAD is transposed and diagonal; it can be one"},
      {"call a\n", 1, 6, "call of \"a\", which is no block above"},
      {"block a\ncall a base8=1\n", 2, 8,
       "call has no field \"base8\"; it has layer and base0 to base7"},
      {"block a\ncall a layer\n", 2, 8, "layer needs a value"},
      {"block a\n  LOAD \x01\n", 2, 8, "character 0x01 is not text"}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    const enum sa_status status =
        sa_assemble("a.sas", cases[i].text, strlen(cases[i].text), &program, &error);
    ck_assert_msg(status == SA_ERR_INPUT, "case %zu is accepted", i);
    ck_assert_str_eq(error.message, cases[i].message);
    ck_assert_msg(error.line == cases[i].line && error.column == cases[i].column, "case %zu at %d:%d", i,
                  error.line, error.column);
    ck_assert_str_eq(error.file, "a.sas");
    ck_assert_uint_eq(program.block_count, 0);
  }
}
END_TEST

static Suite *make_suite(void) {
  Suite *suite = suite_create("program file");
  const TTest *const tests[] = {a_saved_program_is_loaded_the_same, layer_names_are_kept,
                                every_truncation_is_refused,
                                damaged_files_are_refused_by_place_and_value,
                                an_unwritable_path_leaves_no_file, the_flat_form_is_the_stream,
                                assembling_what_was_disassembled_gives_the_same_program,
                                text_means_what_it_says, mistakes_are_shown_by_line_and_column};
  TCase *all = tcase_create("file and text");
  tcase_add_checked_fixture(all, setup, teardown);
  for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++) tcase_add_test(all, tests[i]);
  suite_add_tcase(suite, all);
  return suite;
}

SA_TEST_MAIN(make_suite)
