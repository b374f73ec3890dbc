// strata-preprocess as a user runs it: under mpirun, killed, on full and read-only disks, read by others.

#include "base/files.h"
#include "preprocess/raw_layout.h"
#include "support/environment_number.h"
#include "support/isolation.h"
#include "support/paths.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace strata::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::StartsWith;

int most_ranks() { return number_from("STRATA_MOST_RANKS", 3); }

constexpr char kAsRoot[] = "export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_mpi_yield_when_idle=1\n";

class PreprocessProgram : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    shared_ = new ScratchDirectory;
    write_cityscapes_like(*shared_ / "raw", {.train = 24, .val = 6, .height = 256, .width = 512});
    const CommandResult result = run(1, command("straight"));
    ASSERT_EQ(result.exit_code, 0) << result.errors;
  }
  static void TearDownTestSuite() { delete shared_; }

  static std::string raw() { return (*shared_ / "raw").string(); }
  static std::string path(const std::string& name) { return (*shared_ / name).string(); }

  // Eight shards of training frames, two of validation frames.
  static std::string command(const std::string& output, const std::string& more = "") {
    return fmt::format("{} --dataset cityscapes --input {} --output {} --tile-size 128 --shard-size 400KiB {}",
                       executable("strata-preprocess").string(), raw(), path(output), more);
  }
  static std::string launched(const std::string& ranks, const std::string& line) {
    return fmt::format("mpirun -n {} --oversubscribe --bind-to none {}", ranks, line);
  }
  static std::string launched(int ranks, const std::string& line) { return launched(std::to_string(ranks), line); }
  static CommandResult run(int ranks, const std::string& line) { return run_command(kAsRoot + launched(ranks, line)); }

  static void expect_same_bytes(const std::string& output) {
    const CommandResult diff = run_command(fmt::format("diff -r {} {}", path("straight"), path(output)));
    EXPECT_EQ(diff.exit_code, 0) << diff.output;
  }

  static ScratchDirectory* shared_;
};
ScratchDirectory* PreprocessProgram::shared_ = nullptr;

TEST_F(PreprocessProgram, GivesTheSameBytesForAnyNumberOfRanks) {
  EXPECT_TRUE(fs::exists(path("straight/train-00003.h5")));
  for (int ranks = 2; ranks <= most_ranks(); ++ranks) {
    const std::string output = fmt::format("ranks{}", ranks);
    // Other rubbish in fresh memory than the straight run had: bytes that nobody set would differ.
    const CommandResult result = run(ranks, fmt::format("env MALLOC_PERTURB_={} {}", 85 * ranks, command(output)));
    EXPECT_EQ(result.exit_code, 0) << result.errors;
    expect_same_bytes(output);
    fs::remove_all(path(output));
  }
}

TEST_F(PreprocessProgram, PrintsATableAndIsThenAlreadyComplete) {
  const CommandResult first = run(1, command("table"));
  EXPECT_EQ(first.exit_code, 0);
  EXPECT_THAT(first.output, AllOf(HasSubstr("raw files"), HasSubstr("train"), HasSubstr(" 18 bicycle")));
  EXPECT_THAT(first.errors, HasSubstr("preprocess 30/30 images"));
  const CommandResult again = run(2, command("table"));
  EXPECT_EQ(again.exit_code, 0);
  EXPECT_THAT(again.output, HasSubstr("already complete"));
  expect_same_bytes("table");
}

