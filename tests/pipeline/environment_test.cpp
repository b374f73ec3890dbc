// What surrounds a run and is none of its business: locale, time zone, umask, limits, missing HOME and TMPDIR, secrets in the
// environment, a read-only root, process 1. Same bytes, private where the user wants it, nothing told.

#include "base/process_info.h"
#include "base/sha256.h"
#include "pipeline/pipeline.h"
#include "support/isolation.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/stat.h>

namespace strata::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class Environment : public ::testing::Test {
 protected:
  std::string preprocess(const std::string& name) const {
    return program("strata-preprocess") + fmt::format("--dataset cityscapes --input '{}' --output '{}' --splits train,val",
                                                      tiny_dataset().raw.string(), (scratch_ / name / "data").string());
  }
  std::string train(const std::string& name, int ranks = 0) const {
    return program("strata-train", ranks) + fmt::format("--config '{}' --data '{}' --run '{}' --threads 1",
                                                        tiny_config().string(), tiny_dataset().data.string(),
                                                        (scratch_ / name / "run").string());
  }
  std::string evaluate(const std::string& name) const {
    return program("strata-evaluate") + fmt::format("--data '{}' --split val --weights '{}' --output '{}' --threads 1",
                                                    tiny_dataset().data.string(), (scratch_ / name / "run").string(),
                                                    (scratch_ / name / "eval").string());
  }
  // The three programs, where `setting` (shell commands) holds.
  CommandResult pipeline(const std::string& name, const std::string& setting) const {
    fs::create_directories(scratch_ / name);
    return run_command(fmt::format("{}\n{} && {} && {}", setting, preprocess(name), train(name), evaluate(name)));
  }
  // What must not depend on the surroundings.
  std::string bytes_of(const std::string& name) const {
    std::string sums;
    for (const char* file : {"data/manifest.json", "data/train-00000.h5", "data/val-00000.h5", "run/metrics.csv",
                             "run/weights/last.safetensors", "run/weights/best.safetensors", "eval/metrics.json", "eval/iou.txt"})
      sums += fmt::format("{} {}\n", file, sha256_of_file(scratch_ / name / file));
    return sums;
  }
  // Of surroundings as they are, made once for all tests.
  const std::string& plain() const {
    static const std::string bytes = [&] {
      const CommandResult result = pipeline("plain", "");
      EXPECT_EQ(result.exit_code, 0) << result.errors;
      return bytes_of("plain");
    }();
    return bytes;
  }
  // Lines of `find` over all that the programs wrote.
  std::string found(const std::string& name, const std::string& conditions) const {
    return run_command(fmt::format("find '{}' -mindepth 1 {}", (scratch_ / name).string(), conditions)).output;
  }

  const ScratchDirectory scratch_;
};

TEST_F(Environment, OfAnyKindGivesTheSameBytes) {
  const std::pair<const char*, const char*> settings[] = {
      {"locale and time zone", "export LC_ALL=de_DE.UTF-8 LANG=tr_TR.UTF-8 TZ=Asia/Kathmandu"},
      {"umask", "umask 077"},
      {"few open files", "ulimit -n 64"},
      {"a small stack", "ulimit -s 1024"},
      {"no core files, no name", "ulimit -c 0; unset HOME USER LOGNAME"},
      {"another folder", "cd /"},
      {"a full log", "exec >/dev/full 2>/dev/full"},
      {"closed standard streams", "exec <&- >&- 2>&-"},
      {"a reader that has gone", "exec > >(true) 2> >(true); sleep 0.2"},
      {"nothing but PATH", "for name in $(compgen -e); do [ $name = PATH ] || unset $name; done"},
  };
  for (const auto& [what, setting] : settings) {
    const std::string name = fmt::format("under {}", what);
    const CommandResult result = pipeline(name, setting);
    ASSERT_EQ(result.exit_code, 0) << what << "\n" << result.errors;
    EXPECT_EQ(bytes_of(name), plain()) << what;
  }
}

