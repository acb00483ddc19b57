# Tests: one libcheck program a topic, each area in its own fragment.
dist_check_SCRIPTS += tests/check-exports
TESTS += tests/check-exports

include tests/vector.mk

if HAVE_CHECK
include tests/base.mk
include tests/program.mk
include tests/net.mk
include tests/import.mk
include tests/engine.mk
include tests/map.mk
include tests/rtl.mk
include tests/cli.mk
endif

# Fuzz targets, one a reader: each for some seconds.
EXTRA_DIST += tests/fuzz
FUZZ_SECONDS = 20
CHECK_LONG += check-fuzz
.PHONY: check-fuzz
check-fuzz:
	srcdir=$(abs_srcdir) $(srcdir)/tests/fuzz/run $(FUZZ_SECONDS)