// Starts on any number of ranks, kills everything up to a tenth of a second after another shard has got its name, and starts
// again; whatever is complete is compared.
TEST_F(PreprocessProgram, GivesTheSameBytesAfterEveryKill) {
  const int wanted = number_from("STRATA_SHARD_KILLS", 20), seed = number_from("STRATA_KILL_SEED", 1);
  const std::string script =
      fmt::format(R"sh(
shards() {{ ls {0}/*.h5 2>/dev/null | wc -l; }}
kills=0 compared=0 RANDOM={4}
while [ $kills -lt {3} ]; do
  if [ -e {0}/manifest.json ]; then diff -r {2} {0} || exit 1; rm -rf {0}; compared=$((compared + 1)); fi
  before=$(shards)
  ranks=$((RANDOM % {5} + 1))
  setsid {1} >/dev/null 2>&1 &
  leader=$!
  while [ ! -e {0}/manifest.json ] && [ "$(shards)" -le "$before" ] && kill -0 $leader 2>/dev/null; do sleep 0.01; done
  sleep 0.0$((RANDOM % 10))
  [ -e {0}/manifest.json ] || kills=$((kills + 1))
  kill -KILL -- -$leader $(pgrep -P $leader) 2>/dev/null
  wait $leader
done
echo "$kills kills (1 to {5} ranks, seed {4}), $compared conversions compared on the way"
ranks=2
{1} >/dev/null
)sh",
                  path("killed"), launched("$ranks", command("killed")), path("straight"), wanted, seed, most_ranks());
  const CommandResult result = run_command(kAsRoot + script);
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.output, StartsWith(fmt::format("{} kills (", wanted)));
  std::printf("%s", result.output.c_str());
  expect_same_bytes("killed");
}

TEST_F(PreprocessProgram, StopsOnASignalWith75AndContinues) {
  const std::string script = fmt::format(R"sh(
{1} & launcher=$!
until [ -e {0}/train-00000.h5 ]; do sleep 0.01; done
kill -USR1 $launcher
wait $launcher
)sh",
                                         path("signalled"), launched(2, command("signalled")));
  const CommandResult stopped = run_command(kAsRoot + script);
  EXPECT_EQ(stopped.exit_code, 75) << stopped.errors;
  EXPECT_THAT(stopped.errors, HasSubstr("the same command continues"));
  // A second name for the finished shard: whether it still is that file.
  fs::create_hard_link(path("signalled/train-00000.h5"), path("finished.h5"));
  const CommandResult continued = run(3, command("signalled"));
  EXPECT_EQ(continued.exit_code, 0) << continued.errors;
  EXPECT_THAT(continued.errors, HasSubstr("shards are finished"));
  EXPECT_TRUE(fs::equivalent(path("signalled/train-00000.h5"), path("finished.h5"))) << "the finished shard was made again";
  expect_same_bytes("signalled");
}

TEST_F(PreprocessProgram, ContinuesAfterATimeLimit) {
  EXPECT_EQ(run(1, command("limited", "--stop-at 1")).exit_code, 75);
  EXPECT_EQ(run(1, command("limited")).exit_code, 0);
  expect_same_bytes("limited");
}

TEST_F(PreprocessProgram, GivesUpWhenThreeStartsInARowFinishedNothing) {
  for (const int code : {75, 75, 71}) EXPECT_EQ(run(1, command("spinning", "--stop-at 1")).exit_code, code);
  EXPECT_EQ(run(1, command("spinning")).exit_code, 0);
  expect_same_bytes("spinning");
  EXPECT_FALSE(fs::exists(path("spinning.stops")));
}

TEST_F(PreprocessProgram, AnswersBadInputWithItsCodeAndASentence) {
  const std::string bad = path("bad");
  write_camvid_like(bad, {.train = 3, .val = 1});
  const std::string line = fmt::format("{} --dataset camvid --input {} --output {}", executable("strata-preprocess").string(),
                                       bad, path("bad_output"));
  const auto expect = [&](int ranks, const std::string& options, int code, const std::string& sentence) {
    const CommandResult result = run(ranks, line + " " + options);
    EXPECT_EQ(result.exit_code, code) << options;
    EXPECT_THAT(result.errors, HasSubstr(sentence));
  };
  expect(1, "--splits train,test", 66, "no split 'test'");
  expect(2, "--input /nowhere", 66, "/nowhere is not a directory");
  expect(1, "--tile-sise 3", 64, "--tile-size");
  fs::resize_file(bad + "/train/f_001.png", 1000);
  expect(2, "", 65, "train/f_001.png");
  write_png(bad + "/train/f_001.png", raw_frame(1, 96, 161));
  expect(2, "", 65, "161x96");
  write_png(bad + "/trainannot/f_001.png", raw_labels(1, 20, 96, 161));
  expect(1, "", 65, "label id 12");
  fs::remove(bad + "/trainannot/f_001.png");
  expect(2, "", 65, "no label file");
}

TEST_F(PreprocessProgram, Answers74WhereTheDiskIsFullAndContinuesElsewhere) {
  const std::string output = path("full");
  fs::create_directories(output);
  const CommandResult result =
      run_command(kAsRoot + with_mount("mount -t tmpfs -o size=1m tmpfs " + output, launched(2, command("full/data"))));
  EXPECT_EQ(result.exit_code, 74) << result.errors;
  EXPECT_THAT(result.errors,
              AllOf(HasSubstr(output + "/data"), HasSubstr("No space left"), HasSubstr("needs about"), HasSubstr("free")));
}

TEST_F(PreprocessProgram, Answers74WhereTheNumberOfFilesIsUsedUp) {
  const std::string output = path("inodes");
  fs::create_directories(output);
  const CommandResult result =
      run_command(kAsRoot + with_mount("mount -t tmpfs -o nr_inodes=6 tmpfs " + output, launched(1, command("inodes/data"))));
  EXPECT_EQ(result.exit_code, 74) << result.errors;
  EXPECT_THAT(result.errors, HasSubstr("No space left"));
}

TEST_F(PreprocessProgram, Answers73WhereItMayNotWrite) {
  const std::string parent = path("read_only");
  fs::create_directories(parent);
  const std::string mount = fmt::format("mount --bind {0} {0} && mount -o remount,ro,bind {0}", parent);
  const CommandResult result = run_command(kAsRoot + with_mount(mount, launched(2, command("read_only/data"))));
  EXPECT_EQ(result.exit_code, 73) << result.errors;
  EXPECT_THAT(result.errors, AllOf(HasSubstr(parent), HasSubstr("Read-only")));
}

TEST_F(PreprocessProgram, WritesWhatPythonReadsByTheFormatsDescription) {
  const fs::path script = source_dir() / "tests/preprocess/second_reader.py";
  const CommandResult result = run_command(fmt::format("{} {} {} {} {}", python().string(), script.string(),
                                                       (source_dir() / "lib/data/FORMAT.md").string(), path("straight"), raw()));
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.output, MatchesRegex("30 frames and their labels are equal; [0-9]+ shards are the manifest's\n"));
}

}  // namespace
}  // namespace strata::testing
