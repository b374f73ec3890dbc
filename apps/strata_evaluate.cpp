// strata-evaluate: a split's confusion matrix and everything derived from it.

#include "comm/mpi_main.h"
#include "comm/watchdog.h"
#include "config/evaluate_command.h"
#include "evaluation/evaluation.h"

#include <optional>

namespace {

strata::EvaluationOptions options_of(const strata::EvaluateCommand& command) {
  return {.data = command.data,
          .split = command.split,
          .weights = command.weights,
          .output = command.output,
          .inference = command.inference,
          .table = command.table == strata::EvaluateCommand::Table::kReference ? strata::TableStyle::kReference
                                                                               : strata::TableStyle::kRight,
          .pictures = command.pictures,
          .device = command.device,
          .threads = command.threads,
          .stop = command.stop};
}

}  // namespace

int main(int argc, char** argv) {
  std::optional<strata::EvaluateCommand> command;
  return strata::run_mpi_main(argc, argv,
                              {.prepare = [&] { return (command = strata::parse_evaluate_command(argc, argv)).has_value(); },
                               .run =
                                   [&](const strata::Communicator& world) {
                                     return strata::run_watched(world, command->watchdog,
                                                                [&] { return strata::evaluate(options_of(*command), world); });
                                   }});
}
