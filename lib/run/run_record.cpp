#include "run/run_record.h"

#include "base/clock.h"
#include "base/files.h"
#include "base/log.h"
#include "base/process_info.h"
#include "run/run_files.h"

#include <fmt/format.h>

#include <cmath>
#include <sstream>
#include <vector>

namespace strata {
namespace {

constexpr int kRecordFormat = 1;

nlohmann::ordered_json object_of(const Settings& settings) {
  nlohmann::ordered_json object = nlohmann::ordered_json::object();
  for (const auto& [key, value] : settings) object[key] = value;
  return object;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

Settings settings_of(const nlohmann::ordered_json& object) {
  Settings settings;
  for (const auto& [key, value] : object.items())
    settings.emplace_back(key, value.is_string() ? value.get<std::string>() : value.dump());
  return settings;
}

bool readable(const nlohmann::ordered_json& record) {
  return record.is_object() && record.value("format", 0) == kRecordFormat && record.contains("starts") &&
         record["starts"].is_array();
}

}  // namespace

RunRecord::RunRecord(fs::path file) : file_(std::move(file)) {
  if (!fs::exists(file_)) return;
  nlohmann::ordered_json record = nlohmann::ordered_json::parse(read_text_file(file_), nullptr, /*allow_exceptions=*/false);
  if (readable(record)) {
    record_ = std::move(record);
    return;
  }
  const fs::path aside = file_.string() + ".damaged";
  log_warning("{} cannot be read; it is kept as {} and the history of the run begins anew", file_.string(),
              aside.filename().string());
  rename_durably(file_, aside);
}

std::optional<RunRecord::Completion> RunRecord::completion() const {
  const auto found = record_.find("complete");
  if (found == record_.end() || !found->is_object()) return std::nullopt;
  return Completion{found->value("step", uint64_t{0}), found->value("epochs", 0)};
}

Settings RunRecord::immutable() const { return record_.contains("immutable") ? settings_of(record_["immutable"]) : Settings{}; }

void RunRecord::set_immutable(const Settings& settings) { record_["immutable"] = object_of(settings); }

Settings RunRecord::platform() const { return platform_in(record_); }

nlohmann::ordered_json* RunRecord::open_start() {
  auto& starts = record_["starts"];
  return !starts.empty() && !starts.back().contains("ended") ? &starts.back() : nullptr;
}

void RunRecord::begin_start(const Start& start) {
  record_["format"] = kRecordFormat;
  if (!record_.contains("starts")) record_["starts"] = nlohmann::ordered_json::array();
  if (auto* open = open_start()) (*open)["ended"] = {{"outcome", "killed: it did not say that it ended"}};
  record_["starts"].push_back({{"began", utc_time_text()},
                               {"host", host_name()},
                               {"job", environment("SLURM_JOB_ID")},
                               {"platform", object_of(start.platform)},
                               {"versions", lines_of(start.versions)},
                               {"from_step", start.step},
                               {"from_generation", start.generation}});
  if (std::isfinite(start.seconds_left)) record_["starts"].back()["seconds_left"] = start.seconds_left;
  record_["step"] = start.step;
  record_["total_steps"] = start.total_steps;
  record_["steps_per_epoch"] = start.steps_per_epoch;
  record_.erase("complete");
  save();
}

void RunRecord::note_checkpoint(uint64_t step, uint64_t generation) {
  record_["step"] = step;
  record_["generation"] = generation;
  save();
}

void RunRecord::note_start_up(double seconds) {
  if (auto* open = open_start()) (*open)["start_up_seconds"] = seconds;
}

void RunRecord::note_best(uint64_t step, double mean_iu) { record_["best"] = {{"step", step}, {"mean_iu", mean_iu}}; }

void RunRecord::end_start(ExitCode code, const std::string& outcome, uint64_t step) {
  if (auto* open = open_start()) {
    (*open)["ended"] = {{"at", utc_time_text()}, {"step", step}, {"code", static_cast<int>(code)}, {"outcome", outcome}};
  }
  save();
}

void RunRecord::complete(const Completion& completion) {
  record_["complete"] = {{"step", completion.step}, {"epochs", completion.epochs}};
}

int RunRecord::count_stop(bool got_further) {
  const int count = got_further ? 0 : record_.value("stops_without_progress", 0) + 1;
  record_["stops_without_progress"] = count;
  return count;
}

void RunRecord::save() const {
  write_file_atomically(file_, record_.dump(1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
}

nlohmann::ordered_json read_run_record(const fs::path& run) {
  const fs::path file = RunFiles(run).record;
  if (!fs::exists(file)) {
    throw MissingInput(fmt::format("{} is no run directory: it holds no {}. Name the directory given to strata-train --run",
                                   run.string(), file.filename().string()));
  }
  nlohmann::ordered_json record = nlohmann::ordered_json::parse(read_text_file(file), nullptr, /*allow_exceptions=*/false);
  if (readable(record)) return record;
  throw FormatError(fmt::format(
      "{} is damaged or of another format. The next start of the run sets it aside and begins a new history", file.string()));
}

Settings platform_in(const nlohmann::ordered_json& record) {
  if (!record.contains("starts") || record["starts"].empty()) return {};
  const auto& last = record["starts"].back();
  return last.contains("platform") ? settings_of(last["platform"]) : Settings{};
}

}  // namespace strata
