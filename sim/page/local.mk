# Files of sim/page: reports as HTML. The assets are embedded by scripts/embed-assets.
libsystole_core_la_SOURCES += \
	sim/page/assets.h \
	sim/page/page.c sim/page/page.h \
	sim/page/run_data.c sim/page/run_data.h \
	sim/page/sweep_data.c sim/page/sweep_data.h \
	sim/page/timeline.c sim/page/timeline.h \
	sim/page/wavefront_data.c sim/page/wavefront_data.h
page_assets = \
	models/arch/array4.yaml \
	sim/page/assets/page.css sim/page/assets/run.html sim/page/assets/sweep.html \
	sim/page/assets/causes.js \
	sim/page/assets/chart.js \
	sim/page/assets/cpu.js \
	sim/page/assets/dom.js \
	sim/page/assets/format.js \
	sim/page/assets/layers.js \
	sim/page/assets/roofline.js \
	sim/page/assets/run.js \
	sim/page/assets/scatter.js \
	sim/page/assets/summary.js \
	sim/page/assets/sweep.js \
	sim/page/assets/table.js \
	sim/page/assets/theme.js \
	sim/page/assets/timeline.js \
	sim/page/assets/traffic.js \
	sim/page/assets/utilisation.js \
	sim/page/assets/wavefront.js
nodist_libsystole_core_la_SOURCES += sim/page/assets.c
BUILT_SOURCES += sim/page/assets.c
CLEANFILES += sim/page/assets.c
EXTRA_DIST += $(page_assets) scripts/embed-assets scripts/page-pictures
sim/page/assets.c: $(page_assets) scripts/embed-assets
	$(AM_V_GEN)$(MKDIR_P) sim/page && $(srcdir)/scripts/embed-assets $(srcdir) $(page_assets) > $@-t && mv $@-t $@

# Pictures of docs/report.md.
.PHONY: page-pictures
page-pictures: systole
	$(srcdir)/scripts/page-pictures $(abs_builddir)/systole $(srcdir)/docs
