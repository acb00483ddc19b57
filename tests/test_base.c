/* The small tools below everything: units, suggestions, memory images, files, random numbers, hash. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/rng.h"
#include "base/suggest.h"
#include "base/units.h"
#include "base/vec.h"
#include "test_main.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof(array)[0]))

static struct sa_error error;
static char formatted[2048];

static const char *message(void) { return sa_error_format(&error, formatted, sizeof formatted); }

/* ---- Units ---- */

static const struct {
  enum sa_dimension dimension;
  const char *text;
  uint64_t value;
  const char *printed;
} QUANTITIES[] = {
    {SA_DIM_COUNT, "0", 0, "0"},
    {SA_DIM_COUNT, "18446744073709551615", UINT64_MAX, "18446744073709551615"},
    {SA_DIM_COUNT, "007", 7, "7"},
    {SA_DIM_CYCLES, "100 cycles", 100, "100 cycles"},
    {SA_DIM_CYCLES, "1 cycle", 1, "1 cycles"},
    {SA_DIM_CYCLES, "5", 5, "5 cycles"},
    {SA_DIM_BYTES, "24 MiB", 25165824, "24 MiB"},
    {SA_DIM_BYTES, "24MiB", 25165824, "24 MiB"},
    {SA_DIM_BYTES, "1.5 KiB", 1536, "1536 B"},
    {SA_DIM_BYTES, "0.5 MiB", 524288, "512 KiB"},
    {SA_DIM_BYTES, "16777215 TiB", UINT64_C(16777215) << 40, "16777215 TiB"},
    {SA_DIM_BYTES, "1000000", 1000000, "1000000 B"},
    {SA_DIM_BYTES, "2 MB", 2000000, "2000000 B"},
    {SA_DIM_RATE, "34 GB/s", UINT64_C(34000000000), "34 GB/s"},
    {SA_DIM_RATE, "25.6 GB/s", UINT64_C(25600000000), "25.6 GB/s"},
    {SA_DIM_RATE, "1 GiB/s", 1073741824, "1073741824 B/s"},
    {SA_DIM_RATE, "1.001 MB/s", 1001000, "1.001 MB/s"},
    {SA_DIM_HZ, "700 MHz", 700000000, "700 MHz"},
    {SA_DIM_HZ, "1.05 GHz", 1050000000, "1.05 GHz"},
    {SA_DIM_HZ, "1050000001", 1050000001, "1050000001 Hz"},
};

START_TEST(a_quantity_is_read_exactly_and_printed_so_that_it_reads_back) {
  char name[] = "x", printed[SA_QUANTITY_CHARS];
  uint64_t value = 0, again = 0;
  error = (struct sa_error){0};
  if (sa_quantity_parse(QUANTITIES[_i].dimension, name, QUANTITIES[_i].text, &value, &error))
    ck_abort_msg("%s", error.message);
  ck_assert_uint_eq(value, QUANTITIES[_i].value);
  ck_assert_str_eq(sa_quantity_format(QUANTITIES[_i].dimension, value, printed), QUANTITIES[_i].printed);
  ck_assert_int_eq(sa_quantity_parse(QUANTITIES[_i].dimension, name, printed, &again, &error), SA_OK);
  ck_assert_uint_eq(again, value);
}
END_TEST

static const struct {
  enum sa_dimension dimension;
  const char *text, *message;
} NO_QUANTITIES[] = {
    {SA_DIM_COUNT, "1e3", "x is \"1e3\"; it must be a whole number without a unit"},
    {SA_DIM_COUNT, "", "x is \"\"; it must begin with a digit"},
    {SA_DIM_COUNT, "-1", "x is \"-1\"; it must begin with a digit"},
    {SA_DIM_COUNT, "+1", "x is \"+1\"; it must begin with a digit"},
    {SA_DIM_COUNT, " 1", "x is \" 1\"; it must begin with a digit"},
    {SA_DIM_COUNT, "0x10", "x is \"0x10\"; it must be a whole number without a unit"},
    {SA_DIM_COUNT, "1.5", "x is \"1.5\"; it must be a whole number"},
    {SA_DIM_COUNT, "18446744073709551616", "x is \"18446744073709551616\"; it must be less than 2^64"},
    {SA_DIM_BYTES, "16777216 TiB", "x is \"16777216 TiB\"; it must be less than 2^64"},
    {SA_DIM_BYTES, "256KiBx",
     "x is \"256KiBx\"; \"KiBx\" is not a unit of size (TiB, GiB, MiB, KiB, B, kB, MB, GB, TB)"},
    {SA_DIM_BYTES, "0.3 KiB", "x is \"0.3 KiB\"; it must be a whole number of bytes"},
    {SA_DIM_BYTES, "1.B", "x is \"1.B\"; \".B\" is not a unit of size (TiB, GiB, MiB, KiB, B, kB, MB, GB, TB)"},
    {SA_DIM_HZ, "700 mhz", "x is \"700 mhz\"; \"mhz\" is not a unit of frequency (GHz, MHz, kHz, Hz)"},
    {SA_DIM_CYCLES, "100 ns", "x is \"100 ns\"; \"ns\" is not a unit of time (cycles, cycle)"},
};

