#include "run/flight_record.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/files.h"
#include "base/log.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <sstream>

namespace strata {
namespace {

constexpr size_t kLineBytes = 160;
constexpr std::string_view kTitle = "strata flight record 1", kStep = "step ";
constexpr int kNowLine = 1, kFirstStepLine = 2;

uint64_t step_of(const std::string& line) { return std::strtoull(line.c_str() + kStep.size(), nullptr, 10); }

}  // namespace

FlightRecord::FlightRecord(const fs::path& file)
    : path_(file), file_(::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0666)) {
  if (!file_) log_warning("no flight record in {}: {}", path_.string(), std::strerror(errno));
  write_line(0, std::string(kTitle));
  for (int line = kNowLine; line < kFirstStepLine + kFlightSteps; ++line) write_line(line, "");
}

void FlightRecord::note_step(const FlightStep& step) {
  write_line(kFirstStepLine + static_cast<int>(step.step % kFlightSteps),
             fmt::format("{}{}, epoch {}: {:.3g} s, loss {:.5g}, gradient norm {:.3g}, at {}", kStep, step.step, step.epoch,
                         step.seconds, step.loss, step.gradient_norm, utc_time_text()));
}

void FlightRecord::note_now(const std::string& what) {
  write_line(kNowLine, fmt::format("now: {}, since {}", what, utc_time_text()));
}

void FlightRecord::write_line(int line, std::string text) {
  if (!file_) return;
  text.resize(kLineBytes - 1, ' ');
  text += '\n';
  const auto at = static_cast<off_t>(kLineBytes) * line;
  if (::pwrite(file_.get(), text.data(), text.size(), at) == static_cast<ssize_t>(text.size())) return;
  log_warning("the flight record {} ends here: {}", path_.string(), std::strerror(errno));
  file_.reset();
}

std::vector<std::string> read_flight_record(const fs::path& file) {
  std::vector<std::string> steps, lines;
  std::string text;
  try {
    text = read_text_file(file);
  } catch (const Error&) {
    return {};
  }
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    line.erase(line.find_last_not_of(' ') + 1);
    if (line.starts_with("now: ")) lines.push_back(line);
    if (line.starts_with(kStep)) steps.push_back(line);
  }
  std::sort(steps.begin(), steps.end(), [](const auto& a, const auto& b) { return step_of(a) < step_of(b); });
  lines.insert(lines.end(), steps.begin(), steps.end());
  return lines;
}

}  // namespace strata
