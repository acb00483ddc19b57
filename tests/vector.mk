# The vector unit's RTL against a model of its own.
dist_check_SCRIPTS += tests/check-vector-rtl
TESTS += tests/check-vector-rtl
EXTRA_DIST += tests/vector_bench.cpp tests/vector_model.h tests/vector_replay.v
