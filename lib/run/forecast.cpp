#include "run/forecast.h"

#include "base/clock.h"

#include <fmt/format.h>

#include <algorithm>

namespace strata {
namespace {

constexpr double kUsedShare = 0.97;

uint64_t left(const RunProgress& progress) { return progress.total - std::min(progress.done, progress.total); }

// Whole epochs without a decimal, others with one.
std::string epochs_text(uint64_t steps, uint64_t steps_per_epoch) {
  if (steps_per_epoch == 0) return fmt::format("{} steps", steps);
  const double epochs = static_cast<double>(steps) / static_cast<double>(steps_per_epoch);
  return steps % steps_per_epoch == 0 || epochs >= 10 ? fmt::format("{}", steps / steps_per_epoch)
                                                      : fmt::format("{:.1f}", epochs);
}

}  // namespace

double seconds_to_go(const RunProgress& progress, const Pace& pace) {
  return static_cast<double>(left(progress)) * pace.seconds_per_step;
}

uint64_t steps_in_job(double job_seconds, const Pace& pace) {
  if (pace.seconds_per_step <= 0) return 0;
  return static_cast<uint64_t>(std::max(0.0, (kUsedShare * job_seconds - pace.start_up_seconds) / pace.seconds_per_step));
}

std::string forecast_text(const RunProgress& progress, const Pace& pace, double job_seconds) {
  const uint64_t to_do = left(progress), fitting = steps_in_job(job_seconds, pace);
  const std::string length = readable_duration(job_seconds);
  if (to_do == 0) return "nothing is left to do";
  if (pace.seconds_per_step <= 0) return "the time of a step is not known yet";
  if (fitting == 0) return fmt::format("not one step fits into {}: the run cannot get on in jobs of that length", length);
  const std::string all = epochs_text(to_do, progress.steps_per_epoch);
  if (fitting >= to_do) return fmt::format("all {} epochs that are left fit into {}", all, length);
  const uint64_t jobs = (to_do + fitting - 1) / fitting;
  return fmt::format("{} of {} epochs fit into {}; {} more jobs of that length complete the run",
                     epochs_text(fitting, progress.steps_per_epoch), all, length, jobs);
}

}  // namespace strata
