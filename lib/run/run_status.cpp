#include "run/run_status.h"

#include "base/clock.h"
#include "base/files.h"
#include "base/owner_file.h"
#include "run/flight_record.h"
#include "run/forecast.h"
#include "run/number_table.h"
#include "run/run_files.h"
#include "run/run_record.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

namespace strata {
namespace {

using Json = nlohmann::ordered_json;

constexpr double kLongestLivingHeartbeatAge = 60;  // as an owner that is taken for dead (base/owner_file.h)
constexpr size_t kFewestStepsOfAPace = 100, kStartsShown = 12, kFlightLinesShown = 6;

std::string line(const char* key, const std::string& text) { return fmt::format("{:<12} {}\n", key, text); }

std::string text_of(const Json& json, const char* key) {
  const auto found = json.find(key);
  if (found == json.end()) return "";
  return found->is_string() ? found->get<std::string>() : found->dump();
}

struct Run {
  RunFiles files;
  Json record;
  NumberTable metrics, timing;
  std::optional<OwnerSight> owner;

  const Json* newest_start() const {
    const auto starts = record.find("starts");
    return starts == record.end() || starts->empty() ? nullptr : &starts->back();
  }
  // A start that has not said that it ended.
  bool open() const { return newest_start() && !newest_start()->contains("ended"); }
  bool running() const {
    return open() && owner && !owner->released && owner->heartbeat_age_seconds < kLongestLivingHeartbeatAge;
  }
};

Run read_run(const fs::path& directory) {
  Run run{RunFiles(directory), read_run_record(directory), {}, {}, {}};
  run.metrics = read_numbers(run.files.metrics);
  run.timing = read_numbers(run.files.timing);
  run.owner = look_at_owner(directory);
  return run;
}

RunProgress progress_of(const Run& run) {
  RunProgress progress;
  progress.total = run.record.value("total_steps", uint64_t{0});
  progress.steps_per_epoch = run.record.value("steps_per_epoch", uint64_t{0});
  progress.done = run.record.value("step", uint64_t{0});
  const std::vector<double>& steps = run.metrics.column("step");
  if (run.running() && !steps.empty()) progress.done = std::max(progress.done, static_cast<uint64_t>(steps.back()));
  return progress;
}

Pace pace_of(const Run& run, const RunProgress& progress) {
  Pace pace;
  pace.seconds_per_step = seconds_per_step(run.timing, std::max<size_t>(kFewestStepsOfAPace, progress.steps_per_epoch));
  if (const Json* start = run.newest_start()) pace.start_up_seconds = start->value("start_up_seconds", 0.0);
  return pace;
}

std::string state_text(const Run& run) {
  if (!run.newest_start()) return "not begun";
  if (run.running()) return "running: " + run.owner->description;
  if (run.open()) {
    return fmt::format("killed: it did not say that it ended ({}). The same command continues from the checkpoint",
                       run.owner ? run.owner->description : "no owner file is left");
  }
  const Json& ended = run.newest_start()->at("ended");
  const bool complete = run.record.contains("complete");
  return fmt::format("{}{} (code {}, {})", complete ? "" : "not complete; last start: ", text_of(ended, "outcome"),
                     ended.contains("code") ? text_of(ended, "code") : "none", text_of(ended, "at"));
}

std::string progress_text(const RunProgress& progress) {
  const double percent = progress.total ? 100.0 * static_cast<double>(progress.done) / static_cast<double>(progress.total) : 0;
  std::string text = fmt::format("step {} of {}, {:.1f} %", progress.done, progress.total, percent);
  if (progress.steps_per_epoch == 0) return text;
  return text + fmt::format("; epoch {:.1f} of {}",
                            static_cast<double>(progress.done) / static_cast<double>(progress.steps_per_epoch),
                            progress.total / progress.steps_per_epoch);
}

// The newest number of a column.
std::optional<double> newest(const NumberTable& table, const char* name) {
  const std::vector<double>& column = table.column(name);
  const auto found = std::find_if(column.rbegin(), column.rend(), [](double value) { return std::isfinite(value); });
  return found == column.rend() ? std::nullopt : std::optional(*found);
}

double sum(const NumberTable& table, const char* name) {
  double total = 0;
  for (double value : table.column(name)) total += std::isfinite(value) ? value : 0;
  return total;
}

std::string quality_text(const Run& run) {
  const auto loss = newest(run.metrics, "loss"), mean_iu = newest(run.metrics, "mean_iu");
  std::string text = loss ? fmt::format("loss {:.4f}", *loss) : "no step yet";
  if (mean_iu) text += fmt::format(", mean IoU {:.2f} %", 100 * *mean_iu);
  const auto best = run.record.find("best");
  if (best != run.record.end())
    text += fmt::format(", best {:.2f} % after step {}", 100 * best->value("mean_iu", 0.0), best->value("step", 0));
  if (const double skipped = sum(run.metrics, "skipped"); skipped > 0)
    text += fmt::format("; {:.0f} steps were skipped (loss or gradient not finite)", skipped);
  return text;
}

std::string pace_text(const Run& run, const Pace& pace) {
  if (pace.seconds_per_step <= 0) return "not known yet";
  const double all = sum(run.timing, "seconds") + sum(run.timing, "checkpoint_seconds") + sum(run.timing, "validation_seconds");
  const auto share = [&](const char* name) { return 100 * sum(run.timing, name) / all; };
  return fmt::format(
      "{:.3g} s a step; of all time {:.1f} % waiting for data, {:.1f} % for other ranks, {:.1f} % checkpoints, {:.1f} % "
      "validation",
      pace.seconds_per_step, share("loader_wait_seconds"), share("gradient_wait_seconds"), share("checkpoint_seconds"),
      share("validation_seconds"));
}

std::string starts_text(const Run& run) {
  const auto starts = run.record.find("starts");
  if (starts == run.record.end() || starts->empty()) return "";
  std::string text = fmt::format("\n{:<5} {:<20} {:<14} {:<9} {:>5} {:>9} {:>9}  {}\n", "start", "began", "host", "job", "ranks",
                                 "from step", "to step", "end");
  const size_t first = starts->size() > kStartsShown ? starts->size() - kStartsShown : 0;
  if (first > 0) text += fmt::format("({} earlier ones)\n", first);
  for (size_t i = first; i < starts->size(); ++i) {
    const Json& start = (*starts)[i];
    const Json ended = start.value("ended", Json::object());
    const bool open = !start.contains("ended");
    const std::string end = open ? (run.running() ? "running" : "killed") : text_of(ended, "outcome").substr(0, 90);
    text += fmt::format("{:<5} {:<20} {:<14} {:<9} {:>5} {:>9} {:>9}  {}\n", i + 1, text_of(start, "began"),
                        text_of(start, "host"), text_of(start, "job"), text_of(start.value("platform", Json::object()), "ranks"),
                        text_of(start, "from_step"), text_of(ended, "step"), end);
  }
  return text;
}

// Of interest where the newest start is under way or did not end in order.
std::string flight_text(const Run& run) {
  const bool in_order = run.newest_start() && !run.open() && run.newest_start()->at("ended").value("code", 70) % 75 == 0;
  std::vector<std::string> lines = read_flight_record(run.files.flight);
  if (lines.empty() || in_order) return "";
  const size_t drop = lines.size() > kFlightLinesShown ? lines.size() - kFlightLinesShown : 0;
  const size_t keep_now = lines.front().starts_with("now: ") ? 1 : 0;
  lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(keep_now),
              lines.begin() + static_cast<std::ptrdiff_t>(keep_now + drop));
  std::string text = "\nlast steps (flight.txt):\n";
  for (const std::string& one : lines) text += "  " + one + "\n";
  return text;
}

}  // namespace