// MPI keeps files of its own there unless it is told otherwise.
TEST_F(Environment, AFullTemporaryFolderGivesTheSameBytes) {
  const std::string tmp = (scratch_ / "full-tmp").string();
  fs::create_directories(tmp);
  fs::create_directories(scratch_ / "full");
  const std::string line = fmt::format(
      "export TMPDIR='{0}' PMIX_MCA_gds=hash; head -c 4096 /dev/zero > '{0}/all'; echo more > '{0}/more' && exit 98; {1} && {2} "
      "&& {3}",
      tmp, preprocess("full"), train("full"), evaluate("full"));
  const CommandResult result = run_command(with_mount(fmt::format("mount -t tmpfs -o size=4k tmpfs '{}'", tmp), line));
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_EQ(bytes_of("full"), plain());
}

// A thousands separator or a decimal comma in a table would be read as another number, or not at all.
TEST_F(Environment, ALocaleWithDecimalCommasIsNotFollowed) {
  const fs::path locales = scratch_ / "locales";
  fs::create_directories(locales);
  const CommandResult made = run_command(fmt::format("localedef -i de_DE -f UTF-8 '{}/de_DE.UTF-8'", locales.string()));
  ASSERT_EQ(made.exit_code, 0) << "the package locales is needed: " << made.errors;
  ASSERT_EQ(pipeline("german", fmt::format("export LOCPATH='{}' LC_ALL=de_DE.UTF-8", locales.string())).exit_code, 0);
  EXPECT_EQ(bytes_of("german"), plain());
}

TEST_F(Environment, AUmaskOfNobodyElseLeavesNothingReadable) {
  ASSERT_EQ(pipeline("private", "umask 077").exit_code, 0);
  EXPECT_THAT(found("private", "-perm /077"), IsEmpty());
  ASSERT_EQ(pipeline("shared", "umask 000").exit_code, 0);
  EXPECT_THAT(found("shared", "-name 'owner-*' -perm /077"), IsEmpty());
  EXPECT_THAT(found("shared", "-name '*.safetensors' ! -perm -066"), IsEmpty()) << "a umask of 0 shares with a group";
  EXPECT_THAT(found("shared", "-type f -perm /111"), IsEmpty());
}

// In a /dev/shm of its own, so that what MPI puts there counts, too.
TEST_F(Environment, NothingIsLeftInTmpOrSharedMemory) {
  const fs::path tmp = scratch_ / "tmp";
  fs::create_directories(tmp);
  fs::create_directories(scratch_ / "run");
  const std::string line =
      fmt::format("export TMPDIR='{}'\n{} > /dev/null && touch /dev/shm/end && ls -A /dev/shm", tmp.string(), train("run", 2));
  const CommandResult trained = run_command(with_mount("mount -t tmpfs tmpfs /dev/shm", line));
  ASSERT_EQ(trained.exit_code, 0) << trained.errors;
  EXPECT_THAT(found("tmp", "-type f"), IsEmpty());
  EXPECT_EQ(trained.output, "end\n");
}

