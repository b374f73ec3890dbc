// Whole evaluations with rule weights against those of the reference implementation: files -> shards -> network -> counts,
// losses, logits.

#include "lib/evaluation/reference_evaluation.h"

#include "base/files.h"
#include "evaluation/evaluator.h"
#include "models/frozen_network.h"
#include "models/safetensors.h"
#include "preprocess/conversion.h"
#include "support/hdf5_file.h"
#include "support/paths.h"
#include "support/rule.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>

namespace strata::testing {
namespace {

const Hdf5File& numbers() {
  static const Hdf5File file(shared_dir() / "parity" / "eval" / "evals.h5");
  return file;
}

// The named frames and what belongs to them, as links in a folder laid out like the whole set; then converted.
Dataset dataset_of(const ReferenceGroup& group, const std::vector<std::string>& names, const fs::path& directory) {
  const auto link = [&](const fs::path& file) {
    const fs::path to = directory / "raw" / file.lexically_relative(group.data);
    fs::create_directories(to.parent_path());
    fs::create_symlink(file, to);
  };
  for (const std::string& name : names) {
    link(group.frame_file(name));
    link(group.label_file(name));
  }
  for (const char* file : {"config.json"}) {
    if (fs::exists(group.data / file)) link(group.data / file);
  }
  ConversionOptions options;
  options.dataset = group.layout;
  options.input = directory / "raw";
  options.output = directory / "data";
  options.splits = {"val"};
  options.outside = ConversionOptions::Outside::kAllowed;
  convert(options, Communicator(), StopConditions({}, Communicator()));
  return Dataset(options.output, "val");
}

bool computes_in_bf16(const ReferenceGroup& group) { return group.options.precision == Precision::kBf16; }

// How far from the reference, which computes in float32. Of bfloat16: up to 0.154 of the pixels of a frame were measured,
// and 0.018 of a frame's loss, both with a margin of two; logits (of their range) is a bound that holds. Weights by rule are
// noise, so that the best classes of many pixels lie closer together than those of a trained network.
struct Tolerance {
  double pixels_elsewhere, logits, loss;
};
Tolerance tolerance(const ReferenceGroup& group) {
  if (computes_in_bf16(group)) return {.pixels_elsewhere = 0.3, .logits = 0.03, .loss = 0.04};
  return {.pixels_elsewhere = 1e-4, .logits = 1e-3, .loss = 1e-4};
}

std::shared_ptr<SegmentationModel> rule_model(const ReferenceGroup& group) {
  const std::shared_ptr<SegmentationModel> model = make_model({.num_classes = group.num_classes});
  NamedTensors state = state_of(*model);
  for (auto& [name, tensor] : state.tensors) {
    std::vector<float> values = rule_values(name, tensor.sizes().vec());
    if (name == "ocr.cls_head.bias") {
      const std::vector<double> bias = numbers().doubles(group.at("cls_head_bias"));
      values.assign(bias.begin(), bias.end());
    }
    tensor = torch::tensor(values).view(tensor.sizes()).to(tensor.dtype());
  }
  load_state(*model, state);
  model->eval();
  freeze(*model, computes_in_bf16(group) ? torch::kBFloat16 : torch::kFloat32);
  return model;
}

void expect_counts(const int64_t* expected, const ImageResult& result, double tolerance) {
  int64_t elsewhere = 0;
  for (size_t cell = 0; cell < result.confusion.size(); ++cell) elsewhere += std::abs(result.confusion[cell] - expected[cell]);
  const double share = static_cast<double>(elsewhere) / 2 / static_cast<double>(result.pixels);
  ::testing::Test::RecordProperty("pixels_elsewhere_" + std::to_string(result.sample), std::to_string(share));
  EXPECT_LE(share, tolerance) << "share of pixels counted elsewhere, image " << result.sample;
}

void expect_logits(const ReferenceGroup& group, uint32_t sample, const torch::Tensor& logits_CHW) {
  using torch::indexing::Slice;
  const std::string path = group.at("logits_every_16/" + std::to_string(sample));
  const torch::Tensor own = logits_CHW.index({Slice(), Slice(0, torch::indexing::None, 16), Slice(0, torch::indexing::None, 16)});
  const torch::Tensor expected =
      torch::tensor(numbers().doubles(path), torch::kFloat64).view(torch::IntArrayRef(numbers().shape(path)));
  ASSERT_EQ(own.sizes(), expected.sizes());
  const double range = (expected.max() - expected.min()).item<double>();
  EXPECT_LE((own - expected).abs().max().item<double>(), tolerance(group).logits * range) << "image " << sample;
}

void expect_close(double own, double expected, double tolerance, const std::string& what) {
  EXPECT_NEAR(own, expected, tolerance * std::abs(expected)) << what;
}

}  // namespace

ReferenceGroup in_bf16(ReferenceGroup group) {
  group.options.precision = Precision::kBf16;
  return group;
}

ReferenceGroup reference_camvid() {
  const fs::path data = shared_dir() / "data" / "camvid";
  return {"camvid_flip_0.5_1_2",
          "camvid",
          data,
          11,
          {.scales = {0.5, 1, 2}, .flip = InferenceOptions::Flip::kYes},
          [data](const std::string& image) { return data / "val" / image; },
          [data](const std::string& image) { return data / "valannot" / image; }};
}

ReferenceGroup reference_cityscapes() {
  const fs::path data = shared_dir() / "data" / "mini-cityscapes";
  const auto city = [](const std::string& image) { return image.substr(0, image.find('_')); };
  return {
      "cityscapes_0.5_1",
      "cityscapes",
      data,
      19,
      {.scales = {0.5, 1}},
      [=](const std::string& image) { return data / "leftImg8bit_trainvaltest" / "leftImg8bit" / "val" / city(image) / image; },
      [=](const std::string& image) {
        return data / "gtFine_trainvaltest" / "gtFine" / "val" / city(image) /
               (image.substr(0, image.rfind('_')) + "_gtFine_labelIds.png");
      }};
}

ReferenceGroup reference_mapillary() {
  const fs::path data = shared_dir() / "data" / "mini-mapillary";
  return {
      "mapillary_long_edge_448_flip_0.25_0.5_1_2",
      "mapillary",
      data,
      65,
      {.scales = {0.25, 0.5, 1, 2}, .flip = InferenceOptions::Flip::kYes, .long_edge = 448},
      [data](const std::string& image) { return data / "validation" / "images" / image; },
      [data](const std::string& image) { return data / "validation" / "labels" / fs::path(image).replace_extension(".png"); }};
}

void expect_reference_evaluation(const ReferenceGroup& group, size_t images) {
  std::vector<std::string> names = numbers().strings(group.at("names"));
  const bool all = images >= names.size();
  names.resize(std::min(images, names.size()));
  const ScratchDirectory scratch;
  const Dataset dataset = dataset_of(group, names, scratch.path());
  EvaluationHooks hooks;
  hooks.on_image = [&group](const ImageResult& image, const ImageOutputs& outputs) {
    expect_logits(group, image.sample, outputs.logits_CHW);
  };
  const SplitResult result = evaluate_split(*rule_model(group), dataset, group.options, Communicator(), torch::kCPU, hooks);

  const Tolerance limits = tolerance(group);
  const std::vector<int64_t> per_image = numbers().ints(group.at("per_image"));
  const std::vector<double> loss = numbers().doubles(group.at("loss"));
  ASSERT_EQ(result.images.size(), names.size());
  for (size_t i = 0; i < result.images.size(); ++i) {
    expect_counts(per_image.data() + i * result.confusion.counts().size(), result.images[i], limits.pixels_elsewhere);
    expect_close(result.images[i].loss, loss[i], limits.loss, "loss of " + names[i]);
    EXPECT_EQ(result.images[i].pixels, numbers().ints(group.at("pixels"))[i]);
    EXPECT_EQ(result.images[i].valid_pixels, numbers().ints(group.at("valid_pixels"))[i]);
  }
  if (!all) return;
  expect_close(result.val_loss, numbers().doubles(group.at("val_loss"))[0], limits.loss, "val_loss");
  expect_close(result.val_loss_reference, numbers().doubles(group.at("val_loss_reference"))[0], limits.loss,
               "val_loss_reference");
}

}  // namespace strata::testing
