# Recorded timelines and what they are of.
EXTRA_DIST += traces/attention.yaml traces/cases traces/convnet.yaml traces/fold.yaml traces/folds.yaml \
	traces/spill.yaml traces/tiny.yaml
EXTRA_DIST += traces/recorded scripts/make-traces
dist_check_SCRIPTS += tests/check-traces
TESTS += tests/check-traces
