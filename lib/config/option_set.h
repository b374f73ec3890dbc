#pragma once
// The options of a program: keys bound to the fields of the components' option structs. A field's value when it is bound is its
// default.

#include "config/value_text.h"

#include <functional>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace strata {

enum class OnResume { kMayChange, kMustNotChange };

struct OptionInfo {
  std::string effect;                                     // what it is; what larger and smaller values do
  std::string unit = "";                                  // "px", "s"
  double min = -std::numeric_limits<double>::infinity();  // of numbers, each of a list
  double max = std::numeric_limits<double>::infinity();
  OnResume on_resume = OnResume::kMayChange;
};

struct Option {
  std::string key;       // "optimizer.lr": [optimizer] lr in a file, --optimizer.lr on a command line
  std::string accepted;  // short form of its values: "NUMBER", "right|reference"
  OptionInfo info;
  bool is_switch = false;                      // may stand without a value on a command line
  std::function<void(std::string_view)> read;  // sets the field; throws BadValue or Error
  std::function<std::string()> write;          // the field as text

  // Set by OptionSet.
  std::string group = {};  // heading in --help
  std::string default_text = {};
};

class OptionSet {
 public:
  // Options added from here on stand under this heading.
  void group(std::string title) { group_ = std::move(title); }

  template <typename T>
  void add(std::string key, T& field, OptionInfo info);
  // A field of an enumeration: one of the named values.
  template <typename E>
  void add_choice(std::string key, E& field, std::vector<std::pair<std::string, E>> choices, OptionInfo info);
  // Like a bool, for an enumeration of two values.
  template <typename E>
  void add_switch(std::string key, E& field, std::pair<E, E> off_and_on, OptionInfo info);
  // WxH for two fields.
  void add_size(std::string key, int& height, int& width, OptionInfo info);
  // Anything else.
  void add_option(Option option);

  const std::vector<Option>& options() const { return options_; }
  std::vector<std::string> keys() const;
  const Option* find(std::string_view key) const;

  // Key = value of every option that may not change when a run is resumed.
  std::vector<std::pair<std::string, std::string>> immutable_values() const;
  // All as an INI file with comments, which reads back to the same values.
  std::string ini_text() const;

 private:
  std::string group_;
  std::vector<Option> options_;
};

// "NUMBER", "WxH", ...: what stands for a value of this type in --help.
inline const char* placeholder(const int&) { return "N"; }
inline const char* placeholder(const int64_t&) { return "N"; }
inline const char* placeholder(const uint64_t&) { return "N"; }
inline const char* placeholder(const double&) { return "NUMBER"; }
inline const char* placeholder(const bool&) { return "true|false"; }
inline const char* placeholder(const std::string&) { return "TEXT"; }
inline const char* placeholder(const std::filesystem::path&) { return "PATH"; }
inline const char* placeholder(const std::vector<double>&) { return "NUMBERS"; }
inline const char* placeholder(const std::vector<std::string>&) { return "NAMES"; }
inline const char* placeholder(const SizeHW&) { return "WxH"; }
inline const char* placeholder(const ByteSize&) { return "BYTES"; }

void require_in_range(double value, const OptionInfo& info);  // BadValue
inline void require_in_range(const std::vector<double>& values, const OptionInfo& info) {
  for (double value : values) require_in_range(value, info);
}
std::string joined_names(const std::vector<std::string>& names, const char* separator);

template <typename T>
void OptionSet::add(std::string key, T& field, OptionInfo info) {
  add_option({.key = std::move(key),
              .accepted = placeholder(field),
              .info = info,
              .is_switch = std::is_same_v<T, bool>,
              .read =
                  [&field, info](std::string_view text) {
                    T value{};
                    read_value(text, value);
                    if constexpr (std::is_convertible_v<T, double>) require_in_range(static_cast<double>(value), info);
                    if constexpr (std::is_same_v<T, std::vector<double>>) require_in_range(value, info);
                    field = std::move(value);
                  },
              .write = [&field] { return write_value(field); }});
}

template <typename E>
void OptionSet::add_choice(std::string key, E& field, std::vector<std::pair<std::string, E>> choices, OptionInfo info) {
  std::vector<std::string> names;
  for (const auto& [name, value] : choices) names.push_back(name);
  add_option({.key = std::move(key),
              .accepted = joined_names(names, "|"),
              .info = std::move(info),
              .read =
                  [&field, choices, names](std::string_view text) {
                    for (const auto& [name, value] : choices) {
                      if (text == name) return void(field = value);
                    }
                    throw BadValue("one of " + joined_names(names, ", "));
                  },
              .write =
                  [&field, choices] {
                    for (const auto& [name, value] : choices) {
                      if (field == value) return name;
                    }
                    return std::string();
                  }});
}

template <typename E>
void OptionSet::add_switch(std::string key, E& field, std::pair<E, E> off_and_on, OptionInfo info) {
  const E off = off_and_on.first, on = off_and_on.second;
  add_option({.key = std::move(key),
              .accepted = placeholder(true),
              .info = std::move(info),
              .is_switch = true,
              .read =
                  [&field, off, on](std::string_view text) {
                    bool value = false;
                    read_value(text, value);
                    field = value ? on : off;
                  },
              .write = [&field, on] { return write_value(field == on); }});
}

}  // namespace strata
