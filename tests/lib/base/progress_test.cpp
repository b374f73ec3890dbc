#include "base/progress.h"

#include "base/log.h"

#include <gmock/gmock.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <functional>

namespace strata {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(ProgressText, SaysHowFarHowFastAndHowLong) {
  const ProgressOptions options{.title = "train", .total = 480};
  EXPECT_EQ(progress_text(options, 120, 48, 8), "train [##......] 120/480 steps, 2.50/s, 0:02:24 left");
  EXPECT_EQ(progress_text(options, 120, 240, 0), "train 120/480 steps, 2.00 s each, 0:12:00 left");
  EXPECT_EQ(progress_text(options, 480, 48, 4), "train [####] 480/480 steps, 10.00/s");
  EXPECT_EQ(progress_text(options, 0, 0, 4), "train [....] 0/480 steps");
}

TEST(ProgressText, RatesAreOfThisProcessAlone) {
  EXPECT_EQ(progress_text({.title = "train", .total = 480, .done = 100}, 120, 10, 0),
            "train 120/480 steps, 2.00/s, 0:03:00 left");
}

// What the work writes to a terminal of this width.
std::string on_terminal(unsigned short columns, const std::function<void()>& work) {
  setenv("TERM", "xterm", 1);
  const winsize size{.ws_row = 24, .ws_col = columns, .ws_xpixel = 0, .ws_ypixel = 0};
  int master = -1, slave = -1;
  EXPECT_EQ(openpty(&master, &slave, nullptr, nullptr, &size), 0);
  const int saved = dup(STDERR_FILENO);
  dup2(slave, STDERR_FILENO);
  work();
  dup2(saved, STDERR_FILENO);
  close(saved);
  close(slave);
  std::string text;
  char block[256];
  for (ssize_t got; (got = read(master, block, sizeof block)) > 0;) text.append(block, static_cast<size_t>(got));
  close(master);
  return text;
}

TEST(Progress, OnATerminalTheBarStaysBelowTheLog) {
  const std::string text = on_terminal(100, [] {
    Progress progress({.title = "train", .total = 4});
    progress.update(2, "loss 0.5");
    log_info("a line");
    progress.finish("loss 0.4");
  });
  const size_t bar = text.find("\r\033[Ktrain [############............] 2/4"), line = text.find("a line\r\n"),
               again = text.find("train [", line), last = text.find("train 2/4 steps");
  EXPECT_LT(bar, line) << text;
  EXPECT_LT(line, again) << text;
  EXPECT_LT(again, last) << text;
  EXPECT_THAT(text, AllOf(HasSubstr("loss 0.5"), HasSubstr("loss 0.4")));
}

TEST(Progress, TheBarNeverFillsTheLastColumn) {
  const std::string text = on_terminal(20, [] { Progress({.title = "train", .total = 4}).update(2); });
  EXPECT_THAT(text, HasSubstr("\r\033[Ktrain [############\r"));
}

TEST(Progress, WithoutATerminalOnlyTheEndIsSaidOfShortWork) {
  ::testing::internal::CaptureStderr();
  {
    Progress progress({.title = "train", .total = 4});
    for (uint64_t step = 1; step <= 4; ++step) progress.update(step);
    progress.finish();
  }
  const std::string text = ::testing::internal::GetCapturedStderr();
  EXPECT_THAT(text, HasSubstr("info train 4/4 steps"));
  EXPECT_THAT(text, EndsWith("in 0:00:00\n"));
}

TEST(Progress, OtherRanksSayNothing) {
  ::testing::internal::CaptureStderr();
  Progress progress({.title = "train", .total = 4, .show = ProgressOptions::Show::kNo});
  progress.update(4);
  progress.finish();
  EXPECT_THAT(::testing::internal::GetCapturedStderr(), IsEmpty());
}

}  // namespace
}  // namespace strata
