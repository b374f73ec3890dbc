#include "training/start_weights.h"

#include "base/error.h"
#include "base/log.h"
#include "base/sha256.h"
#include "models/imported_weights.h"
#include "models/weight_loading.h"

#include <fmt/format.h>

namespace strata {
namespace {

constexpr const char* kEpochs = "epochs_done";

void say_differences(const ImportedWeights& weights, const ModelOptions& model, const std::string& file) {
  if (!weights.model) {
    log_info("{}: {}", file, weights.why_no_model);
    return;
  }
  if (weights.model->align_corners != model.align_corners) {
    log_info("{} was trained with align_corners = {}, this run has {}: the first results will be worse than they could be", file,
             weights.model->align_corners, model.align_corners);
  }
}

// Momenta and epoch, too.
void read_progress(const ImportedWeights& weights, const std::string& file, Checkpoint& start) {
  if (!weights.epoch || weights.momenta.tensors.empty()) {
    throw ConfigError(
        fmt::format("{} is no training to be continued: {}. Give a last_checkpoint_ep*.pth of the reference, or start "
                    "with its weights alone ([model] use = weights)",
                    file, weights.epoch ? weights.why_no_momenta : "it does not say its epoch"));
  }
  for (const auto& [name, momentum] : weights.momenta.tensors)
    start.optimizer.tensors.emplace_back(kMomentumPrefix + name, momentum);
  start.state[kEpochs] = static_cast<uint64_t>(*weights.epoch) + 1;
  log_info("{} is continued after its epoch {} (counted from 0)", file, *weights.epoch);
}

template <typename Work>
void naming_the_file(const StartOptions& options, const Work& work) {
  try {
    work();
  } catch (const FormatError& error) {
    throw FormatError(fmt::format("[model] weights = {}: {}", options.weights.string(), error.what()));
  }
}

}  // namespace

std::string start_sha256(const StartOptions& options) { return options.weights.empty() ? "" : sha256_of_file(options.weights); }

std::optional<Checkpoint> read_start(const StartOptions& options, const ModelOptions& model) {
  if (options.weights.empty()) return std::nullopt;
  const std::string file = options.weights.string();
  ImportedWeights weights = import_weights(options.weights);
  say_differences(weights, model, file);
  Checkpoint start;
  start.state = {{kEpochs, uint64_t{0}}};
  if (options.use == StartOptions::Use::kContinue) read_progress(weights, file, start);
  start.model = std::move(weights.state);
  start.model.metadata.clear();
  log_info("weights: {} ({}, names of {})", file, weights.format, weights.names);
  return start;
}

void apply_start_weights(const Checkpoint& start, const StartOptions& options, SegmentationModel& model) {
  LoadRules rules;
  if (options.partial > 0) rules.partial = options.partial;
  if (options.use == StartOptions::Use::kWeights) rules.other_classes = LoadRules::OtherClasses::kNewHeads;
  naming_the_file(options, [&] { load_weights(model, start.model, rules); });
}

void apply_start_momenta(const Checkpoint& start, const StartOptions& options, Optimizer& optimizer) {
  if (options.use != StartOptions::Use::kContinue) return;
  naming_the_file(options, [&] { optimizer.load_state(start.optimizer); });
}

uint64_t epochs_done(const Checkpoint& start) { return start.state.at(kEpochs).get<uint64_t>(); }

}  // namespace strata
