#pragma once
// The command line of strata-weights: a verb, its files, options.

#include "models/weight_conversion.h"
#include "models/weight_report.h"

#include <filesystem>
#include <optional>
#include <string>

namespace strata {

struct WeightsCommand {
  enum class Verb { kInfo, kConvert, kCompare, kModels } verb = Verb::kInfo;
  std::filesystem::path first, second;  // info: first; compare: both
  TensorList tensors = TensorList::kLeftOut;
  WeightConversionOptions conversion;
  std::string labels;    // of convert: cityscapes, camvid or a dataset directory; empty: as the file says
  double tolerance = 0;  // of compare
};

// As parse_training_options(); UsageError lists the verbs where there is none, and says which files a verb wants.
std::optional<WeightsCommand> parse_weights_command(int argc, const char* const* argv);

}  // namespace strata