std::string run_status_text(const fs::path& directory, double job_seconds) {
  const Run run = read_run(directory);
  const RunProgress progress = progress_of(run);
  const Pace pace = pace_of(run, progress);
  if (job_seconds <= 0 && run.newest_start()) job_seconds = run.newest_start()->value("seconds_left", 0.0);

  std::string text =
      line("run", directory.string()) + line("state", state_text(run)) + line("progress", progress_text(progress)) +
      line("checkpoint", run.record.contains("generation")
                             ? fmt::format("gen-{:06} at step {}", run.record.value("generation", 0), run.record.value("step", 0))
                             : "none yet") +
      line("quality", quality_text(run)) + line("pace", pace_text(run, pace));
  if (!run.record.contains("complete")) {
    const double to_go = seconds_to_go(progress, pace);
    if (to_go > 0) {
      text +=
          line("to go",
               readable_duration(to_go) +
                   (run.running() ? fmt::format(", done about {} without a pause", utc_time_text(unix_seconds() + to_go)) : ""));
    }
    text += line("jobs", job_seconds > 0 ? forecast_text(progress, pace, job_seconds)
                                         : "no time limit is known; --time-limit 12:00:00 says how many jobs it takes");
  }
  return text + starts_text(run) + flight_text(run);
}

}  // namespace strata
