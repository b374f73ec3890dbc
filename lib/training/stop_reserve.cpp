#include "training/stop_reserve.h"

#include <algorithm>

namespace strata {
namespace {

constexpr size_t kRememberedSteps = 256;
constexpr double kGuessedBytesPerSecond = 50e6;
constexpr double kSlackShare = 0.02, kShortSlackShare = 0.2;
constexpr double kLeastSlackSeconds = 2, kMostSlackSeconds = 60;  // ending takes its time, also of a short job

double slack(double seconds_left) {
  const double least = std::min(kLeastSlackSeconds, kShortSlackShare * seconds_left);
  return std::clamp(kSlackShare * seconds_left, std::max(least, 0.0), kMostSlackSeconds);
}

double percentile_99(std::vector<double> values) {
  if (values.empty()) return 0;
  const size_t index = (values.size() * 99) / 100;
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(index), values.end());
  return values[index];
}

}  // namespace

StopReserve::StopReserve(double checkpoint_bytes, double seconds_left)
    : slowest_checkpoint_(checkpoint_bytes / kGuessedBytesPerSecond), slack_(slack(seconds_left)) {}

void StopReserve::add_step(double seconds) {
  if (recent_steps_.size() < kRememberedSteps) {
    recent_steps_.push_back(seconds);
  } else {
    recent_steps_[next_++ % kRememberedSteps] = seconds;
  }
}

void StopReserve::add_checkpoint(double seconds) {
  slowest_checkpoint_ = measured_checkpoint_ ? std::max(slowest_checkpoint_, seconds) : seconds;
  measured_checkpoint_ = true;
}

double StopReserve::seconds() const { return 1.5 * percentile_99(recent_steps_) + 2 * slowest_checkpoint_ + slack_; }

}  // namespace strata
