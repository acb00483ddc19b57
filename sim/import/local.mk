# Foreign files: SCALE-Sim's configs and topologies, ONNX models.
libsystole_core_la_SOURCES += \
	sim/import/closed_form.c sim/import/closed_form.h \
	sim/import/lines.c sim/import/lines.h \
	sim/import/names.c sim/import/names.h \
	sim/import/notes.c sim/import/notes.h \
	sim/import/scalesim_cfg.c sim/import/scalesim_cfg.h \
	sim/import/scalesim_topology.c sim/import/scalesim_topology.h
