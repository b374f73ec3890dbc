#include "lib/evaluation/tiny.h"

#include "base/random.h"
#include "image/codec.h"
#include "lib/evaluation/one_shard.h"
#include "support/rule.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace strata::testing {
namespace {

Image noise(int height, int width, int channels, uint64_t seed, uint64_t below) {
  Image image(height, width, channels);
  RandomStream random(seed);
  for (uint8_t& value : image.pixels) value = static_cast<uint8_t>(random.below(below));
  return image;
}

void add_sample(OneShardDataset& dataset, int number, bool unknown_id) {
  const int height = 20 + number % 4, width = 30 - number % 3;
  const auto seed = static_cast<uint64_t>(number);
  Image labels = noise(height, width, 1, 2 * seed + 1, 4);
  if (unknown_id) labels.at(3, 5) = 9;
  dataset.add(fmt::format("street/{:03}", number), encode_png(noise(height, width, 3, 2 * seed, 256)), encode_png(labels));
}

class TinyModel : public SegmentationModel {
 public:
  explicit TinyModel(int num_classes) {
    options_.num_classes = num_classes;
    convolution_ = register_module("convolution", torch::nn::Conv2d(torch::nn::Conv2dOptions(3, num_classes, 3).padding(1)));
    torch::NoGradGuard no_gradient;
    for (auto& parameter : convolution_->named_parameters()) {
      const std::vector<float> values = rule_values(parameter.key(), parameter->sizes().vec());
      parameter->copy_(torch::tensor(values).view(parameter->sizes()));
    }
  }

  TrainingOutputs forward_training(const torch::Tensor&, const DropoutKeys&) override { return {}; }

  InferenceOutputs forward_inference(const torch::Tensor& images_NCHW, const std::vector<double>& scales) override {
    EXPECT_FALSE(is_training());
    InferenceOutputs outputs;
    for (double scale : scales) {
      const torch::Tensor pred_NCHW = resized(convolution_(resized(images_NCHW, scale)), images_NCHW.sizes().slice(2));
      outputs.pred_NCHW = outputs.pred_NCHW.defined() ? outputs.pred_NCHW + pred_NCHW : pred_NCHW;
      if (scale < *std::max_element(scales.begin(), scales.end()))
        outputs.attention_N1HW.emplace_back(scale, torch::sigmoid(pred_NCHW.slice(1, 0, 1)));
    }
    outputs.pred_NCHW = outputs.pred_NCHW / static_cast<double>(scales.size());
    return outputs;
  }

  const ModelOptions& options() const override { return options_; }

 private:
  static torch::Tensor resized(const torch::Tensor& images_NCHW, torch::IntArrayRef size) {
    return torch::upsample_bilinear2d(images_NCHW, size, /*align_corners=*/false);
  }
  static torch::Tensor resized(const torch::Tensor& images_NCHW, double scale) {
    const auto scaled = [scale](int64_t extent) { return static_cast<int64_t>(static_cast<double>(extent) * scale); };
    const std::vector<int64_t> size = {scaled(images_NCHW.size(2)), scaled(images_NCHW.size(3))};
    return resized(images_NCHW, torch::IntArrayRef(size));
  }

  ModelOptions options_;
  torch::nn::Conv2d convolution_{nullptr};
};

}  // namespace

LabelSet tiny_label_set() {
  LabelSet labels;
  labels.name = "tiny";
  labels.classes = {{"sky", {70, 130, 180}}, {"road", {128, 64, 128}}, {"car", {0, 0, 142}}};
  labels.raw_to_train.fill(labels.ignore_id);
  for (uint8_t id = 0; id < 3; ++id) labels.raw_to_train[id] = id;
  std::fill_n(labels.known_raw.begin(), 4, true);
  return labels;
}

void write_tiny_dataset(const std::filesystem::path& directory, const TinyDataset& options) {
  OneShardDataset dataset(directory, tiny_label_set());
  for (int number = 0; number < options.images; ++number) add_sample(dataset, number, number == options.image_with_unknown_id);
  dataset.finish();
}

std::shared_ptr<SegmentationModel> tiny_model(int num_classes) { return std::make_shared<TinyModel>(num_classes); }

}  // namespace strata::testing
