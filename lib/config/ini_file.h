#pragma once
// INI files: "[section]", "key = value", comments from # or ; at the beginning of a line or after a blank.

#include <filesystem>
#include <string>
#include <vector>

namespace strata {

struct IniEntry {
  std::string key;    // "section.key"; without a section "key"
  std::string value;  // without blanks around it and without the quotes of a quoted value
  int line = 0;       // from 1
};

// In the order of the file. ConfigError naming file and line for anything that is no such line or a key given twice;
// MissingInput.
std::vector<IniEntry> read_ini_file(const std::filesystem::path& path);

// The value as it must stand in a file so that reading gives it back: in quotes where it has blanks at its ends, quotes, or what
// looks like a comment.
std::string ini_value(const std::string& value);

}  // namespace strata
