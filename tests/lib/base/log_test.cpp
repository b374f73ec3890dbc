#include "base/log.h"

#include "base/error.h"
#include "base/files.h"
#include "support/paths.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <unistd.h>

namespace strata {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;

class Log : public ::testing::Test {
 protected:
  ~Log() override { configure_log({}); }

  static std::string stderr_of(const std::function<void()>& work) {
    ::testing::internal::CaptureStderr();
    work();
    return ::testing::internal::GetCapturedStderr();
  }
};

TEST_F(Log, LinesCarryTimeAndLevel) {
  EXPECT_THAT(stderr_of([] { log_info("loss {:.2f}", 0.5); }), MatchesRegex("20..-..-.. ..:..:.. info loss 0.50\n"));
}

TEST_F(Log, RanksAreShownWhereThereAreSeveral) {
  configure_log({.level = LogLevel::kInfo, .rank = 0, .ranks = 2});
  EXPECT_THAT(stderr_of([] { log_info("hello"); }), HasSubstr("info [rank 0] hello"));
}

TEST_F(Log, RanksAboveZeroSayWarningsOnly) {
  configure_log({.level = LogLevel::kDebug, .rank = 1, .ranks = 2});
  EXPECT_THAT(stderr_of([] { log_info("hello"); }), IsEmpty());
  EXPECT_THAT(stderr_of([] { log_warning("hello"); }), HasSubstr("warning [rank 1] hello"));
}

TEST_F(Log, LinesBelowTheLevelAreDropped) {
  configure_log({.level = LogLevel::kError});
  EXPECT_THAT(stderr_of([] { log_warning("hello"); }), IsEmpty());
  EXPECT_THAT(stderr_of([] { log_error("hello"); }), HasSubstr("error hello"));
}

TEST_F(Log, LevelsHaveNames) {
  EXPECT_EQ(parse_log_level("warning"), LogLevel::kWarning);
  EXPECT_THROW(parse_log_level("loud"), UsageError);
}

TEST_F(Log, AFullStderrIsIgnored) {
  const int saved = dup(STDERR_FILENO), full = open("/dev/full", O_WRONLY);
  dup2(full, STDERR_FILENO);
  log_error("nobody reads this");
  dup2(saved, STDERR_FILENO);
  close(saved);
  close(full);
}

TEST_F(Log, LinesAlsoGoToAFileAndAMissingOneIsOnlyReported) {
  strata::testing::ScratchDirectory scratch;
  log_also_to(scratch / "run.log");
  stderr_of([] { log_info("kept"); });
  EXPECT_THAT(read_text_file(scratch / "run.log"), HasSubstr("info kept"));
  EXPECT_THAT(stderr_of([&] { log_also_to(scratch / "no/run.log"); }), HasSubstr("No such file"));
}

}  // namespace
}  // namespace strata
