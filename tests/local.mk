# Tests: one libcheck program a topic, each area in its own fragment.
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
