libsystole_core_la_SOURCES += \
	sim/net/layer_yaml.c \
	sim/net/names.c sim/net/names.h \
	sim/net/net.c sim/net/net.h \
	sim/net/net_yaml.c sim/net/net_yaml.h \
	sim/net/quant.c sim/net/quant.h \
	sim/net/reader.h \
	sim/net/shape.c

netmodelsdir = $(pkgdatadir)/models/net
dist_netmodels_DATA = \
	models/net/mlp.yaml \
	models/net/resnet50.yaml \
	models/net/resnet50-v1.yaml
