libsystole_core_la_SOURCES += \
	sim/base/error.c sim/base/error.h \
	sim/base/expr.c sim/base/expr.h \
	sim/base/file.c sim/base/file.h \
	sim/base/hash.c sim/base/hash.h \
	sim/base/memory.c sim/base/memory.h \
	sim/base/models.c sim/base/models.h \
	sim/base/rng.c sim/base/rng.h \
	sim/base/suggest.c sim/base/suggest.h \
	sim/base/units.c sim/base/units.h \
	sim/base/vec.c sim/base/vec.h \
	sim/base/yaml_doc.c sim/base/yaml_doc.h
