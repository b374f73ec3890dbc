// strata-weights: what weight files are, hold, and how they differ; .pth into .safetensors. Neither MPI nor a device is touched.

#include "base/files.h"
#include "base/main.h"
#include "base/sha256.h"
#include "config/weights_command.h"
#include "data/manifest.h"
#include "models/weight_comparison.h"

#include <fmt/format.h>

#include <cstdio>
#include <optional>

namespace {

using namespace strata;

void say(const std::string& text) { std::fputs(text.c_str(), stdout); }

LabelSet label_set_of(const std::string& labels) {
  if (labels == "cityscapes") return cityscapes_label_set();
  if (labels == "camvid") return camvid_label_set();
  if (fs::is_directory(labels)) return read_manifest(labels).labels;
  throw UsageError(fmt::format("--labels: '{}' is neither cityscapes nor camvid nor a dataset directory", labels));
}

WeightDescription classes_of(const std::string& labels) {
  WeightDescription classes;
  if (labels.empty()) return classes;
  const LabelSet set = label_set_of(labels);
  for (const LabelClass& one : set.classes) {
    classes.class_names.push_back(one.name);
    classes.class_colors.push_back(one.color);
  }
  classes.ignore_id = set.ignore_id;
  return classes;
}

ExitCode run(const WeightsCommand& command) {
  switch (command.verb) {
    case WeightsCommand::Verb::kInfo: {
      const ImportedWeights weights = import_weights(command.first);
      say(fmt::format("{:<14} {}\n{:<14} {}\n{}", "file", command.first.string(), "sha256", sha256_of_file(command.first),
                      weight_report(weights, command.tensors)));
      return ExitCode::kDone;
    }
    case WeightsCommand::Verb::kConvert: {
      const WeightConversion made = convert_weights(command.conversion, classes_of(command.labels));
      say(fmt::format("{}: {} tensors, {}\n", command.second.string(), made.tensors,
                      made.model ? network_text(*made.model) : "without a network: " + made.why_bare));
      return ExitCode::kDone;
    }
    case WeightsCommand::Verb::kCompare: {
      const WeightComparison comparison =
          compare_weights(import_weights(command.first).state, import_weights(command.second).state);
      say(comparison_text(comparison));
      return comparison.same(command.tolerance) ? ExitCode::kDone : ExitCode::kData;
    }
    case WeightsCommand::Verb::kModels:
      say(known_models_report());
      return ExitCode::kDone;
  }
  throw InternalError("a verb without an action");
}

}  // namespace

int main(int argc, char** argv) {
  return run_main([&] {
    const std::optional<WeightsCommand> command = parse_weights_command(argc, argv);
    return command ? run(*command) : ExitCode::kDone;
  });
}
