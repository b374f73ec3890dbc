#include "config/ini_file.h"

#include "base/error.h"
#include "base/files.h"

#include <fmt/format.h>

#include <map>
#include <optional>
#include <sstream>

namespace strata {

namespace {

constexpr std::string_view kBlanks = " \t\r";

std::string_view trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

std::string_view without_comment(std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    const bool begins_word = i == 0 || kBlanks.find(text[i - 1]) != std::string_view::npos;
    if (begins_word && (text[i] == '#' || text[i] == ';')) return text.substr(0, i);
  }
  return text;
}

// The value of `"..." # comment`; \" \\ and \n stand for what they do in C. Nothing where the quotes do not end.
std::optional<std::string> unquoted(std::string_view text) {
  std::string value;
  for (size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"') return trimmed(without_comment(text.substr(i + 1))).empty() ? std::optional(value) : std::nullopt;
    const bool escaped = text[i] == '\\';
    if (escaped && ++i == text.size()) return std::nullopt;
    value += escaped && text[i] == 'n' ? '\n' : text[i];
  }
  return std::nullopt;
}

class Reader {
 public:
  explicit Reader(std::filesystem::path path) : path_(std::move(path)) {}

  std::vector<IniEntry> read() {
    std::istringstream text(read_text_file(path_));
    for (std::string line; std::getline(text, line);) {
      ++line_;
      read_line(trimmed(line));
    }
    return std::move(entries_);
  }

 private:
  void read_line(std::string_view line) {
    if (trimmed(without_comment(line)).empty()) return;
    if (line.front() == '[') return begin_section(trimmed(without_comment(line)));
    const size_t equals = line.find('=');
    const std::string_view name = trimmed(line.substr(0, equals));
    if (equals == std::string_view::npos || name.empty())
      fail(fmt::format("'{}' is neither a [section] nor a 'key = value'", line));
    const std::string key = section_.empty() ? std::string(name) : section_ + "." + std::string(name);
    const auto [first, is_new] = lines_.emplace(key, line_);
    if (!is_new) fail(fmt::format("'{}' is given twice, first in line {}", key, first->second));
    entries_.push_back({key, value_of(trimmed(line.substr(equals + 1))), line_});
  }

  void begin_section(std::string_view line) {
    const std::string_view name = trimmed(line.substr(1, line.size() - 2));
    if (!line.ends_with(']') || name.empty()) fail(fmt::format("'{}' is no [section]", line));
    section_ = name;
  }

  std::string value_of(std::string_view text) const {
    if (!text.starts_with('"')) return std::string(trimmed(without_comment(text)));
    if (auto value = unquoted(text)) return *value;
    fail(fmt::format("the quotes of {} do not end", text));
  }

  [[noreturn]] void fail(const std::string& what) const {
    throw ConfigError(fmt::format("{}:{}: {}", path_.string(), line_, what));
  }

  std::filesystem::path path_;
  int line_ = 0;
  std::string section_;
  std::map<std::string, int> lines_;
  std::vector<IniEntry> entries_;
};

}  // namespace

std::vector<IniEntry> read_ini_file(const std::filesystem::path& path) { return Reader(path).read(); }

std::string ini_value(const std::string& value) {
  const bool plain =
      trimmed(value) == value && without_comment(value) == value && value.find_first_of("\"\n") == std::string::npos;
  if (plain) return value;
  std::string text = "\"";
  for (char c : value) {
    if (c == '"' || c == '\\') text += '\\';
    text += c == '\n' ? std::string("\\n") : std::string(1, c);
  }
  return text + '"';
}

}  // namespace strata
