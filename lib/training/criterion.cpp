#include "training/criterion.h"

#include "base/error.h"

#include <fmt/format.h>

namespace strata {
namespace {

using Name = LossOptions::Name;
using Loss = std::unique_ptr<SegmentationLoss>;

Loss main_loss(const LossOptions& options, int num_classes, int ignore_id) {
  switch (options.name) {
    case Name::kCrossEntropy:
      return std::make_unique<CrossEntropyLoss>(ignore_id, options.class_weights);
    case Name::kRmi:
      return std::make_unique<RmiLoss>(num_classes);
    case Name::kImageWeighted:
      return std::make_unique<ImageWeightedCrossEntropyLoss>(ignore_id, options.image_weights);
    case Name::kRelaxedBorder:
      return std::make_unique<RelaxedBorderLoss>(num_classes, options.relaxed_border);
    case Name::kHardPixels:
      return std::make_unique<HardPixelLoss>(ignore_id, options.hard_pixels, options.class_weights);
  }
  throw InternalError("a loss without a class");
}

// Of a head beside the main one.
Loss side_loss(const LossOptions& options, int num_classes, int ignore_id) {
  if (options.name == Name::kRmi) return std::make_unique<BinaryCrossEntropyLoss>(num_classes);
  if (options.name == Name::kHardPixels) return std::make_unique<CrossEntropyLoss>(ignore_id, options.class_weights);
  return main_loss(options, num_classes, ignore_id);
}

// Losses of a network that computes in 16 bits are computed in fp32.
torch::Tensor widened(const torch::Tensor& logits_NCHW) {
  return at::isReducedFloatingType(logits_NCHW.scalar_type()) ? logits_NCHW.to(torch::kFloat32) : logits_NCHW;
}

}  // namespace

void require_fitting(const LossOptions& options, int num_classes) {
  const size_t weights = options.class_weights.size();
  if (weights == 0 || weights == static_cast<size_t>(num_classes)) return;
  throw ConfigError(
      fmt::format("loss.class_weights has {} numbers, the dataset has {} classes: which weight belongs to which class cannot be "
                  "told. Give one number a class, in the order of the training ids, or none",
                  weights, num_classes));
}

Criterion::Criterion(const LossOptions& options, int num_classes, int ignore_id) : options_(options) {
  require_fitting(options, num_classes);
  main_ = main_loss(options, num_classes, ignore_id);
  aux_ = options.ocr_aux_rmi ? main_loss(options, num_classes, ignore_id) : side_loss(options, num_classes, ignore_id);
  scale_ = side_loss(options, num_classes, ignore_id);
}

Criterion::Terms Criterion::share(const TrainingOutputs& outputs, const torch::Tensor& labels_NHW, const LossScope& scope) const {
  Terms terms;
  const auto add = [&](const std::string& head, const SegmentationLoss& loss, const torch::Tensor& logits_NCHW, double weight) {
    if (weight == 0 || !logits_NCHW.defined()) return;
    torch::Tensor of_head;
    for (const auto& [name, value] : loss.terms(widened(logits_NCHW), labels_NHW, scope)) {
      const torch::Tensor term = weight * value;
      torch::Tensor& part = terms.parts[name.empty() ? head : head + "_" + name];
      part = part.defined() ? part + term.detach() : term.detach();
      of_head = of_head.defined() ? of_head + term : term;
    }
    terms.total = terms.total.defined() ? terms.total + of_head : of_head;
  };
  add("main", *main_, outputs.pred_NCHW, 1.0);
  add("aux", *aux_, outputs.aux_NCHW, options_.ocr_alpha);
  for (const auto& [scale, logits_NCHW] : outputs.pred_scales_NCHW) {
    add(scale < 1 ? "lo" : "hi", *scale_, logits_NCHW, options_.supervised_mscale_weight);
  }
  return terms;
}

}  // namespace strata
