// strata-evaluate as a user runs it.

#include "base/files.h"
#include "lib/evaluation/tiny.h"
#include "models/weight_file.h"
#include "support/paths.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <optional>

namespace strata {
namespace {

using ::testing::AllOf;
using testing::CommandResult;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::ScratchDirectory;
using ::testing::StartsWith;

constexpr int kDone = 0, kMissingInput = 66, kResume = 75, kConfig = 78;

class StrataEvaluate : public ::testing::Test {
 protected:
  // A dataset of 13 small frames, and weights of a narrow network as a run leaves them.
  static void SetUpTestSuite() {
    scratch_.emplace();
    testing::write_tiny_dataset(*scratch_ / "data", {.images = 13});
    const LabelSet labels = testing::tiny_label_set();
    WeightDescription description;
    for (const LabelClass& one : labels.classes) {
      description.class_names.push_back(one.name);
      description.class_colors.push_back(one.color);
    }
    description.provenance = {{"epoch", "3"}};
    const auto model = make_model({.num_classes = 3, .width = Width::kW18Small, .ocr_channels = 16, .attention_channels = 16});
    fs::create_directories(*scratch_ / "run" / "weights");
    save_weights(*model, description, *scratch_ / "run" / "weights" / "best.safetensors");
    write_file_atomically(*scratch_ / "run" / "metrics.csv",
                          std::string_view("step,epoch,lr,loss,val_loss,mean_iu\n1,0,0.1,1.5,,\n2,0,0.1,1.25,1.5,0.25\n"));
  }
  static void TearDownTestSuite() { scratch_.reset(); }

  static fs::path path(const std::string& name) { return *scratch_ / name; }

  // A command line on the above.
  struct Call {
    std::string output;
    std::string data = "data", weights = "run", scales = "0.5,1";
    std::string more = "";
    int ranks = 0;  // 0: without a launcher
  };
  static std::string command(const Call& call) {
    const std::string alone = fmt::format("{} --data {} --weights {} --output {} --scales {} --flip --threads 1 --device cpu {}",
                                          testing::executable("strata-evaluate").string(), path(call.data).string(),
                                          path(call.weights).string(), path(call.output).string(), call.scales, call.more);
    if (call.ranks == 0) return alone;
    return fmt::format(
        "OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_mpi_yield_when_idle=1 "
        "mpirun -n {} --oversubscribe --bind-to none {}",
        call.ranks, alone);
  }
  static CommandResult run_done(const std::string& command) {
    CommandResult result = testing::run_command(command);
    EXPECT_EQ(result.exit_code, kDone) << result.errors;
    return result;
  }
  // What an evaluation of one rank, done at once, gives.
  static const std::string& straight_metrics() {
    static const std::string metrics = [] {
      run_done(command({.output = "straight"}));
      return read_text_file(path("straight") / "metrics.json");
    }();
    return metrics;
  }
  static void expect_as_straight(const std::string& output) {
    EXPECT_EQ(read_text_file(path(output) / "metrics.json"), straight_metrics());
    EXPECT_EQ(read_file(path(output) / "per_image.h5"), read_file(path("straight") / "per_image.h5"));
    EXPECT_FALSE(fs::exists(path(output) / "partial"));
  }

