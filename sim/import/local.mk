# Foreign files: SCALE-Sim's configs and topologies, ONNX models.
libsystole_core_la_SOURCES += \
	sim/import/closed_form.c sim/import/closed_form.h \
	sim/import/lines.c sim/import/lines.h \
	sim/import/load_any.c sim/import/load_any.h \
	sim/import/names.c sim/import/names.h \
	sim/import/net_fuse.c sim/import/net_fuse.h \
	sim/import/notes.c sim/import/notes.h \
	sim/import/onnx_fold.c \
	sim/import/onnx_import.c sim/import/onnx_import.h \
	sim/import/onnx_infer.h \
	sim/import/onnx_lower.c sim/import/onnx_lower.h \
	sim/import/onnx_lower_nn.c \
	sim/import/onnx_lower_norm.c \
	sim/import/onnx_lower_pointwise.c \
	sim/import/onnx_lower_product.c \
	sim/import/onnx_lower_view.c \
	sim/import/onnx_model.c sim/import/onnx_model.h \
	sim/import/onnx_ops.def \
	sim/import/onnx_shape.c sim/import/onnx_shape.h \
	sim/import/onnx_shape_nn.c \
	sim/import/onnx_shape_view.c \
	sim/import/onnx_tensor.c \
	sim/import/onnx_view.c sim/import/onnx_view.h \
	sim/import/onnx_window.c sim/import/onnx_window.h \
	sim/import/onnx_wire.c sim/import/onnx_wire.h \
	sim/import/scalesim_cfg.c sim/import/scalesim_cfg.h \
	sim/import/scalesim_topology.c sim/import/scalesim_topology.h
