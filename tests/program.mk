# Tests of program: instructions, streams, files, legality, values, timelines worked out by hand.
program_tests = tests/test_check tests/test_exec tests/test_in_place tests/test_isa tests/test_isa_vh \
  tests/test_program_file tests/test_random tests/test_stream tests/test_timeline_array \
  tests/test_timeline_memory
check_PROGRAMS += $(program_tests)
TESTS += $(program_tests)
tests_test_check_SOURCES = tests/test_check.c tests/kit.c tests/kit.h tests/both_engines.c \
  tests/both_engines.h
tests_test_check_CFLAGS = $(TEST_CFLAGS)
tests_test_check_LDADD = $(TEST_LIBS)
tests_test_exec_SOURCES = tests/test_exec.c tests/kit.c tests/kit.h tests/both_engines.c \
  tests/both_engines.h
tests_test_exec_CFLAGS = $(TEST_CFLAGS)
tests_test_exec_LDADD = $(TEST_LIBS)
tests_test_in_place_CFLAGS = $(TEST_CFLAGS)
tests_test_in_place_LDADD = $(TEST_LIBS)
tests_test_isa_CFLAGS = $(TEST_CFLAGS)
tests_test_isa_LDADD = $(TEST_LIBS)
tests_test_isa_vh_SOURCES = tests/test_isa_vh.c tests/test_main.h
tests_test_isa_vh_CFLAGS = $(TEST_CFLAGS)
tests_test_isa_vh_LDADD = $(TEST_LIBS)
tests_test_program_file_CFLAGS = $(TEST_CFLAGS)
tests_test_program_file_LDADD = $(TEST_LIBS)
tests_test_random_SOURCES = tests/test_random.c tests/both_engines.c tests/both_engines.h
tests_test_random_CFLAGS = $(TEST_CFLAGS)
tests_test_random_LDADD = $(TEST_LIBS)
tests_test_stream_CFLAGS = $(TEST_CFLAGS)
tests_test_stream_LDADD = $(TEST_LIBS)
timeline_kit = tests/timeline.h tests/kit.c tests/kit.h tests/both_engines.c tests/both_engines.h
tests_test_timeline_array_SOURCES = tests/test_timeline_array.c $(timeline_kit)
tests_test_timeline_array_CFLAGS = $(TEST_CFLAGS)
tests_test_timeline_array_LDADD = $(TEST_LIBS)
tests_test_timeline_memory_SOURCES = tests/test_timeline_memory.c $(timeline_kit)
tests_test_timeline_memory_CFLAGS = $(TEST_CFLAGS)
tests_test_timeline_memory_LDADD = $(TEST_LIBS)
