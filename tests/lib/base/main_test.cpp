#include "base/main.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <new>

namespace strata {
namespace {

using ::testing::HasSubstr;

struct Ended {
  int code;
  std::string errors;
};

template <typename Body>
Ended run(Body body) {
  ::testing::internal::CaptureStderr();
  const int code = run_main(body);
  return {code, ::testing::internal::GetCapturedStderr()};
}

TEST(Main, ReturnsTheCodeOfItsBody) {
  EXPECT_EQ(run([] { return ExitCode::kResume; }).code, 75);
}

TEST(Main, PrintsAnErrorOnceAndReturnsItsCode) {
  const Ended ended = run([]() -> ExitCode { throw MissingInput("no shard train-00001.h5"); });
  EXPECT_EQ(ended.code, 66);
  EXPECT_EQ(ended.errors, "error: no shard train-00001.h5\n");
}

TEST(Main, AFailedCallOfTheFilesystemLibraryHasItsCodeAndNamesTheFile) {
  const auto failed = [](std::errc error) {
    return run([error]() -> ExitCode {
      throw std::filesystem::filesystem_error("cannot remove", "/data/rank-0.results", std::make_error_code(error));
    });
  };
  EXPECT_EQ(failed(std::errc::no_space_on_device).code, 74);
  EXPECT_EQ(failed(std::errc::read_only_file_system).code, 73);
  EXPECT_THAT(failed(std::errc::io_error).errors, HasSubstr("/data/rank-0.results: Input/output error"));
}

TEST(Main, OtherExceptionsAreBugs) {
  EXPECT_EQ(run([]() -> ExitCode { throw std::logic_error("x"); }).code, 70);
  EXPECT_EQ(run([]() -> ExitCode { throw 1; }).code, 70);
  const Ended ended = run([]() -> ExitCode { throw std::bad_alloc(); });
  EXPECT_EQ(ended.code, 70);
  EXPECT_THAT(ended.errors, HasSubstr("out of memory"));
}

TEST(Errors, ACodeThrowsTheTypeThatBelongsToIt) {
  EXPECT_THROW(throw_error(ExitCode::kFormat, "x", ErrorScope::kAllRanks), FormatError);
  EXPECT_THROW(throw_error(ExitCode::kDone, "x", ErrorScope::kAllRanks), InternalError);
  for (int code : {64, 65, 66, 69, 70, 71, 73, 74, 76, 78, 79}) {
    try {
      throw_error(static_cast<ExitCode>(code), "x", ErrorScope::kAllRanks);
    } catch (const Error& e) {
      EXPECT_EQ(static_cast<int>(e.code()), code);
      EXPECT_EQ(e.scope(), ErrorScope::kAllRanks);
    }
  }
}

}  // namespace
}  // namespace strata
