#include "models/joint_logits.h"

#include "models/row_bands.h"
#include "support/rule.h"

#include <torch/types.h>

#include <gtest/gtest.h>

#include <string>

namespace strata {
namespace {

using namespace testing;
using Corners = BilinearResize::Corners;

torch::Tensor values(const std::string& name, std::vector<int64_t> shape) {
  int64_t count = 1;
  for (const int64_t extent : shape) count *= extent;
  return torch::tensor(uniform(fnv1a64(name), static_cast<size_t>(count)), torch::kFloat64).reshape(shape);
}

void expect_near(const torch::Tensor& a, const torch::Tensor& b, double tolerance) {
  ASSERT_EQ(a.sizes(), b.sizes());
  EXPECT_LE((a - b).abs().max().item<double>(), tolerance);
}

TEST(ResizedRows, AreThoseOfTheWholeTensor) {
  const torch::Tensor x = values("x", {2, 3, 13, 17});
  const RowSource rows = [&](RowRange r) { return x.narrow(2, r.first, r.count); };
  for (const Corners corners : {Corners::kFree, Corners::kAligned}) {
    const BilinearResize resize(corners);
    for (const ImageSize size : {ImageSize{52, 68}, {6, 8}, {13, 40}, {31, 17}, {5, 60}, {1, 1}, {13, 17}}) {
      const torch::Tensor whole = resize(x, size);
      for (const RowRange range : {RowRange{0, size[0]}, {0, 1}, {size[0] / 2, size[0] - size[0] / 2}, {size[0] - 1, 1}}) {
        expect_near(resized_rows(resize, {rows, size_of(x)}, size, range), whole.narrow(2, range.first, range.count), 1e-12);
      }
    }
  }
}

// The definition, with every tensor whole.
torch::Tensor joined(const BilinearResize& resize, const std::vector<ScaleLogits>& scales, ImageSize image) {
  torch::Tensor pred;
  for (const auto& one : scales) {
    const torch::Tensor logits = resize(one.logits_NChw, one.input_size);
    if (!pred.defined()) {
      pred = logits;
      continue;
    }
    const torch::Tensor attention = resize(one.attention_N1hw, one.input_size);
    if (one.scale >= 1) pred = resize(pred, one.input_size);
    pred = resize(attention * logits, size_of(pred)) + (1 - resize(attention, size_of(pred))) * pred;
  }
  return resize(pred, image);
}

ScaleLogits scale_of(double scale, ImageSize image) {
  const torch::Tensor frame = torch::empty({1, 1, image[0], image[1]});
  const ImageSize size = scaled_size(frame, scale);
  const int64_t h = (size[0] + 3) / 4, w = (size[1] + 3) / 4;
  const std::string name = std::to_string(scale);
  return {scale, size, 8 * values("logits" + name, {2, 5, h, w}), values("attention" + name, {2, 1, h, w}).sigmoid()};
}

void expect_definition(const std::vector<double>& scales, ImageSize image) {
  for (const Corners corners : {Corners::kFree, Corners::kAligned}) {
    const BilinearResize resize(corners);
    JointLogits joint(resize, image);
    std::vector<ScaleLogits> all;
    for (const double scale : scales) {
      all.push_back(scale_of(scale, image));
      joint.add(all.back());
    }
    const torch::Tensor whole = joined(resize, all, image);
    expect_near(joint.whole(), whole, 1e-12);
    expect_near(joint.rows({image[0] / 3, 2}), whole.narrow(2, image[0] / 3, 2), 1e-12);
  }
}

TEST(JointLogits, AreThoseOfTheDefinitionAtAnyScales) {
  for (const ImageSize image : {ImageSize{61, 83}, {64, 96}}) {
    expect_definition({2, 1, 0.5}, image);
    expect_definition({2, 1.5, 1, 0.5, 0.25}, image);
    expect_definition({1, 0.5}, image);
    expect_definition({1}, image);
    expect_definition({0.5}, image);
    expect_definition({2}, image);
  }
}

TEST(JointLogits, AreJoinedInBandsWhereTheyAreLarge) { expect_definition({2, 1, 0.5}, {700, 200}); }

TEST(JointLogits, OfBfloat16AreFloat32) {
  JointLogits joint(BilinearResize(Corners::kFree), {16, 16});
  joint.add({1, {16, 16}, torch::ones({1, 2, 4, 4}, torch::kBFloat16), {}});
  EXPECT_EQ(joint.whole().scalar_type(), torch::kFloat32);
}

TEST(RowBands, GiveWhatOneCallGives) {
  const torch::Tensor x = values("x", {1, 4, 300, 200}).contiguous(torch::MemoryFormat::ChannelsLast);
  int calls = 0;
  const PixelFunction function = [&](const torch::Tensor& band) {
    ++calls;
    return band.softmax(1).narrow(1, 0, 3);
  };
  const torch::Tensor once = by_row_bands(x, function);
  EXPECT_EQ(calls, 1);  // gradients might be wanted
  const torch::NoGradGuard no_gradients;
  expect_near(by_row_bands(x, function), once, 1e-14);
  EXPECT_EQ(calls, 5);
}

}  // namespace
}  // namespace strata
