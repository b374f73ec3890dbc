#pragma once
// The configuration of a run against the one it was begun with.

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace strata {

// Keys and values, in the order in which a difference is reported.
using Settings = std::vector<std::pair<std::string, std::string>>;

nlohmann::json settings_to_json(const Settings& settings);
Settings settings_from_json(const nlohmann::json& json);  // nlohmann's exceptions where it is of another form

// Throws ConfigError (78) naming the first keys whose values differ, with both values. `where`: whose settings `saved` are.
void require_same_settings(const Settings& saved, const Settings& now, const std::string& where);

// "[section] key" and value of each line of an INI text, in its order; comments are left out.
Settings settings_of_ini(const std::string& ini);

// "KEY = VALUE, now VALUE" for every key that differs, first those of `before`.
std::vector<std::string> differences(const Settings& before, const Settings& now);

}  // namespace strata
