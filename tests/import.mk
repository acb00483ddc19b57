# Tests of sim/import: foreign files.
IMPORT_TESTS = tests/test_closed_form tests/test_import_names tests/test_scalesim_cfg tests/test_scalesim_topology \
	tests/test_scalesim_report
check_PROGRAMS += $(IMPORT_TESTS)
TESTS += $(IMPORT_TESTS)

tests_test_closed_form_CFLAGS = $(TEST_CFLAGS)
tests_test_closed_form_LDADD = $(TEST_LIBS)
tests_test_import_names_CFLAGS = $(TEST_CFLAGS)
tests_test_import_names_LDADD = $(TEST_LIBS)
tests_test_scalesim_cfg_SOURCES = tests/test_scalesim_cfg.c tests/test_main.h tests/temporary.h
tests_test_scalesim_cfg_CFLAGS = $(TEST_CFLAGS)
tests_test_scalesim_cfg_LDADD = $(TEST_LIBS)
tests_test_scalesim_topology_SOURCES = tests/test_scalesim_topology.c tests/test_main.h tests/temporary.h
tests_test_scalesim_topology_CFLAGS = $(TEST_CFLAGS)
tests_test_scalesim_topology_LDADD = $(TEST_LIBS)
tests_test_scalesim_report_SOURCES = tests/test_scalesim_report.c tests/test_main.h
tests_test_scalesim_report_CFLAGS = $(TEST_CFLAGS)
tests_test_scalesim_report_LDADD = $(TEST_LIBS)
