# What guards the guards: proofs of small blocks of the RTL, and mutants that the cross-check must find.
EXTRA_DIST += tests/mutants/rtl.txt tests/mutants/shared.txt scripts/apply-mutant scripts/rtl-mutate \
	scripts/mutate-shared
dist_check_SCRIPTS += scripts/rtl-prove
TESTS += scripts/rtl-prove

CHECK_LONG += check-long-mutants
.PHONY: check-long-mutants
check-long-mutants: all
	$(srcdir)/scripts/rtl-mutate $(abs_builddir)