START_TEST(what_is_no_quantity_is_refused_with_the_reason) {
  uint64_t value = 77;
  error = (struct sa_error){0};
  ck_assert_int_eq(sa_quantity_parse(NO_QUANTITIES[_i].dimension, "x", NO_QUANTITIES[_i].text, &value, &error),
                   SA_ERR_INPUT);
  ck_assert_str_eq(error.message, NO_QUANTITIES[_i].message);
  ck_assert_uint_eq(value, 77);
}
END_TEST

START_TEST(random_quantities_read_back_after_printing) {
  struct sa_rng rng;
  sa_rng_init(&rng, 1);
  for (int i = 0; i < 20000; i++) {
    const enum sa_dimension dimension = (enum sa_dimension)sa_rng_below(&rng, SA_DIM_HZ + 1);
    const uint64_t value = sa_rng_next(&rng) >> sa_rng_below(&rng, 64);
    char printed[SA_QUANTITY_CHARS];
    uint64_t again = 0;
    sa_quantity_format(dimension, value, printed);
    ck_assert_int_eq(sa_quantity_parse(dimension, "x", printed, &again, &error), SA_OK);
    ck_assert_msg(again == value, "%s", printed);
  }
}
END_TEST

/* ---- Suggestions ---- */

START_TEST(one_edit_of_each_kind_costs_one) {
  ck_assert_uint_eq(sa_suggest_distance("rows", "rows"), 0);
  ck_assert_uint_eq(sa_suggest_distance("rows", "ROWS"), 0);
  ck_assert_uint_eq(sa_suggest_distance("rows", "row"), 1);
  ck_assert_uint_eq(sa_suggest_distance("rows", "rowss"), 1);
  ck_assert_uint_eq(sa_suggest_distance("rows", "rowz"), 1);
  ck_assert_uint_eq(sa_suggest_distance("rows", "orws"), 1);
  ck_assert_uint_eq(sa_suggest_distance("", "rows"), 4);
  char longest[65];
  memset(longest, 'a', 64);
  longest[64] = '\0';
  ck_assert_uint_eq(sa_suggest_distance(longest, "a"), SIZE_MAX);
}
END_TEST

START_TEST(the_nearest_word_is_suggested_and_a_far_one_is_not) {
  static const char *const words[] = {"array.rows", "array.cols", "memory.width"};
  ck_assert_str_eq(sa_suggest("array.rwos", words, 3), "array.rows");
  ck_assert_str_eq(sa_suggest("witdh", words, 3), "memory.width");
  ck_assert_ptr_null(sa_suggest("banana", words, 3));
  ck_assert_ptr_null(sa_suggest("", words, 3));
  ck_assert_ptr_null(sa_suggest("x", words, 0));
}
END_TEST

/* ---- Memory images ---- */

START_TEST(bytes_never_written_are_zero) {
  struct sa_memory *memory = sa_memory_create();
  unsigned char bytes[3] = {1, 2, 3};
  sa_memory_read(memory, 0xffffffffffff, bytes, 3); /* wraps */
  ck_assert_uint_eq(bytes[0] | bytes[1] | bytes[2], 0);
  sa_memory_free(memory);
  sa_memory_free(NULL);
}
END_TEST

