#pragma once
// What was built, and with what.

#include <string>

namespace strata {

std::string version_text();          // "0.1.0\n"
std::string verbose_version_text();  // and a line for each library, the compiler and its flags' kind

}  // namespace strata
