// Every file of configs/, read as its program reads it.
#include "config/evaluate_command.h"
#include "config/training_options.h"
#include "models/segmentation_model.h"
#include "support/paths.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <sstream>

namespace strata {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::Not;

std::filesystem::path folder() { return testing::source_dir() / "configs"; }

std::vector<std::string> recipes() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder()))
    if (entry.path().extension() == ".ini") names.push_back(entry.path().stem());
  std::sort(names.begin(), names.end());
  return names;
}

bool is_training(const std::string& name) { return name.starts_with("train_") || name.starts_with("demo"); }
bool is_evaluation(const std::string& name) { return name.starts_with("eval_") || name.starts_with("dump_"); }

TrainingOptions training(const std::string& name, const std::vector<std::string>& more = {}) {
  std::vector<std::string> words = {"strata-train", "--config", (folder() / (name + ".ini")).string(), "--data", "D",
                                    "--run",        "R"};
  words.insert(words.end(), more.begin(), more.end());
  std::vector<const char*> argv;
  for (const std::string& word : words) argv.push_back(word.c_str());
  return parse_training_options(static_cast<int>(argv.size()), argv.data()).value();
}

EvaluateCommand evaluation(const std::string& name) {
  const std::string file = (folder() / (name + ".ini")).string();
  const std::vector<const char*> argv = {"strata-evaluate", "--config", file.c_str(), "--data", "D", "--output", "E"};
  return parse_evaluate_command(static_cast<int>(argv.size()), argv.data()).value();
}