START_TEST(random_writes_read_back_like_a_flat_array) {
  enum { SPAN = 5 * 65536, LENGTH_MAX = 200000 };
  const uint64_t base = UINT64_C(0xfffffffd0000); /* the window wraps at 2^48 */
  struct sa_memory *memory = sa_memory_create();
  unsigned char *flat = calloc(1, SPAN), *part = malloc(LENGTH_MAX);
  struct sa_rng rng;
  sa_rng_init(&rng, 2);
  for (int i = 0; i < 200; i++) {
    const size_t at = (size_t)sa_rng_below(&rng, SPAN);
    size_t length = (size_t)sa_rng_below(&rng, LENGTH_MAX);
    if (length > SPAN - at) length = SPAN - at;
    if (sa_rng_below(&rng, 2)) {
      for (size_t j = 0; j < length; j++) flat[at + j] = part[j] = (unsigned char)sa_rng_next(&rng);
      ck_assert_int_eq(sa_memory_write(memory, base + at, part, length, &error), SA_OK);
    } else {
      sa_memory_read(memory, base + at, part, length);
      ck_assert(memcmp(part, flat + at, length) == 0);
    }
  }
  free(flat);
  free(part);
  sa_memory_free(memory);
}
END_TEST

START_TEST(many_pages_far_apart_are_all_found) {
  struct sa_memory *memory = sa_memory_create();
  for (uint64_t i = 0; i < 300; i++)
    ck_assert_int_eq(sa_memory_write(memory, i << 39, &i, sizeof i, &error), SA_OK);
  for (uint64_t i = 0; i < 300; i++) {
    uint64_t read;
    sa_memory_read(memory, i << 39, &read, sizeof read);
    ck_assert_uint_eq(read, i);
  }
  sa_memory_free(memory);
}
END_TEST

/* Saves to a file and gives its content. */
static size_t save(const struct sa_memory *memory, char *bytes, size_t size) {
  ck_assert_int_eq(sa_memory_save(memory, "test_base.mem", &error), SA_OK);
  FILE *file = fopen("test_base.mem", "rb");
  const size_t count = fread(bytes, 1, size, file);
  fclose(file);
  return count;
}

START_TEST(a_saved_image_loads_again_and_equal_contents_make_equal_files) {
  struct sa_memory *one = sa_memory_create(), *two = sa_memory_create();
  ck_assert_int_eq(sa_memory_write(one, 70000, "abc", 3, &error), SA_OK);
  ck_assert_int_eq(sa_memory_write(one, 3, "xy", 2, &error), SA_OK);
  ck_assert_int_eq(sa_memory_write(one, 1 << 30, "\0\0", 2, &error), SA_OK); /* a page of zeros */
  char first[256], second[256];
  const size_t length = save(one, first, sizeof first);
  static const char expected[] =
      "SAMEM\0\0\1" "\3\0\0\0\0\0\0\0" "\2\0\0\0\0\0\0\0" "xy" "\x70\x11\1\0\0\0\0\0" "\3\0\0\0\0\0\0\0" "abc";
  ck_assert_uint_eq(length, sizeof expected - 1);
  ck_assert_mem_eq(first, expected, length);
  ck_assert_int_eq(sa_memory_load(two, "test_base.mem", &error), SA_OK);
  ck_assert_uint_eq(save(two, second, sizeof second), length);
  ck_assert_mem_eq(first, second, length);
  unlink("test_base.mem");
  sa_memory_free(one);
  sa_memory_free(two);
}
END_TEST

static const struct {
  const char *bytes;
  size_t length;
  const char *message;
} BAD_IMAGES[] = {
    {"", 0, "not a memory image of version 1"},
    {"SAMEM\0\0\2", 8, "not a memory image of version 1"},
    {"SAMEM\0\0\1abc", 11, "the file ends inside a record's header"},
    {"SAMEM\0\0\1\0\0\0\0\0\0\0\0\5\0\0\0\0\0\0\0abc", 27, "the file ends 5 bytes before the end of a record"},
    {"SAMEM\0\0\1\xff\xff\xff\xff\xff\xff\0\0\2\0\0\0\0\0\0\0ab", 26,
     "a record of 2 bytes at address 281474976710655 passes 48 bits"},
    {"SAMEM\0\0\1\0\0\0\0\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff", 24,
     "a record of 18446744073709551615 bytes at address 0 passes 48 bits"},
};

