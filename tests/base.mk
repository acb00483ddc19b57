# Tests of sim/base and sim/machine; a test adds itself to check_PROGRAMS and TESTS.
BASE_TESTS = tests/test_base tests/test_config tests/test_yaml_doc
check_PROGRAMS += $(BASE_TESTS)
TESTS += $(BASE_TESTS)

tests_test_base_SOURCES = tests/test_base.c tests/test_main.h
tests_test_base_CFLAGS = $(TEST_CFLAGS)
tests_test_base_LDADD = $(TEST_LIBS)

tests_test_config_SOURCES = tests/test_config.c tests/test_main.h
tests_test_config_CFLAGS = $(TEST_CFLAGS)
tests_test_config_LDADD = $(TEST_LIBS)

tests_test_yaml_doc_SOURCES = tests/test_yaml_doc.c tests/test_main.h
tests_test_yaml_doc_CFLAGS = $(TEST_CFLAGS)
tests_test_yaml_doc_LDADD = $(TEST_LIBS)
