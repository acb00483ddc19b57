# Files of sim/baseline: the same networks on the host's CPU.
libsystole_core_la_SOURCES += \
	sim/baseline/blas.c \
	sim/baseline/dnnl.c sim/baseline/dnnl_library.c sim/baseline/dnnl_library.h \
	sim/baseline/gemm.c sim/baseline/gemm.h \
	sim/baseline/host.c sim/baseline/host.h \
	sim/baseline/kernel.c sim/baseline/kernel.h \
	sim/baseline/lessons.c sim/baseline/lessons.h \
	sim/baseline/library.c sim/baseline/library.h \
	sim/baseline/lstm.c sim/baseline/lstm.h \
	sim/baseline/measure.c sim/baseline/measure.h \
	sim/baseline/op.c sim/baseline/op.h \
	sim/baseline/plain.c \
	sim/baseline/reference.c sim/baseline/reference.h \
	sim/baseline/results.c sim/baseline/results.h sim/baseline/results_json.c \
	sim/baseline/roofline.c sim/baseline/roofline.h \
	sim/baseline/rows.c sim/baseline/rows.h \
	sim/baseline/stats.c sim/baseline/stats.h \
	sim/baseline/vector.c sim/baseline/vector.h \
	sim/baseline/workload.c sim/baseline/workload.h

# The tile of the vectorised loops, once per vector width.
noinst_LTLIBRARIES += libsystole-tile-base.la
libsystole_tile_base_la_SOURCES = sim/baseline/vector_tile.c
libsystole_tile_base_la_CPPFLAGS = $(AM_CPPFLAGS) -DSA_TILE=base -DSA_VECTOR_BYTES=16
libsystole_core_la_LIBADD += libsystole-tile-base.la
if HOST_X86_64
noinst_LTLIBRARIES += libsystole-tile-avx2.la libsystole-tile-avx512.la
libsystole_tile_avx2_la_SOURCES = sim/baseline/vector_tile.c
libsystole_tile_avx2_la_CPPFLAGS = $(AM_CPPFLAGS) -DSA_TILE=avx2 -DSA_VECTOR_BYTES=32
libsystole_tile_avx2_la_CFLAGS = $(AM_CFLAGS) -mavx2 -mfma
libsystole_tile_avx512_la_SOURCES = sim/baseline/vector_tile.c
libsystole_tile_avx512_la_CPPFLAGS = $(AM_CPPFLAGS) -DSA_TILE=avx512 -DSA_VECTOR_BYTES=64
libsystole_tile_avx512_la_CFLAGS = $(AM_CFLAGS) -mavx512f -mavx512bw -mavx512dq -mavx512vl -mfma
libsystole_core_la_LIBADD += libsystole-tile-avx2.la libsystole-tile-avx512.la
endif
