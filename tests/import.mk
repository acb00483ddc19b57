# Tests of sim/import: foreign files.
IMPORT_TESTS = tests/test_closed_form tests/test_import_names tests/test_scalesim_cfg tests/test_scalesim_topology tests/test_scalesim_bulk \
	tests/test_scalesim_report tests/test_net_write tests/test_onnx_models tests/test_onnx_ops tests/test_onnx_bad \
	tests/test_import_cli tests/test_import_view
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
tests_test_scalesim_bulk_SOURCES = tests/test_scalesim_bulk.c tests/test_main.h tests/temporary.h
tests_test_scalesim_bulk_CFLAGS = $(TEST_CFLAGS)
tests_test_scalesim_bulk_LDADD = $(TEST_LIBS)
tests_test_scalesim_report_SOURCES = tests/test_scalesim_report.c tests/test_main.h
tests_test_scalesim_report_CFLAGS = $(TEST_CFLAGS)
tests_test_scalesim_report_LDADD = $(TEST_LIBS)
tests_test_net_write_SOURCES = tests/test_net_write.c tests/test_main.h
tests_test_net_write_CFLAGS = $(TEST_CFLAGS)
tests_test_net_write_LDADD = $(TEST_LIBS)
tests_test_onnx_models_SOURCES = tests/test_onnx_models.c tests/test_main.h
tests_test_onnx_models_CFLAGS = $(TEST_CFLAGS)
tests_test_onnx_models_LDADD = $(TEST_LIBS)
tests_test_onnx_ops_SOURCES = tests/test_onnx_ops.c tests/onnx_build.c tests/onnx_build.h tests/temporary.h tests/test_main.h
tests_test_onnx_ops_CFLAGS = $(TEST_CFLAGS)
tests_test_onnx_ops_LDADD = $(TEST_LIBS)
tests_test_onnx_bad_SOURCES = tests/test_onnx_bad.c tests/onnx_build.c tests/onnx_build.h tests/temporary.h tests/test_main.h
tests_test_onnx_bad_CFLAGS = $(TEST_CFLAGS)
tests_test_onnx_bad_LDADD = $(TEST_LIBS)
tests_test_import_cli_SOURCES = tests/test_import_cli.c tests/run_cli.c tests/run_cli.h tests/temporary.h tests/test_main.h
tests_test_import_cli_CFLAGS = $(TEST_CFLAGS)
tests_test_import_cli_LDADD = $(TEST_LIBS)
tests_test_import_view_SOURCES = tests/test_import_view.c tests/test_main.h
tests_test_import_view_CFLAGS = $(TEST_CFLAGS)
tests_test_import_view_LDADD = $(TEST_LIBS)

# Exported models without weights, by scripts/make-onnx-testdata.
EXTRA_DIST += \
	scripts/make-onnx-testdata \
	tests/data/onnx/encoder.onnx \
	tests/data/onnx/lstm.onnx \
	tests/data/onnx/mobilenet_v2.onnx \
	tests/data/onnx/resnet50.onnx \
	tests/data/onnx/vit_b_16.onnx
