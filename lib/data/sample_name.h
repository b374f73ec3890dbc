#pragma once
// Names of samples go into JSON, HDF5, logs and paths of files; they may come from elsewhere.

#include <string>

namespace strata {

// Printable UTF-8: no control characters, no line breaks.
bool is_printable_name(const std::string& name);
// "" or what is wrong with a name as a path below a folder: empty, not printable, absolute, or leading out by "..".
std::string fault_of_name(const std::string& name);

}  // namespace strata
