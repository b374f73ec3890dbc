#pragma once
// One log for the process: lines on stderr, "2026-01-31 12:00:00 info [rank 0] text". Boost.Log stays behind this header.
//
// Ranks above 0 print warnings and errors only, so that a line said by all is read once. Writing never fails and never
// ends the process (a closed or full stderr is ignored).

#include <fmt/format.h>

#include <filesystem>
#include <string>
#include <string_view>

namespace strata {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

struct LogOptions {
  LogLevel level = LogLevel::kInfo;
  int rank = 0;  // shown in each line where ranks > 1
  int ranks = 1;
};

// debug|info|warning|error; throws UsageError otherwise.
LogLevel parse_log_level(std::string_view name);
std::string_view log_level_name(LogLevel level);

// Local. May be called again, e.g. once the rank is known.
void configure_log(const LogOptions& options);
LogOptions log_options();

// Also append every line to this file (a run's log); a failing file is reported once and then ignored.
void log_also_to(const std::filesystem::path& file);

void log_line(LogLevel level, std::string_view text);

template <typename... Args>
void log_debug(fmt::format_string<Args...> format, Args&&... args) {
  log_line(LogLevel::kDebug, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void log_info(fmt::format_string<Args...> format, Args&&... args) {
  log_line(LogLevel::kInfo, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void log_warning(fmt::format_string<Args...> format, Args&&... args) {
  log_line(LogLevel::kWarning, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void log_error(fmt::format_string<Args...> format, Args&&... args) {
  log_line(LogLevel::kError, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace strata
