#include "image/normalise.h"

#include <gtest/gtest.h>

namespace strata {
namespace {

torch::Tensor every_byte() {
  return torch::arange(256, torch::kUInt8).reshape({1, 1, 16, 16}).expand({2, 3, 16, 16}).contiguous();
}

TEST(Normalise, EveryByteOfEveryChannelIsTheFormulaRoundedOnce) {
  const torch::Tensor mean = torch::tensor({0.485, 0.456, 0.406}, torch::kFloat64).view({1, 3, 1, 1});
  const torch::Tensor deviation = torch::tensor({0.229, 0.224, 0.225}, torch::kFloat64).view({1, 3, 1, 1});
  const torch::Tensor right = ((every_byte().to(torch::kFloat64) / 255 - mean) / deviation).to(torch::kFloat32);
  EXPECT_TRUE(torch::equal(normalise(every_byte()), right));
}

TEST(Normalise, TheResultIsChannelsLastWhateverTheInputsLayout) {
  const torch::Tensor dense = every_byte(), last = dense.contiguous(at::MemoryFormat::ChannelsLast);
  for (const torch::Tensor& input : {dense, last}) {
    const torch::Tensor result = normalise(input);
    EXPECT_TRUE(result.is_contiguous(at::MemoryFormat::ChannelsLast));
    EXPECT_EQ(result.scalar_type(), torch::kFloat32);
    EXPECT_TRUE(torch::equal(result, normalise(dense)));
  }
}

TEST(Normalise, AnythingButBytesOfThreeChannelsIsRefused) {
  EXPECT_THROW(normalise(torch::zeros({1, 3, 4, 4})), c10::Error);
  EXPECT_THROW(normalise(torch::zeros({1, 1, 4, 4}, torch::kUInt8)), c10::Error);
  EXPECT_THROW(normalise(torch::zeros({3, 4, 4}, torch::kUInt8)), c10::Error);
}

}  // namespace
}  // namespace strata
