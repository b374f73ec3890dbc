// The whole of preprocessing, killed at each of its system calls that change files, and with each of them failing: shards that
// are finished are whole, and the same call again gives the bytes of a conversion that nothing interrupted.
//
// CI takes a sample; see faulted_program.h.

#include "base/temporary_name.h"
#include "pipeline/pipeline.h"
#include "preprocess/conversion.h"
#include "support/faulted_program.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace strata::testing {
namespace {

namespace fs = std::filesystem;

ExitCode convert_to(const fs::path& output) {
  ConversionOptions options;
  options.dataset = "cityscapes";
  options.input = tiny_dataset().raw;
  options.output = output;
  options.splits = {"train", "val"};
  options.shard_size_bytes = 60 << 10;
  const Communicator alone;
  const ConversionResult result = convert(options, alone, StopConditions({}, alone));
  return result.state == ConversionResult::State::kStopped ? ExitCode::kResume : ExitCode::kDone;
}

class PreprocessFaults : public ::testing::Test {
 protected:
  const TinyDataset& drawn_before_processes_start_ = tiny_dataset();
  FaultedProgram preprocessing_{
      {.run = convert_to,
       .result = [](const fs::path& output) { return nlohmann::json(hashes_in(output)).dump(1); },
       .unfinished = [](const std::string& file) { return file == "unfinished.json" || is_temporary(file); }}};
};

TEST_F(PreprocessFaults, ADeathAtAnyCallIsContinuedToTheSameBytes) { preprocessing_.expect_continued_after_a_death_at_calls(6); }

TEST_F(PreprocessFaults, AFailureOfAnyCallIsReportedOrHarmlessAndContinuedToTheSameBytes) {
  preprocessing_.expect_failures_of_calls_reported_or_harmless(4);
}

}  // namespace
}  // namespace strata::testing