std::string text_of(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

TEST(Recipes, AreThoseOfTheReferenceOfTheTeamAndOfTheDemo) {
  EXPECT_THAT(recipes(),
              IsSupersetOf({"demo", "dump_cityscapes", "dump_folder", "eval_cityscapes", "eval_mapillary", "train_cityscapes",
                            "train_cityscapes_deepv3", "train_cityscapes_sota", "train_mapillary", "train_mapillary_subset"}));
}

TEST(Recipes, AreReadByTheirProgram) {
  for (const std::string& name : recipes()) {
    ASSERT_NE(is_training(name), is_evaluation(name)) << name << ": its name must say which program reads it";
    if (is_training(name)) {
      EXPECT_NO_THROW(training(name)) << name;
    } else {
      EXPECT_NO_THROW(evaluation(name)) << name;
    }
  }
}

TEST(Recipes, NameNetworksThatThereAre) {
  const std::vector<std::string> known = model_names();
  const auto is_deeplab = [](const std::string& name) { return name.starts_with("deepv3."); };
  for (const std::string& recipe : recipes()) {
    if (!is_training(recipe)) continue;
    const std::string network = training(recipe).model.name;
    if (is_deeplab(network) && std::none_of(known.begin(), known.end(), is_deeplab)) continue;  // the family is not there yet
    EXPECT_THAT(known, Contains(network)) << recipe;
  }
}

TEST(Recipes, SayWhereTheyComeFromAndWhatIsKnownOfTheirResultOnOnePage) {
  for (const std::string& name : recipes()) {
    if (name.starts_with("demo")) continue;
    const std::string text = text_of(folder() / (name + ".ini"));
    EXPECT_THAT(text, HasSubstr("# Source: ")) << name;
    EXPECT_THAT(text, HasSubstr("# Known result")) << name;
    EXPECT_LE(std::count(text.begin(), text.end(), '\n'), 70) << name;
  }
}

TEST(Recipes, AreAllInTheTable) {
  const std::string table = text_of(folder() / "README.md");
  for (const std::string& name : recipes()) EXPECT_THAT(table, HasSubstr("(" + name + ".ini)"));
}

// Numbers of the scripts, written down a second time: scripts/*.yml and the defaults of train.py at commit 7726b14.
struct Script {
  std::string recipe;
  int batch, epochs;
  double lr, power;
  int crop_height, crop_width, pre_size;
};

TEST(Recipes, OfTrainingHaveTheNumbersOfTheirScripts) {
  for (const Script& script : {Script{"train_cityscapes", 8, 175, 5e-3, 2, 1024, 2048, 0},
                               Script{"train_cityscapes_sota", 16, 175, 1e-2, 2, 1024, 2048, 0},
                               Script{"train_cityscapes_deepv3", 8, 175, 5e-3, 2, 800, 800, 0},
                               Script{"train_mapillary", 16, 200, 5e-3, 1, 1024, 1024, 2177}}) {
    const TrainingOptions t = training(script.recipe);
    EXPECT_EQ(t.global_batch, script.batch) << script.recipe;
    EXPECT_EQ(t.schedule.epochs, script.epochs) << script.recipe;
    EXPECT_EQ(t.schedule.power, script.power) << script.recipe;
    EXPECT_EQ(t.schedule.unit, ScheduleOptions::Unit::kEpoch) << script.recipe;
    EXPECT_EQ(t.optimizer.lr, script.lr) << script.recipe;
    EXPECT_EQ(t.optimizer.weight_decay, 1e-4) << script.recipe;
    EXPECT_EQ(t.loader.augment.crop_height, script.crop_height) << script.recipe;
    EXPECT_EQ(t.loader.augment.crop_width, script.crop_width) << script.recipe;
    EXPECT_EQ(t.loader.augment.pre_size, script.pre_size) << script.recipe;
    EXPECT_EQ(t.loader.augment.color, 0.25) << script.recipe;
    EXPECT_EQ(t.loader.sampling.class_uniform_share, 0.5) << script.recipe;
    EXPECT_EQ(t.validation.long_edge, script.pre_size) << script.recipe;
  }
  EXPECT_EQ(training("train_mapillary").loader.augment.blur, AugmentOptions::Blur::kGaussian);
  EXPECT_EQ(training("train_cityscapes").loader.augment.blur, AugmentOptions::Blur::kNone);
  EXPECT_EQ(training("train_cityscapes").loss.supervised_mscale_weight, 0.05);
  EXPECT_EQ(training("train_mapillary").loss.supervised_mscale_weight, 0);
  EXPECT_EQ(training("train_cityscapes_deepv3").loss.name, LossOptions::Name::kCrossEntropy);
}

TEST(Recipes, OfTheTeamIsTheReportedOne) {
  const TrainingOptions t = training("train_mapillary_subset");
  EXPECT_EQ(t.schedule.epochs, 44);
  EXPECT_EQ(t.optimizer.lr, 0.02);
  EXPECT_EQ(t.optimizer.weight_decay, 5e-4);
  EXPECT_EQ(t.loss.name, LossOptions::Name::kRmi);
}

TEST(Recipes, OfEvaluationHaveTheNumbersOfTheirScripts) {
  const EvaluateCommand mapillary = evaluation("eval_mapillary"), cityscapes = evaluation("eval_cityscapes");
  EXPECT_THAT(mapillary.inference.scales, ElementsAre(0.25, 0.5, 1, 2));
  EXPECT_EQ(mapillary.inference.flip, InferenceOptions::Flip::kYes);
  EXPECT_EQ(mapillary.inference.long_edge, 2177);
  EXPECT_THAT(cityscapes.inference.scales, ElementsAre(0.5, 1, 2));
  EXPECT_EQ(cityscapes.inference.flip, InferenceOptions::Flip::kNo);
  EXPECT_EQ(cityscapes.inference.long_edge, 0);
  for (const char* name : {"dump_cityscapes", "dump_folder"}) {
    EXPECT_EQ(evaluation(name).inference.scales, cityscapes.inference.scales) << name;
    EXPECT_EQ(evaluation(name).weights, cityscapes.weights) << name;
  }
}

TEST(Recipes, ThatMeanWeightsNameThemAndCanBeToldToStartFromScratch) {
  for (const char* name : {"train_cityscapes", "train_cityscapes_sota", "train_mapillary", "train_mapillary_subset"}) {
    EXPECT_THAT(training(name).start.weights.string(), Not(IsEmpty())) << name;
    EXPECT_EQ(training(name).start.partial, 0.9) << name;
    const TrainingOptions scratch = training(name, {"--model.weights", "", "--model.partial", "0", "--model.init", "kaiming"});
    EXPECT_TRUE(scratch.start.weights.empty()) << name;
  }
}

}  // namespace
}  // namespace strata
