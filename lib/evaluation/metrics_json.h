#pragma once
// metrics.json: what programs read of an evaluation.

#include "data/label_set.h"
#include "evaluation/evaluator.h"

#include <nlohmann/json_fwd.hpp>

namespace strata {

// Keys: classes (id, name, iou, precision, recall as fractions or null; tp, fp, fn as pixel counts), confusion (rows = ground
// truth), mean_iu, classes_in_mean, acc, acc_cls, fwavacc, val_loss (per valid pixel), val_loss_reference, images, scales, flip,
// precision. Values without a definition (a class without pixels, a loss that is not finite) are null. A pure function of its
// arguments.
nlohmann::ordered_json metrics_json(const SplitResult& result, const LabelSet& labels, const InferenceOptions& options);

}  // namespace strata
