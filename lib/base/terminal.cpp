#include "base/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <mutex>

namespace strata {

namespace {

constexpr std::string_view kClearLine = "\r\033[K";

std::mutex mutex;
std::string status;  // what stands in the last line

void write_stderr(const std::string& text) {
  [[maybe_unused]] const ssize_t ignored = ::write(STDERR_FILENO, text.data(), text.size());
}

}  // namespace

bool stderr_is_terminal() {
  const char* kind = std::getenv("TERM");
  return isatty(STDERR_FILENO) && kind && std::string_view(kind) != "dumb";
}

int terminal_columns() {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

void write_terminal_line(std::string_view line) {
  const std::lock_guard lock(mutex);
  std::string text(status.empty() ? std::string_view() : kClearLine);
  text.append(line).append("\n").append(status);
  write_stderr(text);
}

void set_status_line(std::string_view text) {
  const std::lock_guard lock(mutex);
  status = text;
  write_stderr(std::string(kClearLine).append(status));
}

}  // namespace strata
