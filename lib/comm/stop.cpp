#include "comm/stop.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/process_info.h"
#include "comm/agreement.h"
#include "comm/slurm_time_left.h"

#include <time.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <cstring>
#include <limits>
#include <mutex>
#include <thread>
#include <vector>

namespace strata {

namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();
constexpr double kYearSeconds = 366 * 86400.0;

// What comes first counts: a duration by the monotonic clock, a moment by the wall clock.
struct Limit {
  double monotonic_deadline = kNever, unix_deadline = kNever;
  std::string source;
  bool of_slurm = false;

  double seconds_left() const { return std::min(monotonic_deadline - monotonic_seconds(), unix_deadline - unix_seconds()); }
};

std::optional<int64_t> whole_number(std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

std::optional<double> seconds_in_fields(std::string_view text) {
  int64_t total = 0;
  const size_t dash = text.find('-');
  if (dash != std::string_view::npos) {
    const auto days = whole_number(text.substr(0, dash));
    if (!days || *days > 3650) return std::nullopt;
    total = *days;
    text.remove_prefix(dash + 1);
  }
  std::vector<int64_t> fields;
  for (size_t begin = 0;;) {
    const size_t colon = text.find(':', begin);
    const auto field = whole_number(text.substr(begin, colon == std::string_view::npos ? colon : colon - begin));
    if (!field || *field > 1'000'000'000) return std::nullopt;
    fields.push_back(*field);
    if (colon == std::string_view::npos) break;
    begin = colon + 1;
  }
  if (fields.size() > 3 || (dash != std::string_view::npos && fields.size() != 3)) return std::nullopt;
  for (size_t i = 1; i < fields.size(); ++i) {
    if (fields[i] >= 60) return std::nullopt;
  }
  if (fields.size() == 3) total = total * 24 + fields[0], fields.erase(fields.begin());
  for (int64_t field : fields) total = total * 60 + field;
  return static_cast<double>(total);
}

// UNIX seconds, or ISO 8601: local time, or UTC with a Z at the end.
std::optional<double> point_in_time(const std::string& text) {
  if (const auto seconds = whole_number(text)) return static_cast<double>(*seconds);
  tm parts{};
  parts.tm_isdst = -1;
  const char* rest = nullptr;
  for (const char* format : {"%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"}) {
    tm attempt = parts;
    rest = strptime(text.c_str(), format, &attempt);
    if (!rest) continue;
    if (*rest == '\0') return static_cast<double>(mktime(&attempt));
    if (std::strcmp(rest, "Z") == 0) return static_cast<double>(timegm(&attempt));
  }
  return std::nullopt;
}

Limit limit_of(const StopOptions& options) {
  Limit limit;
  if (!options.time_limit.empty()) {
    limit.monotonic_deadline = process_start_seconds() + parse_duration(options.time_limit);
    limit.source = "--time-limit " + options.time_limit;
  }
  if (!options.stop_at.empty()) {
    const double left = limit.seconds_left();
    limit.unix_deadline = parse_point_in_time(options.stop_at);
    if (limit.seconds_left() < left) limit.source = "--stop-at " + options.stop_at;
  }
  return limit;
}

// A variable that holds UNIX seconds; one that cannot be a job's end is said and ignored.
Limit from_variable(const char* name) {
  const std::string text = environment(name);
  if (text.empty()) return {};
  const auto value = whole_number(text);
  const double left = value ? static_cast<double>(*value) - unix_seconds() : 0;
  if (left > 0 && left < kYearSeconds) return {.unix_deadline = static_cast<double>(*value), .source = name};
  log_warning("{} = '{}' is ignored: not a UNIX time between now and a year from now", name, text);
  return {};
}

Limit from_squeue() {
  const std::optional<double> left = slurm_time_left();
  return left ? Limit{.unix_deadline = unix_seconds() + *left, .source = "squeue"} : Limit{};
}

Limit find_limit(const StopOptions& options) {
  Limit limit = limit_of(options);
  const bool from_options = !limit.source.empty();
  if (limit.source.empty()) limit = from_variable("SLURM_JOB_END_TIME");
  if (limit.source.empty()) limit = from_squeue();
  limit.of_slurm = !limit.source.empty() && !from_options;
  if (limit.source.empty()) limit = from_variable("STRATA_END_TIME");
  return limit;
}

void report(const Limit& limit) {
  if (limit.source.empty()) {
    log_info("no time limit found: stopping only on signals (--time-limit, --stop-at or STRATA_END_TIME set one)");
  } else {
    log_info("time limit from {}: {} left", limit.source, readable_duration(limit.seconds_left()));
  }
}

}  // namespace

double parse_duration(std::string_view text) {
  if (const auto seconds = seconds_in_fields(text)) return *seconds;
  throw UsageError(fmt::format("'{}' is no duration: use D-HH:MM:SS, H:MM:SS, MM:SS or SS (minutes and seconds below 60)", text));
}

double parse_point_in_time(const std::string& text) {
  if (const auto seconds = point_in_time(text)) return *seconds;
  throw UsageError(
      fmt::format("'{}' is no point in time: use UNIX seconds, or YYYY-MM-DDTHH:MM:SS (local; with Z at the end: UTC)", text));
}

// Asks squeue now and then, in a thread of its own: an answer may take seconds.
class StopConditions::SlurmLimit {
 public:
  SlurmLimit(double deadline, double every_seconds)
      : deadline_(deadline), every_seconds_(every_seconds), thread_([this] { run(); }) {}
  ~SlurmLimit() {
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
    }
    wake_.notify_one();
    thread_.join();
  }
  SlurmLimit(const SlurmLimit&) = delete;
  SlurmLimit& operator=(const SlurmLimit&) = delete;

  double deadline() const { return deadline_; }

 private:
  static constexpr double kSmallestChange = 90;  // squeue and the end of a job may differ by a minute

  void run() {
    std::unique_lock lock(mutex_);
    while (!wake_.wait_for(lock, std::chrono::duration<double>(every_seconds_), [this] { return ending_; })) {
      lock.unlock();
      const Limit now = from_squeue();
      if (!now.source.empty() && std::abs(now.unix_deadline - deadline_) > kSmallestChange) {
        deadline_ = now.unix_deadline;
        log_info("Slurm changed the time limit: {} left", readable_duration(now.seconds_left()));
      }
      lock.lock();
    }
  }

  std::atomic<double> deadline_;  // UNIX seconds
  double every_seconds_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool ending_ = false;
  std::thread thread_;
};

StopConditions::StopConditions(const StopOptions& options, const Communicator& comm) : comm_(comm) {
  Limit limit;
  on_root(comm, [&] {
    limit = find_limit(options);
    report(limit);
    if (limit.of_slurm) slurm_ = std::make_shared<SlurmLimit>(limit.unix_deadline, options.ask_again_seconds);
  });
  std::array<double, 2> left = {limit.monotonic_deadline - monotonic_seconds(), limit.unix_deadline - unix_seconds()};
  comm.broadcast(std::as_writable_bytes(std::span(left)));
  monotonic_deadline_ = monotonic_seconds() + left[0];
  unix_deadline_ = unix_seconds() + left[1];
}

double StopConditions::seconds_left() const {
  const double unix_deadline = slurm_ ? slurm_->deadline() : unix_deadline_;
  return std::min(monotonic_deadline_ - monotonic_seconds(), unix_deadline - unix_seconds());
}

std::optional<std::string> StopConditions::reason_to_stop(double reserve_seconds) const {
  const double left = seconds_left();
  const bool time_is_up = comm_.is_root() && left < reserve_seconds;
  // Both are 0 where there is no reason; the second is whole seconds left + 1, of root alone.
  std::array<int64_t, 2> reasons = {stop_signal(), time_is_up ? std::llround(std::max(left, 0.0)) + 1 : 0};
  comm_.max(reasons);
  if (reasons[0] > 0) return fmt::format("signal {} ({})", reasons[0], strsignal(static_cast<int>(reasons[0])));
  if (reasons[1] > 0) return fmt::format("time limit in {} s", reasons[1] - 1);
  return std::nullopt;
}

}  // namespace strata
