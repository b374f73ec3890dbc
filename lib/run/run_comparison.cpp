#include "run/run_comparison.h"

#include "base/files.h"
#include "run/number_table.h"
#include "run/run_files.h"
#include "run/run_record.h"
#include "run/settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

namespace strata {
namespace {

constexpr size_t kValidationsShown = 12;

struct Run {
  RunFiles files;
  Settings config, platform;
  NumberTable metrics, timing;
};

Run read_run(const fs::path& directory) {
  Run run{RunFiles(directory), {}, platform_in(read_run_record(directory)), {}, {}};
  if (fs::exists(run.files.config)) run.config = settings_of_ini(read_text_file(run.files.config));
  run.metrics = read_numbers(run.files.metrics);
  run.timing = read_numbers(run.files.timing);
  return run;
}

std::string differences_text(const char* title, const Settings& first, const Settings& second) {
  const std::vector<std::string> lines = differences(first, second);
  if (lines.empty()) return fmt::format("{}: the same\n", title);
  std::string text = fmt::format("{} (A, now B):\n", title);
  for (const std::string& line : lines) text += "  " + line + "\n";
  return text;
}

bool same(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

// Whether the rows both runs have are equal, and the first that is not.
std::string parting_text(const NumberTable& first, const NumberTable& second) {
  const size_t rows = std::min(first.rows, second.rows);
  for (size_t row = 0; row < rows; ++row) {
    for (const auto& [name, column] : first.columns) {
      const std::vector<double>& other = second.column(name);
      if (other.empty() || same(column[row], other[row])) continue;
      return fmt::format("metrics: equal up to step {}, then {} is {} and {} at step {}\n",
                         row == 0 ? 0 : first.column("step")[row - 1], name, column[row], other[row], first.column("step")[row]);
    }
  }
  return fmt::format("metrics: all {} steps that both have are equal to the last digit\n", rows);
}

struct Validation {
  double step, loss, mean_iu;
};

std::vector<Validation> validations_of(const NumberTable& metrics) {
  std::vector<Validation> found;
  const std::vector<double>&steps = metrics.column("step"), &loss = metrics.column("val_loss"),
        &mean_iu = metrics.column("mean_iu");
  for (size_t row = 0; row < std::min({steps.size(), loss.size(), mean_iu.size()}); ++row) {
    if (std::isfinite(loss[row])) found.push_back({steps[row], loss[row], mean_iu[row]});
  }
  return found;
}

std::string validations_text(const NumberTable& first, const NumberTable& second) {
  struct Pair {
    Validation a, b;
  };
  std::vector<Pair> common;
  const std::vector<Validation> others = validations_of(second);
  for (const Validation& one : validations_of(first)) {
    const auto other = std::find_if(others.begin(), others.end(), [&](const Validation& v) { return v.step == one.step; });
    if (other != others.end()) common.push_back({one, *other});
  }
  if (common.empty()) return "";
  std::string text =
      fmt::format("\n{:>8} {:>14} {:>14} {:>12} {:>12}\n", "step", "val_loss A", "val_loss B", "mean IoU A", "mean IoU B");
  const size_t every = (common.size() + kValidationsShown - 1) / kValidationsShown;  // the last one always
  for (size_t i = (common.size() - 1) % every; i < common.size(); i += every) {
    const auto& [a, b] = common[i];
    text += fmt::format("{:>8} {:>14.4f} {:>14.4f} {:>10.2f} % {:>10.2f} %\n", a.step, a.loss, b.loss, 100 * a.mean_iu,
                        100 * b.mean_iu);
  }
  return text;
}

std::string best_text(const NumberTable& metrics) {
  std::optional<Validation> best;
  for (const Validation& one : validations_of(metrics)) {
    if (std::isfinite(one.mean_iu) && (!best || one.mean_iu > best->mean_iu)) best = one;
  }
  return best ? fmt::format("{:.2f} % after step {}", 100 * best->mean_iu, best->step) : "none";
}

double largest(const std::vector<double>& column) { return column.empty() ? 0 : *std::max_element(column.begin(), column.end()); }

}  // namespace

std::string run_comparison_text(const fs::path& first, const fs::path& second) {
  const Run a = read_run(first), b = read_run(second);
  const auto row = [](const char* what, const std::string& x, const std::string& y) {
    return fmt::format("{:<16} {:>28} {:>28}\n", what, x, y);
  };
  const auto pace = [](const Run& run) { return fmt::format("{:.3g} s", seconds_per_step(run.timing, run.timing.rows)); };
  const auto memory = [](const Run& run) {
    return readable_bytes(static_cast<uint64_t>(std::max(0.0, largest(run.timing.column("peak_memory_bytes")))));
  };
  return fmt::format("A  {}\nB  {}\n\n", first.string(), second.string()) + differences_text("settings", a.config, b.config) +
         differences_text("platform", a.platform, b.platform) + parting_text(a.metrics, b.metrics) + "\n" + row("", "A", "B") +
         row("steps", std::to_string(a.metrics.rows), std::to_string(b.metrics.rows)) +
         row("best mean IoU", best_text(a.metrics), best_text(b.metrics)) + row("time of a step", pace(a), pace(b)) +
         row("peak memory", memory(a), memory(b)) + validations_text(a.metrics, b.metrics);
}

}  // namespace strata
