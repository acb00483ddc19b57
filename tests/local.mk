# Tests: one libcheck program a topic, each area in its own fragment.
dist_check_SCRIPTS += tests/check-exports tests/check-out-of-memory
TESTS += tests/check-exports tests/check-out-of-memory
check_LTLIBRARIES += tests/fault_alloc.la
tests_fault_alloc_la_SOURCES = tests/fault_alloc.c
tests_fault_alloc_la_LDFLAGS = -module -avoid-version -rpath /nowhere

include tests/vector.mk
include tests/verify.mk
include tests/plots.mk

if HAVE_CHECK
include tests/base.mk
include tests/program.mk
include tests/net.mk
include tests/baseline.mk
include tests/import.mk
include tests/engine.mk
include tests/map.mk
include tests/rtl.mk
include tests/cli.mk
include tests/sweep.mk
include tests/page.mk
endif

# Fuzz targets, one a reader: each for some seconds.
EXTRA_DIST += tests/fuzz
FUZZ_SECONDS = 20
CHECK_LONG += check-fuzz
.PHONY: check-fuzz
check-fuzz: all
	srcdir=$(abs_srcdir) $(srcdir)/tests/fuzz/run $(FUZZ_SECONDS)

# All tests again under the address and undefined-behaviour sanitizers, in a build of its own.
CHECK_LONG += check-sanitizers
.PHONY: check-sanitizers
check-sanitizers:
	$(srcdir)/scripts/build $(abs_builddir)/sanitizers --enable-sanitizers
	$(MAKE) -C sanitizers check