TEST_F(Environment, SecretsAndHostNamesAreNotWritten) {
  const std::string canary = "canary-5e1f2a9c";
  const CommandResult result =
      pipeline("quiet", fmt::format("export WANDB_API_KEY={0} AWS_SECRET_ACCESS_KEY={0} SLURM_JWT={0}", canary));
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.output + result.errors, Not(HasSubstr(canary)));
  const auto files_with = [&](const std::string& text, const std::string& below) {
    return run_command(fmt::format("grep -rlaF -- '{}' '{}'", text, (scratch_ / "quiet" / below).string())).output;
  };
  EXPECT_THAT(files_with(canary, ""), IsEmpty());
  // What is shared and hashed says neither where it was made nor by whom.
  const std::string host = fmt::format("strata-host-{}", "5e1f2a9c");
  const std::string line = fmt::format("{} && {} && {}", preprocess("named"), train("named"), evaluate("named"));
  fs::create_directories(scratch_ / "named");
  const CommandResult named =
      run_command(fmt::format("unshare -u{} bash -c \"hostname {}; {}\"", geteuid() == 0 ? "" : "r", host, line));
  ASSERT_EQ(named.exit_code, 0) << named.errors;
  const auto named_in = [&](const std::string& text) {
    return run_command(fmt::format("cd '{}' && grep -rlaF -- '{}' data eval run/weights run/checkpoints run/*.csv",
                                   (scratch_ / "named").string(), text))
        .output;
  };
  EXPECT_THAT(named_in(host), IsEmpty());
  EXPECT_THAT(named_in(tiny_dataset().data.string()), IsEmpty());
  EXPECT_THAT(named_in(tiny_dataset().raw.string()), IsEmpty());
  EXPECT_THAT(named_in((scratch_ / "named").string()), IsEmpty());
  EXPECT_THAT(read(scratch_ / "named/run/run.json"), HasSubstr(host)) << "the record says where a start ran";
}

// `line`, one program, as process 1 of a job without a squeue. MPI insists on a way to other nodes.
std::string as_process_one(const std::string& line) {
  return "unshare --pid --fork --mount-proc env SLURM_JOB_ID=7 PATH=/nowhere OMPI_MCA_plm_rsh_agent=/bin/true " + line;
}

// A container: the root is read-only, /sys empty, no squeue, process 1 of its own numbering.
TEST_F(Environment, InAReadOnlyRootAsProcessOneTheRunIsTheSame) {
  fs::create_directories(scratch_ / "contained");
  tiny_dataset();
  const std::string writable = (scratch_ / "contained").string();
  const std::string mounts = fmt::format(
      "mount --bind '{0}' '{0}' && mount -t tmpfs tmpfs /dev/shm && mount -t tmpfs -o ro tmpfs /sys && "
      "mount -o remount,ro,bind / ",
      writable);
  const std::string line = fmt::format(
      "export TMPDIR=/dev/shm STRATA_END_TIME=$(( $(date +%s) + 100000 )); touch /read-only-root 2>/dev/null && exit 98; "
      "{} && {} && {}",
      as_process_one(preprocess("contained")), as_process_one(train("contained")), as_process_one(evaluate("contained")));
  const CommandResult result = run_command(with_mount(mounts, line));
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_EQ(bytes_of("contained"), plain());
  EXPECT_THAT(result.errors, HasSubstr("STRATA_END_TIME"));
}

// The kernel spares process 1 every signal that it has no handler for.
TEST_F(Environment, AsProcessOneTrainingHearsTheSignalToStop) {
  fs::create_directories(scratch_ / "first");
  const CommandResult result =
      run_command(with_mount("true", fmt::format("{} --schedule.epochs 100000 & parent=$!\n"
                                                 "rows() {{ cat '{}' 2>/dev/null | wc -l; }}\n"
                                                 "until [ $(rows) -gt 3 ] || ! kill -0 $parent 2>/dev/null; do sleep 0.05; done\n"
                                                 "kill -TERM $(pgrep -P $parent)\nwait $parent",
                                                 as_process_one(train("first")), (scratch_ / "first/run/metrics.csv").string())));
  EXPECT_EQ(result.exit_code, 75) << result.errors;
  EXPECT_THAT(result.errors, HasSubstr("stopped after step"));
}

// As a container that keeps the user's number and knows no name for it.
TEST_F(Environment, AsAUserWithoutANameTheRunIsTheSame) {
  fs::create_directories(scratch_ / "nameless");
  const std::string line = fmt::format("id -un 2>/dev/null && exit 98; {} && {} && {}", preprocess("nameless"), train("nameless"),
                                       evaluate("nameless"));
  const CommandResult result = run_command(fmt::format("unshare --user --map-user=54321 --map-group=54321 bash -c \"{}\"", line));
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_EQ(bytes_of("nameless"), plain());
}

}  // namespace
}  // namespace strata::testing
