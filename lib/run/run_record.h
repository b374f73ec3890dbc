#pragma once
// run.json: what a run is, on what it ran, and the history of its starts and stops. For people and for strata-run; a continuation
// reads from it only whether the run is complete and how often it stopped without getting further.

#include "base/error.h"
#include "run/settings.h"

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace strata {

class RunRecord {
 public:
  // Reads the file; a missing one is an empty record. One that cannot be read is set aside as "run.json.damaged" with a warning.
  explicit RunRecord(std::filesystem::path file);

  struct Completion {
    uint64_t step = 0;
    int epochs = 0;
  };
  std::optional<Completion> completion() const;
  Settings immutable() const;
  void set_immutable(const Settings& settings);
  // Of the newest start; empty before the first.
  Settings platform() const;
  bool empty() const { return record_.empty(); }
  const nlohmann::ordered_json& json() const { return record_; }

  // What holds for all starts ("dataset", "model", ...). Written with the next change.
  void describe(const std::string& key, nlohmann::ordered_json value) { record_[key] = std::move(value); }

  struct Start {
    Settings platform;
    std::string versions;     // of the program and its libraries, a line each
    uint64_t step = 0;        // where it begins
    uint64_t generation = 0;  // the checkpoint it begins from; 0: none
    uint64_t total_steps = 0;
    uint64_t steps_per_epoch = 0;
    double seconds_left = 0;  // of the job when it began; infinity: no limit
  };
  // Opens an entry of the history. One still open from before is closed as "killed".
  void begin_start(const Start& start);
  void note_checkpoint(uint64_t step, uint64_t generation);
  // Seconds from the start of the process to the end of its first step, and the best result so far; written with the next change.
  void note_start_up(double seconds);
  void note_best(uint64_t step, double mean_iu);
  // Closes the entry. `outcome` is a sentence.
  void end_start(ExitCode code, const std::string& outcome, uint64_t step);
  void complete(const Completion& completion);

  // Counts a stop that got no step further than its start; a stop that did sets the count back. Gives the count. Written by
  // end_start.
  int count_stop(bool got_further);

 private:
  nlohmann::ordered_json* open_start();
  void save() const;

  std::filesystem::path file_;
  nlohmann::ordered_json record_ = nlohmann::ordered_json::object();
};

// run.json as an onlooker reads it, who wants nothing of the run: writes nothing. MissingInput where the directory is no run,
// FormatError where the file is damaged.
nlohmann::ordered_json read_run_record(const std::filesystem::path& run);
// Of the newest start in it.
Settings platform_in(const nlohmann::ordered_json& record);

}  // namespace strata
