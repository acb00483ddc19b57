# Tests of engine; a test adds itself to check_PROGRAMS and TESTS.
ENGINE_TESTS = tests/test_engine_timeline tests/test_engine_equal
check_PROGRAMS += $(ENGINE_TESTS)
TESTS += $(ENGINE_TESTS)

tests_test_engine_timeline_SOURCES = tests/test_engine_timeline.c tests/engine_fixture.c \
	tests/engine_fixture.h tests/test_main.h
tests_test_engine_timeline_CFLAGS = $(TEST_CFLAGS)
tests_test_engine_timeline_LDADD = $(TEST_LIBS)

tests_test_engine_equal_SOURCES = tests/test_engine_equal.c tests/engine_fixture.c \
	tests/engine_fixture.h tests/engine_random.c tests/engine_random.h tests/test_main.h
tests_test_engine_equal_CFLAGS = $(TEST_CFLAGS)
tests_test_engine_equal_LDADD = $(TEST_LIBS)
