// strata-preprocess: turns a raw dataset of many files into a dataset directory of few.

#include "base/files.h"
#include "base/fruitless_stops.h"
#include "comm/agreement.h"
#include "comm/mpi_main.h"
#include "comm/stop.h"
#include "comm/watchdog.h"
#include "config/preprocess_command.h"
#include "preprocess/conversion.h"
#include "preprocess/summary.h"

#include <algorithm>
#include <cstdio>
#include <optional>

namespace {

using namespace strata;

// Beside the directory, whose bytes are those of the dataset alone.
fs::path stops_of(const PreprocessCommand& command) { return command.conversion.output.string() + ".stops"; }

uint64_t shards_in(const fs::path& directory) {
  const auto is_shard = [](const fs::directory_entry& entry) { return entry.path().extension() == ".h5"; };
  return static_cast<uint64_t>(std::count_if(fs::directory_iterator(directory), fs::directory_iterator(), is_shard));
}

ExitCode run(const PreprocessCommand& command, const Communicator& world) {
  const StopConditions stop(command.stop, world);
  const ConversionResult result = convert(command.conversion, world, stop);
  const auto say = [&](const std::string& text) {
    if (world.is_root()) std::fputs(text.c_str(), stdout);
  };
  switch (result.state) {
    case ConversionResult::State::kPlanned:
      return ExitCode::kDone;
    case ConversionResult::State::kStopped:
      on_root(world, [&] {
        count_stop(stops_of(command), shards_in(command.conversion.output),
                   "a shard takes longer than the job has: give it a longer time limit, or make smaller ones (--shard-size)");
      });
      return ExitCode::kResume;
    case ConversionResult::State::kAlreadyComplete:
      say("already complete\n\n");
      break;
    case ConversionResult::State::kComplete:
      if (world.is_root()) fs::remove(stops_of(command));
      break;
  }
  say(summary_text(result.source, result.manifest));
  return ExitCode::kDone;
}

}  // namespace

int main(int argc, char** argv) {
  std::optional<PreprocessCommand> command;
  return run_mpi_main(argc, argv,
                      {.prepare = [&] { return (command = parse_preprocess_command(argc, argv)).has_value(); },
                       .run =
                           [&](const Communicator& world) {
                             return run_watched(world, command->watchdog, [&] { return run(*command, world); });
                           }});
}
