# Tests of sim/net; a test adds itself to check_PROGRAMS and TESTS.
NET_TESTS = tests/test_net tests/test_net_yaml tests/test_net_params tests/test_networks tests/test_ref_net
check_PROGRAMS += $(NET_TESTS)
TESTS += $(NET_TESTS)
EXTRA_DIST += tests/data/model_totals.csv tests/data/tpuv1_table1_workloads.csv tests/data/workload_layers.csv

tests_test_net_SOURCES = tests/test_net.c tests/test_main.h
tests_test_net_CFLAGS = $(TEST_CFLAGS)
tests_test_net_LDADD = $(TEST_LIBS) -lm

tests_test_net_yaml_SOURCES = tests/test_net_yaml.c tests/test_main.h
tests_test_net_yaml_CFLAGS = $(TEST_CFLAGS)
tests_test_net_yaml_LDADD = $(TEST_LIBS)

tests_test_net_params_SOURCES = tests/test_net_params.c tests/test_main.h
tests_test_net_params_CFLAGS = $(TEST_CFLAGS)
tests_test_net_params_LDADD = $(TEST_LIBS)

tests_test_networks_SOURCES = tests/test_networks.c tests/test_main.h
tests_test_networks_CFLAGS = $(TEST_CFLAGS)
tests_test_networks_LDADD = $(TEST_LIBS)

tests_test_ref_net_SOURCES = tests/test_ref_net.c tests/ref_net.c tests/ref_net.h tests/test_main.h
tests_test_ref_net_CFLAGS = $(TEST_CFLAGS)
tests_test_ref_net_LDADD = $(TEST_LIBS) -lm
