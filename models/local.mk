# Shipped machines; networks are listed in sim/net/local.mk.
nobase_dist_pkgdata_DATA += \
	models/arch/array16.yaml \
	models/arch/array32.yaml \
	models/arch/array4.yaml \
	models/arch/array8.yaml \
	models/arch/edge64.yaml \
	models/arch/tpu-v1.yaml \
	models/arch/tpu-v2.yaml
