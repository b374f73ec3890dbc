#pragma once

#include <string>

namespace strata::testing {

// What the call's Exception says; another text where it throws none.
template <typename Exception, typename Call>
std::string message_of(Call call) {
  try {
    call();
  } catch (const Exception& error) {
    return error.what();
  }
  return "(nothing was thrown)";
}

}  // namespace strata::testing
