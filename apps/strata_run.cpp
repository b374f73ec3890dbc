// strata-run: what run directories tell, from their files alone. Neither MPI nor Torch is touched.

#include "base/main.h"
#include "config/run_command.h"
#include "run/run_comparison.h"
#include "run/run_status.h"

#include <cstdio>
#include <optional>

int main(int argc, char** argv) {
  return strata::run_main([&] {
    const std::optional<strata::RunCommand> command = strata::parse_run_command(argc, argv);
    if (!command) return strata::ExitCode::kDone;
    const std::string text = command->verb == strata::RunCommand::Verb::kStatus
                                 ? strata::run_status_text(command->first, command->job_seconds)
                                 : strata::run_comparison_text(command->first, command->second);
    std::fputs(text.c_str(), stdout);
    return strata::ExitCode::kDone;
  });
}
