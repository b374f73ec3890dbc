#pragma once
// The table of classes that the reference prints after each validation (reference.md 1.8).

#include "evaluation/confusion.h"

#include <optional>
#include <string>
#include <vector>

namespace strata {

// kReference swaps FP with FN and precision with recall, as the reference does, so that old logs can be compared line by line.
enum class TableStyle { kRight, kReference };

// Columns Id, label, iU_1.0 (%), TP (% of valid pixels), FP and FN (multiples of TP), Precision, Recall; spaces in names become
// underscores; "nan" for classes without a pixel, "inf" where TP is 0. Begins with a line "IoU:"; ends with a line feed.
std::string iou_table(const Metrics& metrics, const std::vector<std::string>& class_names, TableStyle style);

// What stands below the table.
struct Summary {
  std::optional<int64_t> epoch;    // of the weights, where known
  std::optional<double> val_loss;  // per valid pixel
};
// "Mean: 53.04" (mean IoU, %) and "this : [epoch 3], [val loss 0.27912], [acc ...], [acc_cls ...], [mean_iu ...], [fwavacc ...]".
std::string summary_lines(const Metrics& metrics, const Summary& summary);

}  // namespace strata
