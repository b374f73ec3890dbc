#include "training/criterion.h"

namespace strata {

Criterion::Criterion(const LossOptions& options, int num_classes, int ignore_id) : options_(options) {
  switch (options.name) {
    case LossOptions::Name::kCrossEntropy:
      main_ = std::make_unique<CrossEntropyLoss>(ignore_id);
      aux_ = std::make_unique<CrossEntropyLoss>(ignore_id);
      scale_ = std::make_unique<CrossEntropyLoss>(ignore_id);
      break;
    case LossOptions::Name::kRmi:
      main_ = std::make_unique<RmiLoss>(num_classes);
      aux_ = std::make_unique<BinaryCrossEntropyLoss>(num_classes);
      scale_ = std::make_unique<BinaryCrossEntropyLoss>(num_classes);
      break;
  }
}

Criterion::Terms Criterion::share(const TrainingOutputs& outputs, const torch::Tensor& labels_NHW, const LossScope& scope) const {
  Terms terms;
  const auto add = [&](const char* name, const SegmentationLoss& loss, const torch::Tensor& logits_NCHW, double weight) {
    if (weight == 0 || !logits_NCHW.defined()) return;
    const torch::Tensor term = weight * loss.share(logits_NCHW, labels_NHW, scope);
    terms.parts.emplace(name, term.detach());
    terms.total = terms.total.defined() ? terms.total + term : term;
  };
  add("main", *main_, outputs.pred_NCHW, 1.0);
  add("aux", *aux_, outputs.aux_NCHW, options_.ocr_alpha);
  add("lo", *scale_, outputs.pred_lo_NCHW, options_.supervised_mscale_weight);
  add("hi", *scale_, outputs.pred_hi_NCHW, options_.supervised_mscale_weight);
  return terms;
}

}  // namespace strata
