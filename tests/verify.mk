# What guards the guards: proofs of small blocks of the RTL, its line coverage, and mutants that the
# cross-check, or a test worked out by hand, must find.
EXTRA_DIST += tests/mutants/rtl.txt tests/mutants/shared.txt scripts/apply-mutant scripts/rtl-mutate \
	scripts/mutate-shared scripts/rtl-coverage
dist_check_SCRIPTS += scripts/rtl-prove
TESTS += scripts/rtl-prove

CHECK_LONG += check-long-mutants check-long-shared check-long-coverage check-long-array
.PHONY: check-long-mutants check-long-shared check-long-coverage check-long-array
check-long-mutants: all
	$(srcdir)/scripts/rtl-mutate $(abs_builddir)
check-long-shared: all
	$(srcdir)/scripts/mutate-shared $(abs_builddir)
check-long-coverage: all
	$(srcdir)/scripts/rtl-coverage $(abs_builddir)
check-long-array:
	$(srcdir)/scripts/rtl-prove array
