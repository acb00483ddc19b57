# Tests of pictures: every kind is drawn from a real run and examined.
dist_check_SCRIPTS += tests/check-plots
TESTS += tests/check-plots
EXTRA_DIST += tests/plots

# The whole lecture, built and used: some minutes.
CHECK_LONG += check-lecture
.PHONY: check-lecture
check-lecture: systole
	folder=`mktemp -d` && trap 'rm -rf "$$folder"' EXIT && \
	SYSTOLE=$(abs_builddir)/systole $(srcdir)/scripts/lecture "$$folder" && \
	/usr/bin/python3 -B $(srcdir)/tests/plots/test_lecture.py "$$folder"
