#include "training/validation.h"

#include "base/error.h"
#include "comm/agreement.h"
#include "evaluation/evaluation_mode.h"

#include <fmt/ranges.h>

#include <new>

namespace strata {
namespace {

InferenceOptions inference_of(const ValidationOptions& options) {
  InferenceOptions inference;
  inference.scales = options.scales;
  inference.long_edge = options.long_edge;
  return inference;
}

// Of the image that is largest when the network sees it.
size_t largest_sample(const Dataset& dataset, int long_edge) {
  const auto pixels = [&](size_t i) {
    const Sample& sample = dataset.sample(i);
    const ImageSize size = size_at_long_edge(static_cast<int>(sample.height), static_cast<int>(sample.width), long_edge);
    return int64_t{size.height} * size.width;
  };
  size_t largest = 0;
  for (size_t i = 1; i < dataset.size(); ++i) {
    if (pixels(i) > pixels(largest)) largest = i;
  }
  return largest;
}

}  // namespace

std::optional<ValidationResult> validate(SegmentationModel& model, const Dataset& dataset, const ValidationOptions& options,
                                         const Communicator& world, torch::Device device, const EvaluationHooks& hooks) {
  const SplitResult result = evaluate_split(model, dataset, inference_of(options), world, device, hooks);
  if (!result.complete) return std::nullopt;
  return ValidationResult{metrics_of(result.confusion), result.val_loss};
}

void try_largest_image(SegmentationModel& model, const Dataset& dataset, const ValidationOptions& options,
                       const Communicator& world, torch::Device device) {
  const size_t largest = largest_sample(dataset, options.long_edge);
  const EvaluationMode evaluation(model);
  agree(world, [&] {
    const Image frame = read_labelled(dataset, largest, inference_of(options)).frame;
    std::string trouble;
    try {
      infer_image(model, frame, inference_of(options), device);
      return;
    } catch (const std::bad_alloc&) {
      trouble = "out of memory";
    } catch (const c10::Error& e) {
      trouble = e.what_without_backtrace();
      if (trouble.find("memory") == std::string::npos) throw;
    }
    throw ConfigError(fmt::format(
        "the largest validation image ({}, {}x{} px) does not get through the network at scales {}: {}. "
        "Nothing was trained yet; use smaller [validation] scales or a smaller long_edge, fewer ranks a node, or a machine with "
        "more memory",
        dataset.sample(largest).name, frame.width, frame.height, fmt::join(options.scales, ","), trouble));
  });
}

}  // namespace strata
