#include "run/settings.h"

#include "base/error.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <sstream>

namespace strata {
namespace {

constexpr size_t kMostDifferencesShown = 5;

const std::string* value_of(const Settings& settings, const std::string& key) {
  const auto found = std::find_if(settings.begin(), settings.end(), [&](const auto& pair) { return pair.first == key; });
  return found == settings.end() ? nullptr : &found->second;
}

std::string trimmed(const std::string& text) {
  const size_t begin = text.find_first_not_of(" \t\r"), end = text.find_last_not_of(" \t\r");
  return begin == std::string::npos ? "" : text.substr(begin, end - begin + 1);
}

}  // namespace

nlohmann::json settings_to_json(const Settings& settings) {
  nlohmann::json pairs = nlohmann::json::array();  // an object would lose the order
  for (const auto& [key, value] : settings) pairs.push_back({key, value});
  return pairs;
}

Settings settings_from_json(const nlohmann::json& json) {
  Settings settings;
  for (const auto& pair : json) settings.emplace_back(pair.at(0).get<std::string>(), pair.at(1).get<std::string>());
  return settings;
}

Settings settings_of_ini(const std::string& ini) {
  Settings settings;
  std::string section, line;
  for (std::istringstream lines(ini); std::getline(lines, line);) {
    line = trimmed(line);
    if (line.empty() || line[0] == '#' || line[0] == ';') continue;
    const size_t equals = line.find('=');
    if (line[0] == '[') {
      section = line + " ";
    } else if (equals != std::string::npos) {
      settings.emplace_back(section + trimmed(line.substr(0, equals)), trimmed(line.substr(equals + 1)));
    }
  }
  return settings;
}

std::vector<std::string> differences(const Settings& before, const Settings& now) {
  std::vector<std::string> lines;
  for (const auto& [key, value] : before) {
    const std::string* other = value_of(now, key);
    if (!other || *other != value) lines.push_back(fmt::format("{} = {}, now {}", key, value, other ? *other : "gone"));
  }
  for (const auto& [key, value] : now) {
    if (!value_of(before, key)) lines.push_back(fmt::format("{} was not set, now {}", key, value));
  }
  return lines;
}

void require_same_settings(const Settings& saved, const Settings& now, const std::string& where) {
  std::vector<std::string> lines = differences(saved, now);
  if (lines.empty()) return;
  if (lines.size() > kMostDifferencesShown) {
    const std::string rest = fmt::format("and {} more", lines.size() - kMostDifferencesShown);
    lines.resize(kMostDifferencesShown);
    lines.push_back(rest);
  }
  throw ConfigError(
      fmt::format("{} was begun with other settings, and these cannot change in mid-run: take them back, or start another run "
                  "directory\n  {}",
                  where, fmt::join(lines, "\n  ")));
}

}  // namespace strata
