// strata-dataset as a user runs it.

#include "base/files.h"
#include "curation/converted.h"
#include "support/paths.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace strata::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class DatasetProgram : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    scratch_ = new ScratchDirectory;
    convert_camvid_like(scratch_->path(), 10);
  }
  static void TearDownTestSuite() { delete scratch_; }
  static std::string path(const std::string& name) { return (*scratch_ / name).string(); }
  static CommandResult run(const std::string& arguments) {
    return run_command(executable("strata-dataset").string() + " " + arguments);
  }
  static ScratchDirectory* scratch_;
};
ScratchDirectory* DatasetProgram::scratch_ = nullptr;

TEST_F(DatasetProgram, SaysWhatADatasetHolds) {
  const CommandResult result = run("info " + path("data"));
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.output, AllOf(HasSubstr("train: 10 images"), HasSubstr("all 160x96 px"), HasSubstr("10 bicyclist"),
                                   HasSubstr("####"), HasSubstr("the pixels")));
}

TEST_F(DatasetProgram, EndsWith65WhereADatasetIsDamaged) {
  EXPECT_EQ(run("verify " + path("data") + " --threads 2").exit_code, 0);
  fs::copy(path("data"), path("damaged"));
  fs::resize_file(path("damaged/val-00000.h5"), 2000);
  const CommandResult result = run("verify " + path("damaged"));
  EXPECT_EQ(result.exit_code, 65) << result.errors;
  EXPECT_THAT(result.output, AllOf(HasSubstr("val-00000.h5"), HasSubstr("problems")));
  EXPECT_EQ(run("verify " + path("raw")).exit_code, 66);
}

// Extracted files are a described dataset; converted again it has the same pixels.
TEST_F(DatasetProgram, ExtractsWhatStrataPreprocessReadsAgain) {
  const CommandResult extracted = run(fmt::format("extract {} {}", path("data"), path("files")));
  ASSERT_EQ(extracted.exit_code, 0) << extracted.errors;
  EXPECT_THAT(extracted.output, HasSubstr("12 samples"));
  const CommandResult again =
      run_command(fmt::format("{} --dataset {}/dataset.ini --input {} --output {} --tile-size 64",
                              executable("strata-preprocess").string(), path("files"), path("files"), path("again")));
  ASSERT_EQ(again.exit_code, 0) << again.errors;
  ASSERT_EQ(run(fmt::format("extract {} {}", path("again"), path("files_again"))).exit_code, 0);
  const CommandResult diff = run_command(fmt::format("diff -r {} {}", path("files"), path("files_again")));
  EXPECT_EQ(diff.exit_code, 0) << diff.output;
}

TEST_F(DatasetProgram, MakesSubsetsThatKeepTheClasses) {
  const CommandResult result = run(fmt::format("subset {} {} --share 0.5 --seed 3", path("data"), path("half")));
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.output, AllOf(HasSubstr("5 of 10 samples"), HasSubstr("0.500")));
  EXPECT_EQ(run("verify " + path("half")).exit_code, 0);
  EXPECT_EQ(run(fmt::format("subset {} {} --share 0.5", path("data"), path("half"))).exit_code, 73);
  EXPECT_EQ(run(fmt::format("subset {} {} --share 1.5", path("data"), path("more"))).exit_code, 64);
}

TEST_F(DatasetProgram, MakesAPageOfSamples) {
  const CommandResult result = run(fmt::format("sheet {} {} --count 4 --crop 64", path("data"), path("sheet.html")));
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  const std::string page = read_text_file(path("sheet.html"));
  EXPECT_THAT(page,
              AllOf(HasSubstr("4 of 10 samples"), HasSubstr("crop around "), HasSubstr("bicyclist"), Not(HasSubstr("http"))));
  size_t pictures = 0;
  for (size_t at = page.find("<img"); at != std::string::npos; at = page.find("<img", at + 1)) ++pictures;
  EXPECT_EQ(pictures, 16u);
}

TEST_F(DatasetProgram, AnswersMistakesWithTheNearestVerb) {
  EXPECT_EQ(run("").exit_code, 64);
  const CommandResult result = run("verifi " + path("data"));
  EXPECT_EQ(result.exit_code, 64);
  EXPECT_THAT(result.errors, HasSubstr("did you mean 'verify'"));
  EXPECT_EQ(run("extract " + path("data")).exit_code, 64);
  EXPECT_EQ(run("--help").exit_code, 0);
  EXPECT_EQ(run("subset --help").exit_code, 0);
}

// No MPI, no Torch, no device: safe where nobody may compute.
TEST_F(DatasetProgram, LoadsNeitherTorchNorCuda) {
  const CommandResult result = run_command("ldd " + executable("strata-dataset").string());
  EXPECT_THAT(result.output, AllOf(HasSubstr("libhdf5"), Not(HasSubstr("torch")), Not(HasSubstr("cuda"))));
}

}  // namespace
}  // namespace strata::testing
