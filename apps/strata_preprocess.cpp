// strata-preprocess: turns a raw dataset of many files into a dataset directory of few.

#include "comm/mpi_main.h"
#include "comm/stop.h"
#include "config/preprocess_command.h"
#include "preprocess/conversion.h"
#include "preprocess/summary.h"

#include <cstdio>
#include <optional>

namespace {

using namespace strata;

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
      return ExitCode::kResume;
    case ConversionResult::State::kAlreadyComplete:
      say("already complete\n\n");
      break;
    case ConversionResult::State::kComplete:
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
                       .run = [&](const Communicator& world) { return run(*command, world); }});
}
