#include "run/run_files.h"

#include "base/error.h"
#include "base/files.h"
#include "base/temporary_name.h"

#include <fmt/format.h>

#include <string>

namespace strata {
namespace {

bool begun_by_us(const std::string& name) { return name == "run.json" || name.starts_with("owner-"); }

// A process that looks whether it may own the directory works with these, before it does.
bool of_another_process(const std::string& name) { return name.starts_with("owner-") || name.starts_with("probe"); }

bool of_a_scheduler(const fs::path& name) {
  return name.extension() == ".out" || name.extension() == ".err" || name.extension() == ".log";
}

}  // namespace

RunFiles::RunFiles(const fs::path& run)
    : directory(run),
      config(run / "config.ini"),
      record(run / "run.json"),
      metrics(run / "metrics.csv"),
      timing(run / "timing.csv"),
      log(run / "train.log"),
      flight(run / "flight.txt"),
      events(run / "tensorboard"),
      checkpoints(run / "checkpoints"),
      last_weights(run / "weights" / "last.safetensors"),
      best_weights(run / "weights" / "best.safetensors") {}

void require_run_directory(const RunFiles& files) {
  require_writable_directory(files.directory);
  std::string foreign;
  for (const auto& entry : fs::directory_iterator(files.directory)) {
    const std::string name = entry.path().filename().string();
    if (begun_by_us(name)) return;
    if (!is_temporary(name) && !of_a_scheduler(name)) foreign = name;
  }
  if (foreign.empty()) return;
  throw CannotCreate(fmt::format(
      "{} exists and is no run directory (it holds {}, but no run.json). A run would mix its files with those; name a new "
      "directory, or an empty one",
      files.directory.string(), foreign));
}

void remove_temporaries(const RunFiles& files) {
  std::error_code ignored;  // what cannot be removed is only untidy
  for (const fs::path& folder : {files.directory, files.last_weights.parent_path()}) {
    for (const auto& entry : fs::directory_iterator(folder, ignored)) {
      const std::string name = entry.path().filename().string();
      if (is_temporary(name) && !of_another_process(name)) fs::remove(entry.path(), ignored);
    }
  }
}

}  // namespace strata
