# Files of sim/report.
libsystole_core_la_SOURCES += \
	sim/report/columns.def sim/report/metrics.c sim/report/metrics.h \
	sim/report/report.c sim/report/report.h sim/report/table.c sim/report/json.c \
	sim/report/trace.c sim/report/trace.h \
	sim/report/closed_report.c sim/report/closed_report.h \
	sim/report/scalesim_report.c sim/report/scalesim_report.h \
	sim/report/search.c sim/report/search.h \
	sim/report/simulate.c sim/report/simulate.h \
	sim/report/diff.c sim/report/diff.h \
	sim/report/explain.c sim/report/explain.h \
	sim/report/values.c sim/report/values.h \
	sim/report/wavefront.c sim/report/wavefront.h sim/report/wavefront_write.c \
	sim/report/wavefront_gemm.c sim/report/wavefront_gemm.h
