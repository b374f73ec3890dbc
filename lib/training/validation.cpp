#include "training/validation.h"

#include "base/error.h"
#include "comm/agreement.h"
#include "loader/frame_reader.h"

#include <fmt/ranges.h>

#include <new>

namespace strata {
namespace {

InferenceOptions inference_of(const ValidationOptions& options) {
  InferenceOptions inference;
  inference.scales = options.scales;
  return inference;
}

size_t largest_sample(const Dataset& dataset) {
  const auto pixels = [&](size_t i) { return uint64_t{dataset.sample(i).height} * dataset.sample(i).width; };
  size_t largest = 0;
  for (size_t i = 1; i < dataset.size(); ++i) {
    if (pixels(i) > pixels(largest)) largest = i;
  }
  return largest;
}

// Evaluation mode while it lives.
class EvaluationMode {
 public:
  explicit EvaluationMode(torch::nn::Module& model) : model_(model) { model_.eval(); }
  ~EvaluationMode() { model_.train(); }
  EvaluationMode(const EvaluationMode&) = delete;
  EvaluationMode& operator=(const EvaluationMode&) = delete;

 private:
  torch::nn::Module& model_;
};

}  // namespace

std::optional<ValidationResult> validate(SegmentationModel& model, const Dataset& dataset, const ValidationOptions& options,
                                         const Communicator& world, torch::Device device, const EvaluationHooks& hooks) {
  const SplitResult result = evaluate_split(model, dataset, inference_of(options), world, device, hooks);
  if (!result.complete) return std::nullopt;
  return ValidationResult{metrics_of(result.confusion), result.val_loss};
}

void try_largest_image(SegmentationModel& model, const Dataset& dataset, const ValidationOptions& options,
                       const Communicator& world, torch::Device device) {
  const size_t largest = largest_sample(dataset);
  const Sample& sample = dataset.sample(largest);
  const EvaluationMode evaluation(model);
  agree(world, [&] {
    const Image frame = read_frame(dataset, largest, whole(sample));
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
    throw ConfigError(
        fmt::format("the largest validation image ({}, {}x{} px) does not get through the network at scales {}: {}. "
                    "Nothing was trained yet; use smaller [validation] scales, fewer ranks a node, or a machine with more memory",
                    sample.name, sample.width, sample.height, fmt::join(options.scales, ","), trouble));
  });
}

}  // namespace strata
