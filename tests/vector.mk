# The vector unit's RTL against a model of its own.
dist_check_SCRIPTS += tests/check-vector-rtl
TESTS += tests/check-vector-rtl
EXTRA_DIST += tests/vector_bench.cpp tests/vector_model.h tests/vector_replay.v
EXTRA_DIST += rtl/vector.v rtl/vector_walk.v rtl/vector_lanes.v rtl/vector_rows.v rtl/vector_kind.vh
EXTRA_DIST += rtl/divider_pipe.v rtl/sqrt_pipe.v
