#include "models/weight_loading.h"

#include "base/error.h"
#include "base/log.h"
#include "models/class_heads.h"
#include "models/foreign_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

namespace strata {

namespace {

constexpr std::string_view kCounter = ".num_batches_tracked";

std::string shape_text(const torch::Tensor& tensor) { return fmt::format("{}", fmt::join(tensor.sizes(), "x")); }

// "; 3 missing: a, b, c" or nothing.
std::string listed(const std::vector<std::string>& names, const char* what) {
  constexpr size_t kShown = 5;
  if (names.empty()) return "";
  const std::vector<std::string> shown(names.begin(), names.begin() + static_cast<long>(std::min(kShown, names.size())));
  return fmt::format("; {} {}: {}{}", names.size(), what, fmt::join(shown, ", "), names.size() > kShown ? ", ..." : "");
}

bool other_classes_only(const torch::Tensor& own, const torch::Tensor& given) {
  return own.dim() == given.dim() && own.dim() > 0 && own.sizes().slice(1) == given.sizes().slice(1);
}

}  // namespace

std::string WeightMatch::faults() const {
  return listed(missing, "missing") + listed(misshapen, "of another shape") + listed(heads, "for another number of classes") +
         listed(unexpected, "unknown to the network");
}

WeightMatch match_weights(const torch::nn::Module& module, const NamedTensors& state) {
  const std::map<std::string, torch::Tensor> given(state.tensors.begin(), state.tensors.end());
  WeightMatch match;
  std::set<std::string> wanted;
  int64_t all = 0, found_ones = 0;
  for (const auto& [name, tensor] : state_of(module).tensors) {
    wanted.insert(name);
    const bool counter = name.ends_with(kCounter);
    const auto found = given.find(name);
    if (!counter) all += tensor.numel();
    if (found == given.end()) {
      (counter ? match.counters : match.missing).push_back(name);
    } else if (found->second.sizes() != tensor.sizes()) {
      const bool head = is_class_head(name) && other_classes_only(tensor, found->second);
      (head ? match.heads : match.misshapen)
          .push_back(fmt::format("{} (network {}, weights {})", name, shape_text(tensor), shape_text(found->second)));
    } else if (!counter) {
      found_ones += tensor.numel();
    }
  }
  for (const auto& [name, tensor] : state.tensors) {
    if (!wanted.contains(name)) match.unexpected.push_back(is_plain_text(name) ? name : printable(name));
  }
  match.share = all > 0 ? static_cast<double>(found_ones) / static_cast<double>(all) : 0;
  return match;
}

namespace {

[[noreturn]] void refuse(const std::string& problem, const std::string& remedy) {
  throw FormatError("the weights do not fit this network, and a network loaded in part would predict nonsense" + problem + "; " +
                    remedy);
}

void copy_matching(torch::nn::Module& module, const NamedTensors& state) {
  const std::map<std::string, torch::Tensor> given(state.tensors.begin(), state.tensors.end());
  const torch::NoGradGuard no_gradients;
  for (const auto& [name, tensor] : state_of(module).tensors) {
    const auto found = given.find(name);
    if (found != given.end() && found->second.sizes() == tensor.sizes()) torch::Tensor(tensor).copy_(found->second);
  }
}

// Half types widen exactly.
void warn_of_rounding(const NamedTensors& state) {
  const auto wide = std::count_if(state.tensors.begin(), state.tensors.end(),
                                  [](const auto& tensor) { return tensor.second.scalar_type() == torch::kFloat64; });
  if (wide > 0) log_info("{} tensors are in double precision; this network has them rounded to single precision", wide);
}

}  // namespace

WeightMatch load_weights(torch::nn::Module& module, const NamedTensors& state, const LoadRules& rules) {
  WeightMatch match = match_weights(module, state);
  WeightMatch rest = match;
  if (rules.other_classes == LoadRules::OtherClasses::kNewHeads) rest.heads.clear();
  if (!rules.partial && !rest.fits()) refuse(rest.faults(), "give the options that the weights were trained with");
  if (rules.partial && match.share < *rules.partial) {
    refuse(fmt::format(": {:.2f} % of the network's numbers are in the file, {:.2f} % were asked for{}", 100 * match.share,
                       100 * *rules.partial, match.faults()),
           "give the options that the weights were trained with, or ask for a smaller share");
  }
  copy_matching(module, state);
  warn_of_rounding(state);
  if (!match.heads.empty())
    log_info("the number of classes is another one: initialised anew are{}", listed(match.heads, "heads").substr(1));
  if (rules.partial) {
    log_info("{:.2f} % of the network's numbers come from the file, the others are initialised{}", 100 * match.share,
             match.faults());
  }
  return match;
}

void load_state(torch::nn::Module& module, const NamedTensors& state) {
  WeightMatch match = match_weights(module, state);
  match.missing.insert(match.missing.end(), match.counters.begin(), match.counters.end());
  match.misshapen.insert(match.misshapen.end(), match.heads.begin(), match.heads.end());
  match.heads.clear();
  if (!match.fits()) refuse(match.faults(), "give the options that the weights were trained with");
  copy_matching(module, state);
}

}  // namespace strata
