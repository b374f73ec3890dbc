#include "base/event_file.h"

#include "base/error.h"
#include "base/files.h"
#include "support/paths.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace strata {
namespace {

using strata::testing::CommandResult;
using strata::testing::ScratchDirectory;

uint32_t crc_of(std::string_view text) { return crc32c(std::as_bytes(std::span(text))); }

// Examples of RFC 3720, B.4.
TEST(Crc32c, KnownValues) {
  EXPECT_EQ(crc_of("123456789"), 0xE3069283u);
  EXPECT_EQ(crc_of(std::string(32, '\0')), 0x8A9136AAu);
  EXPECT_EQ(crc_of(std::string(32, '\xFF')), 0x62A8AB43u);
}

// What TensorBoard itself reads: lines "tag step value".
std::string as_tensorboard_reads(const fs::path& directory) {
  const CommandResult result = strata::testing::run_command(
      fmt::format("'{}' -c '\n"
                  "from tensorboard.backend.event_processing.event_accumulator import EventAccumulator\n"
                  "events = EventAccumulator(\"{}\").Reload()\n"
                  "for tag in sorted(events.Tags()[\"scalars\"]):\n"
                  "    for e in events.Scalars(tag): print(tag, e.step, e.value)'",
                  strata::testing::python().string(), directory.string()));
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  return result.output;
}

TEST(EventFile, TensorBoardReadsTheScalars) {
  ScratchDirectory scratch;
  EventFile events(scratch.path(), 1);
  events.add("loss", 1, 0.5);
  events.add("loss", 300, 0.25);
  events.add("validation/mean_iu", 300, 0.75);
  EXPECT_EQ(as_tensorboard_reads(scratch.path()), "loss 1 0.5\nloss 300 0.25\nvalidation/mean_iu 300 0.75\n");
}

TEST(EventFile, AResumedRunReplacesTheStepsThatItRepeats) {
  ScratchDirectory scratch;
  {
    EventFile events(scratch.path(), 1);
    for (uint64_t step = 1; step <= 4; ++step) events.add("loss", step, 1.0);
  }
  EventFile events(scratch.path(), 3);
  events.add("loss", 3, 0.5);
  EXPECT_EQ(as_tensorboard_reads(scratch.path()), "loss 1 1.0\nloss 2 1.0\nloss 3 0.5\n");
}

TEST(EventFile, AMissingDirectoryCannotBeWritten) { EXPECT_THROW(EventFile("/nowhere", 1), CannotCreate); }

}  // namespace
}  // namespace strata
