# Tests of program: instructions, streams, files, legality.
check_PROGRAMS += tests/test_isa tests/test_stream
TESTS += tests/test_isa tests/test_stream
tests_test_isa_CFLAGS = $(TEST_CFLAGS)
tests_test_isa_LDADD = $(TEST_LIBS)
tests_test_stream_CFLAGS = $(TEST_CFLAGS)
tests_test_stream_LDADD = $(TEST_LIBS)
