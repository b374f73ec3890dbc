#include "support/isolation.h"

#include <fmt/format.h>
#include <unistd.h>

namespace strata::testing {
namespace {

// As one word of a shell.
std::string quoted(const std::string& text) {
  std::string word = "'";
  for (char c : text) word += c == '\'' ? "'\\''" : std::string(1, c);
  return word + "'";
}

std::string isolated(const char* namespaces, const std::string& prepare, const std::string& line) {
  constexpr char kRefused[] = "this test must be allowed to make namespaces (root, or unprivileged user namespaces)";
  const std::string script = fmt::format("{} || {{ echo '{}' >&2; exit 99; }}\n{}", prepare, kRefused, line);
  return fmt::format("unshare -{}{} bash -c {}", geteuid() == 0 ? "" : "r", namespaces, quoted(script));
}

}  // namespace

// The root of a chroot is no mount whose propagation could be changed; what is mounted below it stays in the namespace all the
// same unless the file system around is a shared one.
std::string with_mount(const std::string& mount, const std::string& line) {
  return isolated("m --propagation unchanged", "mount --make-rprivate / 2>/dev/null; " + mount, line);
}

// Open MPI insists on an interface.
std::string without_network(const std::string& line) { return isolated("n", "ip link set lo up", line); }

}  // namespace strata::testing
