# Tests of pictures: every kind is drawn from a real run and examined.
dist_check_SCRIPTS += tests/check-plots
TESTS += tests/check-plots
EXTRA_DIST += tests/plots
