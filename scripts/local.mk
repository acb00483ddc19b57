# Scripts for users and for the build, and the checks of the source.
EXTRA_DIST += \
	scripts/build \
	scripts/check-dist \
	scripts/latency-vh \
	scripts/quickstart \
	scripts/setup \
	scripts/source-hash \
	scripts/sum-tests \
	scripts/test
dist_check_SCRIPTS += scripts/check-source
TESTS += scripts/check-source
# The lecture: figures to present from, in a folder.
EXTRA_DIST += scripts/lecture scripts/lecture.d/figures.py scripts/lecture.d/index.html
# A picture of every kind, and the page that shows them.
EXTRA_DIST += scripts/gallery
.PHONY: gallery
gallery: systole
	SYSTOLE=$(abs_builddir)/systole $(srcdir)/scripts/gallery
