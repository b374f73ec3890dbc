#include "config/option_set.h"

#include "base/error.h"
#include "base/files.h"
#include "base/log.h"
#include "config/command_line.h"
#include "support/paths.h"

#include <gmock/gmock.h>

#include <list>

namespace strata {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

enum class Side { kLeft, kRight };

// A small program's options.
struct Settings {
  std::filesystem::path data;
  double lr = 0.01;
  int crop_height = 256, crop_width = 512, threads = 1;
  bool deterministic = true;
  Side side = Side::kLeft, flip = Side::kLeft;
};

class Program : public ::testing::Test {
 protected:
  ~Program() override { configure_log({}); }

  // Reads a command line without the program's name.
  CommandLine read(std::vector<const char*> arguments) {
    settings_ = {};
    options_ = {};
    options_.group("All");
    options_.add("data", settings_.data, {.effect = "where data is"});
    options_.add("optimizer.lr", settings_.lr, {.effect = "rate", .min = 0});
    options_.add("loader.threads", settings_.threads, {.effect = "workers", .min = 1, .max = 64});
    options_.add_size("crop", settings_.crop_height, settings_.crop_width,
                      {.effect = "crop", .unit = "px", .on_resume = OnResume::kMustNotChange});
    options_.add("deterministic", settings_.deterministic, {.effect = "same bits"});
    options_.add_choice<Side>("side", settings_.side, {{"left", Side::kLeft}, {"right", Side::kRight}}, {.effect = "which side"});
    options_.add_switch<Side>("flip", settings_.flip, {Side::kLeft, Side::kRight}, {.effect = "mirror"});
    arguments.insert(arguments.begin(), "program");
    return read_options(static_cast<int>(arguments.size()), arguments.data(), {"program", "does little.", "program --data D"},
                        {"data"}, options_);
  }

  std::string output_of(std::vector<const char*> arguments) {
    ::testing::internal::CaptureStdout();
    EXPECT_EQ(read(std::move(arguments)), CommandLine::kAnswered);
    return ::testing::internal::GetCapturedStdout();
  }

  template <typename Exception>
  std::string error(std::vector<const char*> arguments) {
    try {
      read(std::move(arguments));
    } catch (const Exception& e) {
      return e.what();
    }
    return "nothing of the expected type was thrown";
  }

  const char* file(const std::string& name, std::string_view text) {
    write_file_atomically(scratch_ / name, text);
    files_.push_back(scratch_ / name);
    return files_.back().c_str();
  }

