// All images of the reference's evaluations: minutes on two cores.

#include "lib/evaluation/reference_evaluation.h"

#include <gtest/gtest.h>

namespace strata::testing {
namespace {

TEST(WholeEvaluationParity, camvid_mirrored_at_three_scales_agrees) {
  expect_reference_evaluation(reference_camvid(), kAllImages);
}
TEST(WholeEvaluationParity, all_in_bfloat16_differ_within_its_rounding) {
  expect_reference_evaluation(in_bf16(reference_camvid()), kAllImages);
  expect_reference_evaluation(in_bf16(reference_cityscapes()), kAllImages);
  expect_reference_evaluation(in_bf16(reference_mapillary()), kAllImages);
}
TEST(WholeEvaluationParity, cityscapes_at_two_scales_agrees) { expect_reference_evaluation(reference_cityscapes(), kAllImages); }
TEST(WholeEvaluationParity, mapillary_resized_and_mirrored_at_four_scales_agrees) {
  expect_reference_evaluation(reference_mapillary(), kAllImages);
}

}  // namespace
}  // namespace strata::testing
