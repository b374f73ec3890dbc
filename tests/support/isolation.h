#pragma once
// Commands in namespaces of their own, as root or as a user who may make them: what happens there the machine does not see.

#include <string>

namespace strata::testing {

// Runs `line` where `mount` (mount commands) holds. Exit code 99 and a sentence where mounting is not allowed.
std::string with_mount(const std::string& mount, const std::string& line);

// Runs `line` with a loopback interface and no other. Exit code 99 and a sentence where that is not allowed.
std::string without_network(const std::string& line);

}  // namespace strata::testing
