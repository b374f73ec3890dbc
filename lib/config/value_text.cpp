#include "config/value_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

namespace strata {

namespace {

template <typename Number>
std::optional<Number> number_in(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

template <typename Integer>
Integer integer_in(std::string_view text) {
  if (const auto value = number_in<Integer>(text)) return *value;
  throw BadValue(
      fmt::format("a whole number from {} to {}", std::numeric_limits<Integer>::min(), std::numeric_limits<Integer>::max()));
}

std::vector<std::string_view> items_of(std::string_view list) {
  std::vector<std::string_view> items;
  for (;;) {
    const size_t comma = list.find(',');
    std::string_view item = list.substr(0, comma);
    item.remove_prefix(std::min(item.find_first_not_of(' '), item.size()));
    item = item.substr(0, item.find_last_not_of(' ') + 1);
    items.push_back(item);
    if (comma == std::string_view::npos) return items;
    list.remove_prefix(comma + 1);
  }
}

struct ByteUnit {
  std::string_view name;
  uint64_t bytes;
};
constexpr ByteUnit kByteUnits[] = {{"TiB", 1ull << 40},
                                   {"GiB", 1ull << 30},
                                   {"MiB", 1ull << 20},
                                   {"KiB", 1ull << 10},
                                   {"TB", 1'000'000'000'000},
                                   {"GB", 1'000'000'000},
                                   {"MB", 1'000'000},
                                   {"kB", 1'000},
                                   {"B", 1},
                                   {"", 1}};

}  // namespace

void read_value(std::string_view text, int& value) { value = integer_in<int>(text); }
void read_value(std::string_view text, int64_t& value) { value = integer_in<int64_t>(text); }
void read_value(std::string_view text, uint64_t& value) { value = integer_in<uint64_t>(text); }

void read_value(std::string_view text, double& value) {
  const auto number = number_in<double>(text);
  if (!number || !std::isfinite(*number)) throw BadValue("a number such as 0.5 or 1e-4");
  value = *number;
}

void read_value(std::string_view text, bool& value) {
  for (std::string_view yes : {"true", "yes", "on", "1"}) {
    if (text == yes) return void(value = true);
  }
  for (std::string_view no : {"false", "no", "off", "0"}) {
    if (text == no) return void(value = false);
  }
  throw BadValue("true or false (also yes, no, on, off, 1, 0)");
}

void read_value(std::string_view text, std::string& value) { value = text; }
void read_value(std::string_view text, std::filesystem::path& value) { value = text; }

void read_value(std::string_view text, std::vector<double>& value) {
  std::vector<double> numbers;
  for (std::string_view item : items_of(text)) {
    const auto number = number_in<double>(item);
    if (!number || !std::isfinite(*number)) throw BadValue("a list of numbers such as 0.5,1,2");
    numbers.push_back(*number);
  }
  value = std::move(numbers);
}

void read_value(std::string_view text, std::vector<std::string>& value) {
  if (text.empty()) return value.clear();
  std::vector<std::string> names;
  for (std::string_view item : items_of(text)) {
    if (item.empty()) throw BadValue("a list of names such as train,val");
    names.emplace_back(item);
  }
  value = std::move(names);
}

void read_value(std::string_view text, SizeHW& value) {
  const size_t x = text.find('x');
  const auto width = number_in<int>(text.substr(0, x));
  const auto height = x == std::string_view::npos ? width : number_in<int>(text.substr(x + 1));
  if (!width || !height || *width <= 0 || *height <= 0) throw BadValue("a size WIDTHxHEIGHT in pixels such as 1024x512");
  value = {*height, *width};
}

void read_value(std::string_view text, ByteSize& value) {
  const std::string_view digits = text.substr(0, text.find_first_not_of("0123456789"));
  std::string_view unit = text.substr(digits.size());
  unit.remove_prefix(std::min(unit.find_first_not_of(' '), unit.size()));
  const auto number = number_in<uint64_t>(digits);
  for (const ByteUnit& known : kByteUnits) {
    if (number && unit == known.name && *number <= std::numeric_limits<uint64_t>::max() / known.bytes) {
      value.bytes = *number * known.bytes;
      return;
    }
  }
  throw BadValue("a number of bytes such as 2GiB, 500MB or 1048576 (units KiB, MiB, GiB, TiB, kB, MB, GB, TB)");
}

std::string write_value(int value) { return fmt::format("{}", value); }
std::string write_value(int64_t value) { return fmt::format("{}", value); }
std::string write_value(uint64_t value) { return fmt::format("{}", value); }
std::string write_value(double value) { return fmt::format("{}", value); }
std::string write_value(bool value) { return value ? "true" : "false"; }
std::string write_value(const std::string& value) { return value; }
std::string write_value(const std::filesystem::path& value) { return value.string(); }
std::string write_value(const std::vector<double>& value) { return fmt::format("{}", fmt::join(value, ",")); }
std::string write_value(const std::vector<std::string>& value) { return fmt::format("{}", fmt::join(value, ",")); }
std::string write_value(SizeHW value) { return fmt::format("{}x{}", value.width, value.height); }

std::string write_value(ByteSize value) {
  for (const ByteUnit& unit : kByteUnits) {
    if (value.bytes > 0 && value.bytes % unit.bytes == 0 && unit.bytes > 1)
      return fmt::format("{}{}", value.bytes / unit.bytes, unit.name);
  }
  return fmt::format("{}", value.bytes);
}

}  // namespace strata