  static std::optional<ScratchDirectory> scratch_;
};
std::optional<ScratchDirectory> StrataEvaluate::scratch_;

TEST_F(StrataEvaluate, writes_metrics_table_results_of_images_pictures_and_page) {
  const CommandResult result = run_done(command({.output = "whole"}));
  const std::string table = read_text_file(path("whole") / "iou.txt");
  EXPECT_EQ(result.output, table);
  EXPECT_THAT(table, AllOf(StartsWith("IoU:\n"), HasSubstr("\nMean: "), HasSubstr("\nthis : [epoch 3], [val loss ")));
  const auto metrics = nlohmann::json::parse(read_text_file(path("whole") / "metrics.json"));
  EXPECT_EQ(metrics["images"], 13);
  EXPECT_EQ(metrics["flip"], true);
  EXPECT_EQ(metrics["classes"][2]["name"], "car");
  EXPECT_TRUE(fs::exists(path("whole") / "per_image.h5"));
  const std::string page = read_text_file(path("whole") / "report" / "index.html");
  EXPECT_THAT(page, AllOf(HasSubstr("data:image/png;base64,"), HasSubstr("Attention at 0.5×"), HasSubstr("aria-label=\"Loss\""),
                          Not(HasSubstr("http"))));
  for (const char* kind : {"frame", "truth", "prediction", "errors", "attention-0.5"})
    EXPECT_EQ(std::count_if(fs::directory_iterator(path("whole") / "images"), fs::directory_iterator(),
                            [kind](const auto& entry) { return entry.path().string().ends_with(std::string(kind) + ".png"); }),
              8)
        << kind;
}

TEST_F(StrataEvaluate, gives_the_same_integers_and_losses_for_any_number_of_ranks) {
  for (int ranks : {2, 3}) {
    const std::string output = fmt::format("ranks-{}", ranks);
    run_done(command({.output = output, .ranks = ranks}));
    expect_as_straight(output);
    EXPECT_EQ(read_text_file(path(output) / "report" / "index.html"), read_text_file(path("straight") / "report" / "index.html"));
  }
}

TEST_F(StrataEvaluate, stopped_by_a_time_limit_goes_on_where_it_stood) {
  int starts = 1;
  for (;; ++starts) {  // the limit has always passed: one image on each rank a start
    const CommandResult result =
        testing::run_command(command({.output = "limited", .more = "--time-limit 1 --pictures 0", .ranks = 2}));
    if (result.exit_code == kDone) break;
    ASSERT_EQ(result.exit_code, kResume) << result.errors;
    EXPECT_THAT(result.errors, HasSubstr("the same command goes on from here"));
    EXPECT_FALSE(fs::exists(path("limited") / "metrics.json"));
    ASSERT_LT(starts, 8);
  }
  EXPECT_EQ(starts, 7);
  straight_metrics();
  expect_as_straight("limited");
}

TEST_F(StrataEvaluate, stopped_by_a_signal_goes_on_where_it_stood) {
  const std::string evaluate = command({.output = "signalled"});
  const CommandResult stopped = testing::run_command(
      fmt::format("{} & pid=$!\nwhile [ ! -d {} ] && kill -0 $pid; do sleep 0.01; done\nkill -USR1 $pid\nwait $pid", evaluate,
                  (path("signalled") / "partial").string()));
  EXPECT_EQ(stopped.exit_code, kResume) << stopped.errors;
  EXPECT_THAT(run_done(evaluate).errors, HasSubstr("are done already"));
  straight_metrics();
  expect_as_straight("signalled");
}

TEST_F(StrataEvaluate, results_of_other_options_are_not_mixed_in) {
  EXPECT_EQ(testing::run_command(command({.output = "changed", .more = "--time-limit 1"})).exit_code, kResume);
  EXPECT_THAT(run_done(command({.output = "changed", .scales = "1", .more = "--pictures 0"})).errors,
              HasSubstr("other weights, data or options"));
  EXPECT_EQ(nlohmann::json::parse(read_text_file(path("changed") / "metrics.json"))["images"], 13);
}

TEST_F(StrataEvaluate, prints_the_table_of_the_reference_on_demand) {
  const std::string right = run_done(command({.output = "right", .more = "--pictures 0"})).output;
  const std::string reference = run_done(command({.output = "reference", .more = "--pictures 0 --table reference"})).output;
  EXPECT_NE(right, reference);
  EXPECT_EQ(right.substr(right.find("Mean:")), reference.substr(reference.find("Mean:")));
}

TEST_F(StrataEvaluate, multiplies_matrices_reproducibly) {
  const CommandResult result = run_done("MKL_VERBOSE=1 " + command({.output = "verbose", .more = "--pictures 0"}));
  EXPECT_THAT(result.output, AllOf(HasSubstr("CNR:AUTO,STRICT"), Not(HasSubstr("CNR:OFF"))));
}

TEST_F(StrataEvaluate, refuses_weights_of_other_classes) {
  testing::write_tiny_dataset(path("other-data"), {.images = 1});
  std::string manifest = read_text_file(path("other-data") / "manifest.json");
  manifest.replace(manifest.find("\"road\""), 6, "\"lake\"");
  write_file_atomically(path("other-data") / "manifest.json", manifest);
  const CommandResult result = testing::run_command(command({.output = "never", .data = "other-data"}));
  EXPECT_EQ(result.exit_code, kConfig);
  EXPECT_THAT(result.errors, AllOf(HasSubstr("class 1 of the weights is 'road', but 'lake'"), HasSubstr("label set")));
}

TEST_F(StrataEvaluate, says_what_is_missing) {
  const CommandResult weights = testing::run_command(command({.output = "never", .weights = "data"}));
  EXPECT_EQ(weights.exit_code, kMissingInput);
  EXPECT_THAT(weights.errors, HasSubstr("holds no weights/best.safetensors"));
  EXPECT_EQ(testing::run_command(command({.output = "never", .more = "--split test"})).exit_code, kMissingInput);
}

}  // namespace
}  // namespace strata
