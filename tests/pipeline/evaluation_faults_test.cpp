// The whole of an evaluation, killed at each of its system calls that change files, and with each of them failing: no file of the
// report is there in part, and the same call again gives the report of an evaluation that nothing interrupted.
//
// CI takes a sample; see faulted_program.h.

#include "base/temporary_name.h"
#include "evaluation/evaluation.h"
#include "pipeline/pipeline.h"
#include "support/faulted_program.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace strata::testing {
namespace {

namespace fs = std::filesystem;

// A step of training, so that there is something to evaluate.
const fs::path& trained_run() {
  static const ScratchDirectory scratch;
  static const fs::path run = [] {
    const CommandResult trained = run_command(
        program("strata-train") + fmt::format("--config '{}' --data '{}' --run '{}' --schedule.epochs 1", tiny_config().string(),
                                              tiny_dataset().data.string(), (scratch / "run").string()));
    if (trained.exit_code != 0) throw std::runtime_error(trained.errors);
    return scratch / "run";
  }();
  return run;
}

ExitCode evaluate_to(const fs::path& output) {
  EvaluationOptions options;
  options.data = tiny_dataset().data;
  options.weights = trained_run();
  options.output = output;
  options.pictures = 2;
  options.threads = 1;
  return evaluate(options, Communicator());
}

bool is_partial(const std::string& file) { return file.starts_with("partial/"); }

// Partial results that could not be removed are no part of it.
std::string report_in(const fs::path& output) {
  std::map<std::string, std::string> hashes = hashes_in(output);
  std::erase_if(hashes, [](const auto& file) { return is_partial(file.first); });
  return nlohmann::json(hashes).dump(1);
}

class EvaluationFaults : public ::testing::Test {
 protected:
  const fs::path& trained_before_processes_start_ = trained_run();
  FaultedProgram evaluation_{{.run = evaluate_to, .result = report_in, .unfinished = [](const std::string& file) {
                                return is_partial(file) || is_temporary(file);
                              }}};
};

TEST_F(EvaluationFaults, ADeathAtAnyCallIsContinuedToTheSameReport) { evaluation_.expect_continued_after_a_death_at_calls(6); }

TEST_F(EvaluationFaults, AFailureOfAnyCallIsReportedOrHarmlessAndContinuedToTheSameReport) {
  evaluation_.expect_failures_of_calls_reported_or_harmless(2);
}

}  // namespace
}  // namespace strata::testing
