#include "models/weight_report.h"

#include "models/foreign_text.h"
#include "models/hrnet.h"
#include "models/name_map.h"
#include "models/network_cost.h"
#include "models/safetensors_header.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <map>

namespace strata {

namespace {

std::string line(const std::string& key, const std::string& value) { return fmt::format("{:<14} {}\n", key, value); }

// A name of the file as it is, where it is harmless.
std::string shown(const std::string& text) { return is_plain_text(text) ? text : printable(text); }

std::string type_of(const torch::Tensor& tensor) {
  const char* name = type_name(tensor.scalar_type());
  return name ? name : "?";
}

std::string tensor_summary(const NamedTensors& state) {
  std::map<std::string, int64_t> types;
  int64_t numbers = 0;
  for (const auto& [name, tensor] : state.tensors) {
    ++types[type_of(tensor)];
    numbers += tensor.numel();
  }
  std::vector<std::string> counts;
  for (const auto& [type, count] : types) counts.push_back(fmt::format("{} {}", count, type));
  return fmt::format("{} ({}), {} numbers", state.tensors.size(), fmt::join(counts, ", "), numbers);
}

std::string shortened_list(const std::vector<std::string>& names) {
  constexpr size_t kShown = 5;
  std::vector<std::string> shown_names;
  for (size_t i = 0; i < names.size() && i < kShown; ++i) shown_names.push_back(shown(names[i]));
  return fmt::format("{}{}", fmt::join(shown_names, ", "), names.size() > kShown ? ", ..." : "");
}

std::string classes_text(const WeightDescription& description) {
  if (description.class_names.empty()) return "the file does not say what they are";
  std::string text;
  for (size_t i = 0; i < description.class_names.size(); ++i) {
    const auto [red, green, blue] = description.class_colors[i];
    text += fmt::format("{}{} ({},{},{})", i == 0 ? "" : ", ", shown(description.class_names[i]), red, green, blue);
  }
  return text + fmt::format("; ignored: {}", description.ignore_id);
}

}  // namespace

std::string weight_report(const ImportedWeights& weights, TensorList list) {
  std::string text = line("format", weights.format) + line("names", weights.names);
  text += line("network", weights.model ? network_text(*weights.model) : "none: " + weights.why_no_model);
  text += line("tensors", tensor_summary(weights.state));
  if (!weights.not_needed.empty())
    text += line("not needed", fmt::format("{} tensors: {}", weights.not_needed.size(), shortened_list(weights.not_needed)));
  text += line("momenta", weights.momenta.tensors.empty() ? "none: " + weights.why_no_momenta
                                                          : fmt::format("{} tensors", weights.momenta.tensors.size()));
  text += line("classes", classes_text(weights.description));
  if (const auto input = weights.state.metadata.find("mean"); input != weights.state.metadata.end()) {
    const auto deviation = weights.state.metadata.find("deviation");
    text += line("input", fmt::format("RGB/255, mean {}, deviation {}", shown(input->second),
                                      deviation == weights.state.metadata.end() ? "unknown" : shown(deviation->second)));
  }
  for (const auto& [key, value] : weights.description.provenance) text += line(shown(key), shown(value));
  if (list == TensorList::kLeftOut) return text;
  for (const auto& [name, tensor] : weights.state.tensors)
    text += fmt::format("{} {} {}\n", shown(name), type_of(tensor), fmt::join(tensor.sizes(), "x"));
  return text;
}

std::string known_models_report() {
  constexpr ImageSize kFrame = {1024, 2048};
  std::string text = fmt::format(
      "networks, of 19 classes, HRNet in width w48; for one frame of {}x{}:\n"
      "GFLOP of inference at scale 1 (attnscale: at its three), GFLOP of the forward pass of a training step, GiB of activations "
      "that\nits backward pass reads in fp32 (tiles and activation checkpointing need less)\n\n  "
      "{:<26}{:>12}{:>11}{:>10}{:>12}\n",
      kFrame[1], kFrame[0], "name", "parameters", "inference", "training", "activations");
  for (const std::string& name : model_names()) {
    ModelOptions options;
    options.name = name;
    const NetworkCost cost = network_cost(options, kFrame);
    text += fmt::format("  {:<26}{:>12}{:>11.0f}{:>10.0f}{:>12.1f}\n", name, cost.parameters, cost.inference_flop / 1e9,
                        cost.training_flop / 1e9, static_cast<double>(cost.activation_bytes) / (1ull << 30));
  }
  text += "\nwidths of HRNet ([model] width), with the channels that leave the trunk\n";
  for (const Width width : {Width::kW16Tiny, Width::kW18Small, Width::kW18, Width::kW32, Width::kW48})
    text += fmt::format("  {:<10} {}\n", width_name(width), 15 * hrnet_structure(width).branch_channels);
  text += "names of tensors that are understood\n";
  for (const NameMap& map : name_maps()) text += fmt::format("  {:<20} {}\n", map.name, map.origin);
  return text;
}

}  // namespace strata