START_TEST(a_malformed_image_is_refused) {
  FILE *file = fopen("test_base_bad.mem", "wb");
  fwrite(BAD_IMAGES[_i].bytes, 1, BAD_IMAGES[_i].length, file);
  fclose(file);
  struct sa_memory *memory = sa_memory_create();
  ck_assert_int_eq(sa_memory_load(memory, "test_base_bad.mem", &error), SA_ERR_INPUT);
  ck_assert_str_eq(error.message, BAD_IMAGES[_i].message);
  sa_memory_free(memory);
  unlink("test_base_bad.mem");
}
END_TEST

/* ---- Files ---- */

START_TEST(a_discarded_output_leaves_the_old_file_and_nothing_else) {
  struct sa_output output;
  ck_assert_int_eq(mkdir("test_base_out", 0777), 0);
  ck_assert_int_eq(sa_output_open(&output, "test_base_out/f", &error), SA_OK);
  fputs("first", output.file);
  ck_assert_int_eq(sa_output_commit(&output, &error), SA_OK);
  sa_output_discard(&output); /* legal after commit */
  ck_assert_int_eq(sa_output_open(&output, "test_base_out/f", &error), SA_OK);
  fputs("second", output.file);
  sa_output_discard(&output);
  char *text = NULL;
  size_t bytes = 0;
  ck_assert_int_eq(sa_file_read("test_base_out/f", 100, &text, &bytes, &error), SA_OK);
  ck_assert_str_eq(text, "first");
  ck_assert_uint_eq(bytes, 5);
  free(text);
  ck_assert_int_eq(unlink("test_base_out/f"), 0);
  ck_assert_int_eq(rmdir("test_base_out"), 0); /* it is empty */
}
END_TEST

START_TEST(a_link_is_written_through) {
  struct sa_output output;
  struct stat info;
  ck_assert_int_eq(symlink("test_base_target", "test_base_link"), 0);
  FILE *file = fopen("test_base_target", "w");
  fclose(file);
  ck_assert_int_eq(sa_output_open(&output, "test_base_link", &error), SA_OK);
  fputs("x", output.file);
  ck_assert_int_eq(sa_output_commit(&output, &error), SA_OK);
  ck_assert_int_eq(lstat("test_base_link", &info), 0);
  ck_assert(S_ISLNK(info.st_mode));
  ck_assert_int_eq(stat("test_base_target", &info), 0);
  ck_assert_int_eq(info.st_size, 1);
  unlink("test_base_link");
  unlink("test_base_target");
}
END_TEST

START_TEST(a_full_device_and_a_missing_folder_are_io_errors) {
  struct sa_output output;
  error = (struct sa_error){0};
  ck_assert_int_eq(sa_output_open(&output, "no/such/folder/f", &error), SA_ERR_IO);
  ck_assert_str_eq(message(), "no/such/folder/f: cannot write: No such file or directory");
  error = (struct sa_error){0};
  ck_assert_int_eq(sa_output_open(&output, "/dev/full", &error), SA_OK);
  fputs("x", output.file);
  ck_assert_int_eq(sa_output_commit(&output, &error), SA_ERR_IO);
  ck_assert_str_eq(message(), "/dev/full: cannot write: No space left on device");
}
END_TEST

START_TEST(a_file_is_read_up_to_the_limit_and_no_further) {
  FILE *file = fopen("test_base_file", "w");
  fputs("12345", file);
  fclose(file);
  char *text = NULL;
  size_t bytes = 0;
  ck_assert_int_eq(sa_file_read("test_base_file", 5, &text, &bytes, &error), SA_OK);
  ck_assert_uint_eq(bytes, 5);
  free(text);
  error = (struct sa_error){0};
  ck_assert_int_eq(sa_file_read("test_base_file", 4, &text, &bytes, &error), SA_ERR_LIMIT);
  ck_assert_str_eq(message(), "test_base_file: the file is too large; at most 4 bytes are read");
  unlink("test_base_file");
}
END_TEST

/* ---- Random numbers, hash, arrays ---- */

START_TEST(the_generators_give_their_published_values) {
  /* splitmix64 from seed 0: the first three outputs of the reference code */
  ck_assert_uint_eq(sa_rng_mix(0), UINT64_C(0xe220a8397b1dcdaf));
  ck_assert_uint_eq(sa_rng_mix(UINT64_C(0x9e3779b97f4a7c15)), UINT64_C(0x6e789e6aa1b965f4));
  ck_assert_uint_eq(sa_rng_mix(2 * UINT64_C(0x9e3779b97f4a7c15)), UINT64_C(0x06c45d188009454f));
  /* xoshiro256** from state 1, 2, 3, 4 */
  struct sa_rng rng = {{1, 2, 3, 4}};
  ck_assert_uint_eq(sa_rng_next(&rng), 11520);
  ck_assert_uint_eq(sa_rng_next(&rng), 0);
  ck_assert_uint_eq(sa_rng_next(&rng), 1509978240);
}
END_TEST

