#include "evaluation/confusion.h"

#include "base/error.h"

#include <gmock/gmock.h>
#include <torch/types.h>

namespace strata {
namespace {

using testing::ElementsAre;

torch::Tensor ids(std::vector<int64_t> values) { return torch::tensor(values, torch::kInt64); }

TEST(ConfusionMatrix, rows_are_ground_truth_and_columns_predictions) {
  ConfusionMatrix confusion(3);
  confusion.add(ids({0, 0, 1, 2}), ids({0, 1, 1, 0}));
  EXPECT_THAT(confusion.counts(), ElementsAre(1, 0, 1, 1, 1, 0, 0, 0, 0));
  EXPECT_EQ(confusion.at(0, 2), 1);
  EXPECT_EQ(confusion.total(), 4);
}

TEST(ConfusionMatrix, labels_that_are_no_class_are_not_counted) {
  ConfusionMatrix confusion(2);
  confusion.add(ids({0, 1, 1, 0}), ids({255, 2, -1, 1}));
  EXPECT_THAT(confusion.counts(), ElementsAre(0, 0, 1, 0));
}

TEST(ConfusionMatrix, takes_small_integer_types_and_adds_up_over_calls) {
  ConfusionMatrix confusion(2);
  const torch::Tensor labels_HW = torch::tensor({{0, 1}, {1, 255}}, torch::kUInt8);
  confusion.add(torch::zeros({2, 2}, torch::kUInt8), labels_HW);
  ConfusionMatrix other(2, {1, 2, 3, 4});
  other.add(confusion);
  EXPECT_THAT(other.counts(), ElementsAre(2, 2, 5, 4));
}

TEST(ConfusionMatrix, counts_stay_exact_beyond_what_a_float_holds) {
  const int64_t many = (int64_t{1} << 53) + 1;
  ConfusionMatrix confusion(1, {many});
  confusion.add(ConfusionMatrix(1, {many}));
  EXPECT_EQ(confusion.at(0, 0), 2 * many);
}

TEST(ConfusionMatrix, another_number_of_classes_is_a_bug) {
  ConfusionMatrix confusion(2);
  EXPECT_THROW(confusion.add(ConfusionMatrix(3)), InternalError);
  EXPECT_THROW(ConfusionMatrix(2, {1, 2, 3}), InternalError);
  EXPECT_THROW(confusion.add(ids({2}), ids({1})), InternalError);
}

// By hand: 10 pixels of two classes; the third occurs nowhere.
const ConfusionMatrix kSmall(3, {3, 1, 0, 2, 4, 0, 0, 0, 0});

TEST(Metrics, agree_with_a_matrix_worked_out_by_hand) {
  const Metrics metrics = metrics_of(kSmall);
  ASSERT_EQ(metrics.classes.size(), 3u);
  EXPECT_EQ(metrics.classes[0].tp, 3);
  EXPECT_EQ(metrics.classes[0].fp, 2);
  EXPECT_EQ(metrics.classes[0].fn, 1);
  EXPECT_DOUBLE_EQ(metrics.classes[0].iou.value(), 3.0 / 6);
  EXPECT_DOUBLE_EQ(metrics.classes[0].precision.value(), 3.0 / 5);
  EXPECT_DOUBLE_EQ(metrics.classes[0].recall.value(), 3.0 / 4);
  EXPECT_DOUBLE_EQ(metrics.classes[1].iou.value(), 4.0 / 7);
  EXPECT_DOUBLE_EQ(metrics.mean_iu.value(), (3.0 / 6 + 4.0 / 7) / 2);
  EXPECT_EQ(metrics.classes_in_mean, 2);
  EXPECT_DOUBLE_EQ(metrics.acc.value(), 0.7);
  EXPECT_DOUBLE_EQ(metrics.acc_cls.value(), (3.0 / 4 + 4.0 / 6) / 2);
  EXPECT_DOUBLE_EQ(metrics.fwavacc.value(), 0.4 * 3.0 / 6 + 0.6 * 4.0 / 7);
}

TEST(Metrics, a_class_that_occurs_nowhere_has_no_values_and_is_left_out_of_means) {
  const ClassMetrics absent = metrics_of(kSmall).classes[2];
  EXPECT_FALSE(absent.iou || absent.precision || absent.recall);
}

TEST(Metrics, a_class_that_is_only_predicted_has_an_iou_of_zero_and_no_recall) {
  const Metrics metrics = metrics_of(ConfusionMatrix(2, {3, 1, 0, 0}));
  EXPECT_EQ(metrics.classes[1].iou, 0.0);
  EXPECT_EQ(metrics.classes[1].precision, 0.0);
  EXPECT_FALSE(metrics.classes[1].recall);
  EXPECT_EQ(metrics.classes_in_mean, 2);
}

TEST(Metrics, nothing_counted_gives_no_values_rather_than_nan) {
  const Metrics metrics = metrics_of(ConfusionMatrix(2));
  EXPECT_FALSE(metrics.mean_iu || metrics.acc || metrics.acc_cls || metrics.fwavacc);
  EXPECT_EQ(metrics.classes_in_mean, 0);
}

}  // namespace
}  // namespace strata
