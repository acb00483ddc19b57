# Files of sim/plot, and the scripts that gnuplot runs.
AM_CPPFLAGS += \
	-DSA_SOURCE_PLOTS=\"$(abs_top_srcdir)/scripts/plots\" \
	-DSA_INSTALLED_PLOTS=\"$(pkgdatadir)/scripts/plots\"
libsystole_core_la_SOURCES += \
	sim/plot/collect.h sim/plot/measures.c \
	sim/plot/data.c sim/plot/data.h \
	sim/plot/gnuplot.c sim/plot/gnuplot.h \
	sim/plot/kinds.def sim/plot/plot.c sim/plot/plot.h \
	sim/plot/kinds_compare.c \
	sim/plot/kinds_ladder.c \
	sim/plot/kinds_roofline.c \
	sim/plot/kinds_run.c \
	sim/plot/kinds_sweep.c \
	sim/plot/kinds_timeline.c \
	sim/plot/kinds_wavefront.c
nobase_dist_pkgdata_DATA += \
	scripts/plots/account.gp scripts/plots/bandwidth.gp scripts/plots/batch.gp scripts/plots/buffer.gp \
	scripts/plots/datatypes.gp scripts/plots/heatmap.gp scripts/plots/instructions.gp scripts/plots/kinds.gp \
	scripts/plots/ladder.gp scripts/plots/lines.gp scripts/plots/log_tics.gp scripts/plots/machines.gp scripts/plots/pareto.gp scripts/plots/phases.gp \
	scripts/plots/roofline.gp scripts/plots/speedup.gp scripts/plots/style.gp scripts/plots/timeline.gp \
	scripts/plots/traffic.gp scripts/plots/utilisation.gp \
	scripts/plots/grid.gp scripts/plots/registers.gp scripts/plots/spacetime.gp scripts/plots/wavefront.gp

# Sweeps that the pictures of the gallery and the lecture are made from.
nobase_dist_pkgdata_DATA += \
	models/sweep/array-shapes.yaml \
	models/sweep/array-sizes.yaml \
	models/sweep/bandwidths.yaml \
	models/sweep/batches.yaml \
	models/sweep/buffer-sizes.yaml
