// One image of each group of the reference's evaluations; evals_parity_long_test.cpp has all.

#include "lib/evaluation/reference_evaluation.h"

#include <gtest/gtest.h>

namespace strata::testing {
namespace {

TEST(EvaluationParity, a_camvid_frame_mirrored_at_three_scales_agrees) { expect_reference_evaluation(reference_camvid(), 1); }
TEST(EvaluationParity, a_camvid_frame_in_bfloat16_differs_within_its_rounding) {
  expect_reference_evaluation(in_bf16(reference_camvid()), 1);
}
TEST(EvaluationParity, a_cityscapes_frame_at_two_scales_agrees) { expect_reference_evaluation(reference_cityscapes(), 1); }

TEST(EvaluationParity, a_mapillary_frame_resized_and_mirrored_at_four_scales_agrees) {
  expect_reference_evaluation(reference_mapillary(), 1);
}

}  // namespace
}  // namespace strata::testing
