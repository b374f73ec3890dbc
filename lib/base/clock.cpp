#include "base/clock.h"

#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <cmath>

namespace strata {

namespace {

double seconds_of(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);  // cannot fail for the clocks below
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

std::string format_time(const char* format, const tm& parts) {
  char text[40];
  return {text, strftime(text, sizeof text, format, &parts)};
}

const double kProcessStart = monotonic_seconds();

}  // namespace

double monotonic_seconds() { return seconds_of(CLOCK_MONOTONIC); }
double thread_cpu_seconds() { return seconds_of(CLOCK_THREAD_CPUTIME_ID); }
double process_cpu_seconds() { return seconds_of(CLOCK_PROCESS_CPUTIME_ID); }
double process_start_seconds() { return kProcessStart; }
double unix_seconds() { return seconds_of(CLOCK_REALTIME); }

std::string utc_time_text() { return utc_time_text(unix_seconds()); }

std::string utc_time_text(double unix_seconds) {
  const auto moment = static_cast<time_t>(unix_seconds);
  tm parts{};
  gmtime_r(&moment, &parts);
  return format_time("%Y-%m-%dT%H:%M:%SZ", parts);
}

std::string local_time_text() {
  const time_t now = time(nullptr);
  tm parts{};
  localtime_r(&now, &parts);
  return format_time("%Y-%m-%d %H:%M:%S", parts);
}

std::string readable_duration(double seconds) {
  const long long total = std::isfinite(seconds) ? std::llround(std::max(seconds, 0.0)) : 0;
  const long long days = total / 86400, hours = total / 3600 % 24, minutes = total / 60 % 60;
  if (days > 0) return fmt::format("{}-{:02}:{:02}:{:02}", days, hours, minutes, total % 60);
  return fmt::format("{}:{:02}:{:02}", hours, minutes, total % 60);
}

}  // namespace strata
