libsystole_core_la_SOURCES += \
	sim/net/layer_yaml.c \
	sim/net/names.c sim/net/names.h \
	sim/net/net.c sim/net/net.h \
	sim/net/net_params.c sim/net/net_params.h \
	sim/net/net_write.c sim/net/net_write.h \
	sim/net/net_yaml.c sim/net/net_yaml.h \
	sim/net/quant.c sim/net/quant.h \
	sim/net/reader.h \
	sim/net/shape.c \
	sim/net/value_yaml.c

nobase_dist_pkgdata_DATA += \
	models/net/ad-autoencoder.yaml \
	models/net/alexnet-caffe.yaml \
	models/net/alexnet.yaml \
	models/net/bert-base.yaml \
	models/net/bert-large.yaml \
	models/net/dlrm.yaml \
	models/net/efficientnet-b0.yaml \
	models/net/gnmt.yaml \
	models/net/googlenet-paper.yaml \
	models/net/googlenet.yaml \
	models/net/gpt2.yaml \
	models/net/kws-dscnn.yaml \
	models/net/lenet5.yaml \
	models/net/llama2-7b.yaml \
	models/net/llama3-70b.yaml \
	models/net/llama3-8b.yaml \
	models/net/lstm.yaml \
	models/net/mlp.yaml \
	models/net/mobilenetv1.yaml \
	models/net/mobilenetv2.yaml \
	models/net/resnet18.yaml \
	models/net/resnet50-v1.yaml \
	models/net/resnet50.yaml \
	models/net/resnet8.yaml \
	models/net/squeezenet.yaml \
	models/net/tiny-yolo-v2.yaml \
	models/net/tiny-yolo-v3.yaml \
	models/net/tpu1-cnn0.yaml \
	models/net/tpu1-cnn1.yaml \
	models/net/tpu1-lstm0.yaml \
	models/net/tpu1-lstm1.yaml \
	models/net/tpu1-mlp0.yaml \
	models/net/tpu1-mlp1.yaml \
	models/net/vgg16.yaml \
	models/net/vit-b16.yaml \
	models/net/vww-mobilenet.yaml
