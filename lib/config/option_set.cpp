#include "config/option_set.h"

#include "config/ini_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace strata {

namespace {

std::string section_of(const std::string& key) {
  const size_t dot = key.find('.');
  return dot == std::string::npos ? "" : key.substr(0, dot);
}

// Keys without a section must stand before the first section of a file.
std::vector<std::string> sections_in_order(const std::vector<Option>& options) {
  std::vector<std::string> sections = {""};
  for (const Option& option : options) {
    const std::string section = section_of(option.key);
    if (std::find(sections.begin(), sections.end(), section) == sections.end()) sections.push_back(section);
  }
  return sections;
}

std::string ini_entry(const Option& option) {
  const std::string name = option.key.substr(option.key.find('.') + 1);
  std::string comment = fmt::format("# {}", option.info.effect);
  if (!option.info.unit.empty()) comment += fmt::format(" [{}]", option.info.unit);
  const std::string preset = option.default_text.empty() ? "none" : option.default_text;
  const std::string value = ini_value(option.write());
  return fmt::format("{} ({}; default {})\n{} ={}{}\n", comment, option.accepted, preset, name, value.empty() ? "" : " ", value);
}

}  // namespace

void OptionSet::add_option(Option option) {
  option.group = group_;
  option.default_text = option.write();
  options_.push_back(std::move(option));
}

void OptionSet::add_size(std::string key, int& height, int& width, OptionInfo info) {
  add_option({.key = std::move(key),
              .accepted = placeholder(SizeHW{}),
              .info = info,
              .read =
                  [&height, &width, info](std::string_view text) {
                    SizeHW size;
                    read_value(text, size);
                    require_in_range(size.height, info);
                    require_in_range(size.width, info);
                    height = size.height;
                    width = size.width;
                  },
              .write =
                  [&height, &width] {
                    return write_value(SizeHW{height, width});
                  }});
}

std::vector<std::string> OptionSet::keys() const {
  std::vector<std::string> keys;
  for (const Option& option : options_) keys.push_back(option.key);
  return keys;
}

const Option* OptionSet::find(std::string_view key) const {
  for (const Option& option : options_) {
    if (option.key == key) return &option;
  }
  return nullptr;
}

std::vector<std::pair<std::string, std::string>> OptionSet::immutable_values() const {
  std::vector<std::pair<std::string, std::string>> values;
  for (const Option& option : options_) {
    if (option.info.on_resume == OnResume::kMustNotChange) values.emplace_back(option.key, option.write());
  }
  return values;
}

std::string OptionSet::ini_text() const {
  std::string text;
  for (const std::string& section : sections_in_order(options_)) {
    if (!section.empty()) text += fmt::format("\n[{}]\n", section);
    for (const Option& option : options_) {
      if (section_of(option.key) == section) text += ini_entry(option);
    }
  }
  return text;
}

void require_in_range(double value, const OptionInfo& info) {
  if (value >= info.min && value <= info.max) return;
  if (info.max == std::numeric_limits<double>::infinity()) throw BadValue(fmt::format("at least {}", info.min));
  throw BadValue(fmt::format("between {} and {}", info.min, info.max));
}

std::string joined_names(const std::vector<std::string>& names, const char* separator) {
  return fmt::format("{}", fmt::join(names, separator));
}

}  // namespace strata
