#include "evaluation/iou_table.h"

#include <gtest/gtest.h>

#include <cmath>

namespace strata {
namespace {

const ConfusionMatrix kSmall(3, {3, 1, 0, 2, 4, 0, 0, 0, 0});
const std::vector<std::string> kNames = {"road", "traffic light", "train"};

TEST(IouTable, gives_false_positives_and_precision_under_their_own_names) {
  EXPECT_EQ(iou_table(metrics_of(kSmall), kNames, TableStyle::kRight),
            "IoU:\n"
            "  Id  label            iU_1.0     TP      FP      FN    Precision    Recall\n"
            "----  -------------  --------  -----  ------  ------  -----------  --------\n"
            "   0  road              50.00  30.00    0.67    0.33         0.60      0.75\n"
            "   1  traffic_light     57.14  40.00    0.25    0.50         0.80      0.67\n"
            "   2  train            nan      0.00  nan     nan          nan       nan\n");
}

TEST(IouTable, swaps_both_pairs_of_columns_in_the_manner_of_the_reference) {
  EXPECT_EQ(iou_table(metrics_of(kSmall), kNames, TableStyle::kReference),
            "IoU:\n"
            "  Id  label            iU_1.0     TP      FP      FN    Precision    Recall\n"
            "----  -------------  --------  -----  ------  ------  -----------  --------\n"
            "   0  road              50.00  30.00    0.33    0.67         0.75      0.60\n"
            "   1  traffic_light     57.14  40.00    0.50    0.25         0.67      0.80\n"
            "   2  train            nan      0.00  nan     nan          nan       nan\n");
}

TEST(IouTable, says_inf_where_a_class_was_never_hit) {
  const std::string table = iou_table(metrics_of(ConfusionMatrix(2, {1, 1, 1, 0})), {"a", "b"}, TableStyle::kRight);
  EXPECT_NE(table.find("   1  b            0.00   0.00  inf     inf            0.00      0.00\n"), std::string::npos) << table;
}

TEST(SummaryLines, give_mean_and_scores_in_one_line_each) {
  EXPECT_EQ(summary_lines(metrics_of(kSmall), {.epoch = 7, .val_loss = 0.279123}),
            "Mean: 53.57\n"
            "this : [epoch 7], [val loss 0.27912], [acc 0.70000], [acc_cls 0.70833], [mean_iu 0.53571], [fwavacc 0.54286]\n");
}

TEST(SummaryLines, leave_out_an_unknown_epoch) {
  EXPECT_EQ(summary_lines(metrics_of(ConfusionMatrix(1)), {}),
            "Mean: nan\nthis : [val loss nan], [acc nan], [acc_cls nan], [mean_iu nan], [fwavacc nan]\n");
}

}  // namespace
}  // namespace strata
