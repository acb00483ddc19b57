# Tests of map: mappings are legal and right; how near they come to the bounds.
map_tests = tests/test_map tests/test_map_bounds tests/test_repeat tests/test_tokens
check_PROGRAMS += $(map_tests)
TESTS += $(map_tests)

tests_test_map_SOURCES = tests/test_map.c tests/map_kit.c tests/map_kit.h tests/ref_net.c \
	tests/ref_net.h tests/test_main.h
tests_test_map_CFLAGS = $(TEST_CFLAGS)
tests_test_map_LDADD = $(TEST_LIBS)
tests_test_tokens_SOURCES = tests/test_tokens.c tests/map_kit.c tests/map_kit.h tests/ref_net.c \
	tests/ref_net.h tests/test_main.h
tests_test_tokens_CFLAGS = $(TEST_CFLAGS)
tests_test_tokens_LDADD = $(TEST_LIBS)
tests_test_map_bounds_SOURCES = tests/test_map_bounds.c tests/test_main.h
tests_test_map_bounds_CFLAGS = $(TEST_CFLAGS)
tests_test_map_bounds_LDADD = $(TEST_LIBS) -lm

tests_test_repeat_SOURCES = tests/test_repeat.c tests/map_kit.c tests/map_kit.h tests/ref_net.c \
	tests/ref_net.h tests/test_main.h
tests_test_repeat_CFLAGS = $(TEST_CFLAGS)
tests_test_repeat_LDADD = $(TEST_LIBS)

# make check-long: many more random networks; 80 blocks of Llama 3 70B without short cuts
CHECK_LONG += check-long-map
check-long-map: tests/test_map tests/test_repeat
	SA_TEST_NETS=10000 CK_FORK=no tests/test_map
	SA_TEST_NETS=3000 SA_TEST_FULL=1 CK_FORK=no SYSTOLE_MODELS=$(srcdir)/models tests/test_repeat
EXTRA_DIST += tests/data/repeated.yaml
