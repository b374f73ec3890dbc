#pragma once
// Sizes and seeds of a test that a campaign sets from outside.

#include "base/process_info.h"

#include <string>

namespace strata::testing {

// `otherwise` where the environment has no such variable.
inline int number_from(const char* variable, int otherwise) {
  const std::string text = environment(variable);
  return text.empty() ? otherwise : std::stoi(text);
}

}  // namespace strata::testing
