#include "models/weight_comparison.h"

#include "models/foreign_text.h"
#include "models/safetensors_header.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <map>

namespace strata {

namespace {

std::string form_text(const torch::Tensor& tensor) {
  const char* type = type_name(tensor.scalar_type());
  return fmt::format("{} {}", type ? type : "?", fmt::join(tensor.sizes(), "x"));
}

bool same_bits(const torch::Tensor& a, const torch::Tensor& b) {
  const torch::Tensor first = a.contiguous(), second = b.contiguous();
  return std::memcmp(first.const_data_ptr(), second.const_data_ptr(), first.nbytes()) == 0;
}

WeightComparison::Difference difference(const std::string& name, const torch::Tensor& a, const torch::Tensor& b) {
  const torch::Tensor first = a.to(torch::kFloat64), second = b.to(torch::kFloat64);
  const torch::Tensor equal = first.eq(second).logical_or(first.isnan().logical_and(second.isnan()));
  const torch::Tensor gap = (first - second).abs().nan_to_num(std::numeric_limits<double>::infinity()).masked_fill(equal, 0.0);
  return {name, gap.max().item<double>(), equal.logical_not().sum().item<int64_t>()};
}

std::string shown(const std::string& name) { return is_plain_text(name) ? name : printable(name); }

template <typename Items, typename Text>
void list(std::string& text, const char* title, const Items& items, Text text_of) {
  constexpr size_t kShown = 20;
  if (items.empty()) return;
  text += fmt::format("{} {}\n", items.size(), title);
  for (size_t i = 0; i < items.size() && i < kShown; ++i) text += fmt::format("  {}\n", text_of(items[i]));
  if (items.size() > kShown) text += "  ...\n";
}

}  // namespace

bool WeightComparison::same(double tolerance) const {
  const auto near = [=](const Difference& one) { return one.largest <= tolerance; };
  return only_first.empty() && only_second.empty() && other_form.empty() && std::all_of(different.begin(), different.end(), near);
}

WeightComparison compare_weights(const NamedTensors& first, const NamedTensors& second) {
  WeightComparison comparison;
  std::map<std::string, torch::Tensor> others(second.tensors.begin(), second.tensors.end());
  for (const auto& [name, tensor] : first.tensors) {
    const auto found = others.find(name);
    if (found == others.end()) {
      comparison.only_first.push_back(name);
      continue;
    }
    const torch::Tensor& other = found->second;
    if (tensor.scalar_type() != other.scalar_type() || tensor.sizes() != other.sizes()) {
      comparison.other_form.push_back(fmt::format("{} ({}, {})", shown(name), form_text(tensor), form_text(other)));
    } else if (same_bits(tensor, other)) {
      ++comparison.equal;
    } else {
      comparison.different.push_back(difference(name, tensor, other));
    }
    others.erase(found);
  }
  for (const auto& [name, tensor] : others) comparison.only_second.push_back(name);
  std::stable_sort(comparison.different.begin(), comparison.different.end(),
                   [](const auto& a, const auto& b) { return a.largest > b.largest; });
  return comparison;
}

std::string comparison_text(const WeightComparison& comparison) {
  std::string text = fmt::format("{} tensors are equal bit for bit\n", comparison.equal);
  list(text, "tensors differ", comparison.different, [](const WeightComparison::Difference& one) {
    return fmt::format("{}: {} numbers, by {:.6g} at most", shown(one.name), one.numbers, one.largest);
  });
  list(text, "tensors have another type or shape", comparison.other_form, [](const std::string& name) { return name; });
  list(text, "tensors are in the first file only", comparison.only_first, shown);
  list(text, "tensors are in the second file only", comparison.only_second, shown);
  return text;
}

}  // namespace strata
