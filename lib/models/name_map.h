#pragma once
// How others name the tensors that we know under the reference's names.

#include "models/safetensors.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace strata {

// Names that begin with `from` begin with `to` here. The first rule that fits counts.
struct NameRule {
  std::string_view from, to;
  enum class Use { kNeeded, kNotNeeded } use = Use::kNeeded;  // kNotNeeded: known, and of no use to a network of ours
};

struct NameMap {
  std::string_view name;                    // "hrnet-ocr"
  std::string_view origin;                  // whose files these are
  std::span<const std::string_view> signs;  // beginnings of names, each of which at least one tensor must have
  std::span<const NameRule> rules;          // names that no rule fits stay as they are
  bool align_corners = false;               // what the networks of these files were trained with
};

// In the order in which they are tried.
std::span<const NameMap> name_maps();

struct RenamedTensors {
  const NameMap* map = nullptr;  // nullptr: names are not known, and stay as they are
  NamedTensors state;
  std::vector<std::string> not_needed;  // left out, by their names in the file
};

// "module." and "model.", which wrappers put before all names, are taken off first. FormatError where two tensors get one name.
RenamedTensors rename_tensors(const NamedTensors& foreign);
// One name by the same rules.
std::string renamed(std::string_view name, const NameMap* map);

}  // namespace strata