START_TEST(a_range_is_drawn_whole_and_not_left) {
  struct sa_rng rng;
  unsigned seen[5] = {0};
  sa_rng_init(&rng, 0);
  for (int i = 0; i < 5000; i++) {
    const uint64_t x = sa_rng_range(&rng, 10, 14);
    ck_assert(x >= 10 && x <= 14);
    seen[x - 10]++;
  }
  for (int i = 0; i < 5; i++) ck_assert(seen[i] > 850 && seen[i] < 1150);
  ck_assert_uint_eq(sa_rng_range(&rng, 7, 7), 7);
  sa_rng_range(&rng, 0, UINT64_MAX);
}
END_TEST

START_TEST(the_hash_is_fnv_1a) {
  ck_assert_uint_eq(sa_hash_bytes(SA_HASH_INIT, "", 0), SA_HASH_INIT);
  ck_assert_uint_eq(sa_hash_bytes(SA_HASH_INIT, "foobar", 6), UINT64_C(0x85944171f73967e8));
  ck_assert_uint_eq(sa_hash_u64(SA_HASH_INIT, 0x6261), sa_hash_bytes(SA_HASH_INIT, "ab\0\0\0\0\0\0", 8));
  ck_assert_uint_ne(sa_hash_string(sa_hash_string(SA_HASH_INIT, "ab"), "c"),
                    sa_hash_string(sa_hash_string(SA_HASH_INIT, "a"), "bc"));
}
END_TEST

START_TEST(an_array_grows_at_least_twofold_and_refuses_overflow) {
  size_t capacity = 0;
  int *items = sa_vec_grow(NULL, &capacity, 1, sizeof *items);
  ck_assert_ptr_nonnull(items);
  const size_t first = capacity;
  ck_assert_ptr_eq(sa_vec_grow(items, &capacity, first, sizeof *items), items);
  items = sa_vec_grow(items, &capacity, first + 1, sizeof *items);
  ck_assert_uint_ge(capacity, 2 * first);
  const size_t before = capacity;
  ck_assert_ptr_null(sa_vec_grow(items, &capacity, SIZE_MAX / 2, sizeof *items));
  ck_assert_uint_eq(capacity, before);
  free(items);
}
END_TEST

static Suite *suite(void) {
  Suite *s = suite_create("base");
  TCase *c = tcase_create("base");
  tcase_add_loop_test(c, a_quantity_is_read_exactly_and_printed_so_that_it_reads_back, 0, COUNT(QUANTITIES));
  tcase_add_loop_test(c, what_is_no_quantity_is_refused_with_the_reason, 0, COUNT(NO_QUANTITIES));
  tcase_add_test(c, random_quantities_read_back_after_printing);
  tcase_add_test(c, one_edit_of_each_kind_costs_one);
  tcase_add_test(c, the_nearest_word_is_suggested_and_a_far_one_is_not);
  tcase_add_test(c, bytes_never_written_are_zero);
  tcase_add_test(c, random_writes_read_back_like_a_flat_array);
  tcase_add_test(c, many_pages_far_apart_are_all_found);
  tcase_add_test(c, a_saved_image_loads_again_and_equal_contents_make_equal_files);
  tcase_add_loop_test(c, a_malformed_image_is_refused, 0, COUNT(BAD_IMAGES));
  tcase_add_test(c, a_discarded_output_leaves_the_old_file_and_nothing_else);
  tcase_add_test(c, a_link_is_written_through);
  tcase_add_test(c, a_full_device_and_a_missing_folder_are_io_errors);
  tcase_add_test(c, a_file_is_read_up_to_the_limit_and_no_further);
  tcase_add_test(c, the_generators_give_their_published_values);
  tcase_add_test(c, a_range_is_drawn_whole_and_not_left);
  tcase_add_test(c, the_hash_is_fnv_1a);
  tcase_add_test(c, an_array_grows_at_least_twofold_and_refuses_overflow);
  suite_add_tcase(s, c);
  return s;
}

SA_TEST_MAIN(suite)
