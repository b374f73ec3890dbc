#include "evaluation/metrics_json.h"

#include <nlohmann/json.hpp>

#include <cmath>

namespace strata {
namespace {

using Json = nlohmann::ordered_json;

Json or_null(const std::optional<double>& value) { return value && std::isfinite(*value) ? Json(*value) : Json(nullptr); }

Json class_json(size_t id, const std::string& name, const ClassMetrics& one) {
  return {{"id", id},
          {"name", name},
          {"iou", or_null(one.iou)},
          {"precision", or_null(one.precision)},
          {"recall", or_null(one.recall)},
          {"tp", one.tp},
          {"fp", one.fp},
          {"fn", one.fn}};
}

Json rows_of(const ConfusionMatrix& confusion) {
  Json rows = Json::array();
  const auto begin = confusion.counts().begin();
  for (int row = 0; row < confusion.num_classes(); ++row) {
    const auto first = begin + static_cast<ptrdiff_t>(row) * confusion.num_classes();
    rows.push_back(std::vector<int64_t>(first, first + confusion.num_classes()));
  }
  return rows;
}

}  // namespace

Json metrics_json(const SplitResult& result, const LabelSet& labels, const InferenceOptions& options) {
  const Metrics metrics = metrics_of(result.confusion);
  Json classes = Json::array();
  for (size_t id = 0; id < metrics.classes.size(); ++id)
    classes.push_back(class_json(id, labels.classes.at(id).name, metrics.classes[id]));

  const bool any_valid = result.confusion.total() > 0;
  const auto loss = [any_valid](double value) { return or_null(any_valid ? std::optional(value) : std::nullopt); };
  return {{"classes", std::move(classes)},
          {"confusion", rows_of(result.confusion)},
          {"mean_iu", or_null(metrics.mean_iu)},
          {"classes_in_mean", metrics.classes_in_mean},
          {"acc", or_null(metrics.acc)},
          {"acc_cls", or_null(metrics.acc_cls)},
          {"fwavacc", or_null(metrics.fwavacc)},
          {"val_loss", loss(result.val_loss)},
          {"val_loss_reference", loss(result.val_loss_reference)},
          {"images", result.images.size()},
          {"scales", options.scales},
          {"flip", options.flip == InferenceOptions::Flip::kYes},
          {"precision", precision_name(options.precision)},
          {"long_edge", options.long_edge},
          {"centre_crop", options.centre_crop}};
}

}  // namespace strata