  strata::testing::ScratchDirectory scratch_;
  std::list<fs::path> files_;
  Settings settings_;
  OptionSet options_;
};

TEST_F(Program, TheCommandLineFillsTheFields) {
  EXPECT_EQ(
      read({"--data", "D", "--optimizer.lr=0.5", "--crop", "64x32", "--side", "right", "--flip", "--deterministic", "false"}),
      CommandLine::kRun);
  EXPECT_EQ(settings_.data, "D");
  EXPECT_EQ(settings_.lr, 0.5);
  EXPECT_EQ(settings_.crop_width, 64);
  EXPECT_EQ(settings_.crop_height, 32);
  EXPECT_EQ(settings_.side, Side::kRight);
  EXPECT_EQ(settings_.flip, Side::kRight);
  EXPECT_FALSE(settings_.deterministic);
}

TEST_F(Program, SwitchesMayStandBeforeOtherOptionsAndAtTheEnd) {
  read({"--flip", "--data", "D"});
  EXPECT_EQ(settings_.flip, Side::kRight);
  read({"--data", "D", "--flip"});
  EXPECT_EQ(settings_.flip, Side::kRight);
  read({"--data", "D", "--flip=no"});
  EXPECT_EQ(settings_.flip, Side::kLeft);
}

TEST_F(Program, TheCommandLineWinsOverFilesAndLaterFilesOverEarlier) {
  const char* first = file("1.ini", "data = D\n[optimizer]\nlr = 1\n[loader]\nthreads = 2\n");
  const char* second = file("2.ini", "[optimizer]\nlr = 2\n");
  read({"--config", first, "--config", second});
  EXPECT_EQ(settings_.lr, 2);
  EXPECT_EQ(settings_.threads, 2);
  read({"--optimizer.lr", "3", "--config", first, "--config", second});
  EXPECT_EQ(settings_.lr, 3);
}

TEST_F(Program, UnknownOptionsAreRefusedWithTheNearestOne) {
  EXPECT_EQ(error<UsageError>({"--optimizer.lrr", "1"}), "unknown option '--optimizer.lrr'; did you mean '--optimizer.lr'?");
  EXPECT_THAT(error<UsageError>({"--lr", "1"}), HasSubstr("'--optimizer.lr'"));
  EXPECT_THAT(error<UsageError>({"--frobnicate"}), HasSubstr("--help"));
  EXPECT_THAT(error<UsageError>({"--dat", "D"}), HasSubstr("did you mean '--data'"));  // no abbreviations
  EXPECT_THAT(error<UsageError>({"stray"}), HasSubstr("unexpected argument 'stray'"));
}

TEST_F(Program, UnknownKeysInFilesAreRefusedWithTheirLine) {
  const std::string message = error<ConfigError>({"--config", file("a.ini", "data = D\n\n[optimizer]\nlrr = 1\n")});
  EXPECT_THAT(message, AllOf(HasSubstr("a.ini:4: unknown key 'optimizer.lrr'"), HasSubstr("did you mean 'optimizer.lr'")));
  EXPECT_THROW(read({"--config", "/nowhere.ini"}), MissingInput);
}

TEST_F(Program, WrongValuesSayWhatIsAccepted) {
  EXPECT_EQ(error<UsageError>({"--optimizer.lr", "fast"}), "--optimizer.lr: 'fast' is not a number such as 0.5 or 1e-4");
  EXPECT_EQ(error<UsageError>({"--optimizer.lr", "-1"}), "--optimizer.lr: '-1' is not at least 0");
  EXPECT_EQ(error<UsageError>({"--loader.threads", "65"}), "--loader.threads: '65' is not between 1 and 64");
  EXPECT_EQ(error<UsageError>({"--side", "up"}), "--side: 'up' is not one of left, right");
  EXPECT_THAT(error<ConfigError>({"--config", file("a.ini", "side = up\n")}),
              HasSubstr("a.ini:1: side: 'up' is not one of left, right"));
  EXPECT_THAT(error<UsageError>({"--side"}), HasSubstr("--side"));
  EXPECT_THAT(error<UsageError>({"--log-level", "loud"}), HasSubstr("debug, info, warning or error"));
}

TEST_F(Program, AMissingRequiredOptionIsExplained) {
  EXPECT_THAT(error<UsageError>({}), AllOf(HasSubstr("--data PATH is missing: where data is"), HasSubstr("program --data D")));
}

TEST_F(Program, HelpShowsGroupsDefaultsAndUnitsWhateverElseIsWrong) {
  const std::string help = output_of({"--nonsense", "--help"});
  EXPECT_THAT(help, AllOf(HasSubstr("program - does little."), HasSubstr("All:"), HasSubstr("Common:"),
                          HasSubstr("crop [px] (default 512x256)"), HasSubstr("--side left|right"), HasSubstr("(default 0.01)"),
                          HasSubstr("--print-config")));
}

TEST_F(Program, VersionsAreShown) {
  EXPECT_THAT(output_of({"--version"}), ::testing::MatchesRegex("program [0-9.]+\n"));
  EXPECT_THAT(output_of({"--version", "--verbose"}), AllOf(HasSubstr("HDF5 "), HasSubstr("LibTorch "), HasSubstr("MPI ")));
}

TEST_F(Program, ThePrintedConfigurationReadsBackToTheSame) {
  const std::string printed = output_of({"--data", "a # b", "--optimizer.lr", "0.30000000000000004", "--crop", "7x9", "--flip",
                                         "--log-level", "warning", "--print-config"});
  EXPECT_THAT(printed, HasSubstr("# rate (NUMBER; default 0.01)\nlr = 0.30000000000000004\n"));
  configure_log({});
  EXPECT_EQ(output_of({"--config", file("printed.ini", printed), "--print-config"}), printed);
  EXPECT_EQ(settings_.data, "a # b");
  EXPECT_EQ(settings_.flip, Side::kRight);
}

TEST_F(Program, KeysThatMayNotChangeOnResumeAreListed) {
  read({"--data", "D"});
  EXPECT_THAT(options_.immutable_values(), ElementsAre(Pair("crop", "512x256")));
}

}  // namespace
}  // namespace strata
