#include "base/error.h"
#include "config/evaluate_command.h"
#include "config/preprocess_command.h"
#include "config/scenes_command.h"
#include "config/weights_command.h"

#include <gmock/gmock.h>

#include <sstream>

namespace strata {
namespace {

using ::testing::ElementsAre;

// Calls a parser with a command line written as one text.
template <typename Command>
std::optional<Command> parse(std::optional<Command> (*parser)(int, const char* const*), const std::string& line) {
  std::vector<std::string> words = {"program"};
  std::istringstream text(line);
  for (std::string word; text >> word;) words.push_back(word);
  std::vector<const char*> argv;
  for (const std::string& word : words) argv.push_back(word.c_str());
  return parser(static_cast<int>(argv.size()), argv.data());
}

TEST(EvaluateCommand, ReadsWhatTheDocumentationShows) {
  const EvaluateCommand c = *parse(parse_evaluate_command,
                                   "--data DATA --split test --weights RUN --output EVAL --scales 0.5,1,2 --flip --long-edge 100 "
                                   "--table reference --pictures 3 --threads 2 --device cpu");
  EXPECT_EQ(c.data, "DATA");
  EXPECT_EQ(c.split, "test");
  EXPECT_EQ(c.weights, "RUN");
  EXPECT_EQ(c.output, "EVAL");
  EXPECT_THAT(c.inference.scales, ElementsAre(0.5, 1, 2));
  EXPECT_EQ(c.inference.flip, InferenceOptions::Flip::kYes);
  EXPECT_EQ(c.inference.long_edge, 100);
  EXPECT_EQ(c.table, EvaluateCommand::Table::kReference);
  EXPECT_EQ(c.pictures, 3);
  EXPECT_EQ(c.inference.centre_crop, 0);
  EXPECT_THROW(parse(parse_evaluate_command, "--data DATA"), UsageError);
  EXPECT_THROW(parse(parse_evaluate_command, "--data D --weights W --output O --scales 0"), UsageError);
}

TEST(EvaluateCommand, FramesAreEitherBroughtToALongEdgeOrCutToTheirMiddle) {
  const std::string line = "--data D --weights W --output O --centre-crop 2177";
  EXPECT_EQ(parse(parse_evaluate_command, line)->inference.centre_crop, 2177);
  EXPECT_THROW(parse(parse_evaluate_command, line + " --long-edge 100"), ConfigError);
  EXPECT_THROW(parse(parse_evaluate_command, "--data D --weights W --output O --centre-crop -1"), UsageError);
}

TEST(PreprocessCommand, ReadsWhatTheDocumentationShows) {
  const PreprocessCommand c = *parse(parse_preprocess_command,
                                     "--dataset camvid --input RAW --output DATA --splits train,val,test --tile-size 256 "
                                     "--shard-size 64MiB --tile-rule reference --max-bad 3 --dry-run");
  EXPECT_EQ(c.conversion.dataset, "camvid");
  EXPECT_EQ(c.conversion.input, "RAW");
  EXPECT_EQ(c.conversion.output, "DATA");
  EXPECT_THAT(c.conversion.splits, ElementsAre("train", "val", "test"));
  EXPECT_EQ(c.conversion.tile_size, 256);
  EXPECT_EQ(c.conversion.shard_size_bytes, 64u << 20);
  EXPECT_EQ(c.conversion.tile_rule, "reference");
  EXPECT_EQ(c.conversion.max_bad, 3);
  EXPECT_TRUE(c.conversion.dry_run);
  EXPECT_THROW(parse(parse_preprocess_command, "--dataset camvid --input RAW --output DATA --tile-rule odd"), UsageError);
}

TEST(WeightsCommand, ReadsWhatTheDocumentationShows) {
  const WeightsCommand convert = *parse(parse_weights_command,
                                        "convert a.pth b.safetensors --labels cityscapes --network ocrnet.HRNet --width w18 "
                                        "--align-corners true --partial 0.9 --seed 4");
  EXPECT_EQ(convert.verb, WeightsCommand::Verb::kConvert);
  EXPECT_EQ(convert.conversion.input, "a.pth");
  EXPECT_EQ(convert.conversion.output, "b.safetensors");
  EXPECT_EQ(convert.labels, "cityscapes");
  EXPECT_EQ(convert.conversion.network, "ocrnet.HRNet");
  EXPECT_EQ(convert.conversion.width, Width::kW18);
  EXPECT_EQ(convert.conversion.align_corners, true);
  EXPECT_EQ(convert.conversion.partial, 0.9);
  EXPECT_EQ(convert.conversion.seed, 4u);
  const WeightsCommand plain = *parse(parse_weights_command, "convert a.pth b.safetensors");
  EXPECT_FALSE(plain.conversion.width || plain.conversion.align_corners || plain.conversion.partial);
  EXPECT_EQ(parse(parse_weights_command, "info a.pth --tensors")->tensors, TensorList::kShown);
  EXPECT_EQ(parse(parse_weights_command, "compare a b --tolerance 0.5")->tolerance, 0.5);
  EXPECT_EQ(parse(parse_weights_command, "models")->verb, WeightsCommand::Verb::kModels);
  EXPECT_THROW(parse(parse_weights_command, ""), UsageError);
  EXPECT_THROW(parse(parse_weights_command, "info"), UsageError);
  EXPECT_THROW(parse(parse_weights_command, "info a --partial 1"), UsageError);
  EXPECT_THROW(parse(parse_weights_command, "convert a b.safetensors --partial 2"), UsageError);
}

TEST(ScenesCommand, ReadsWhatTheDocumentationShows) {
  const ScenesCommand c = *parse(parse_scenes_command, "--output RAW --count 64 --val-count 5 --size 512x256 --seed 9");
  EXPECT_EQ(c.scenes.output, "RAW");
  EXPECT_EQ(c.scenes.train_count, 64);
  EXPECT_EQ(c.scenes.val_count, 5);
  EXPECT_EQ(c.scenes.width, 512);
  EXPECT_EQ(c.scenes.height, 256);
  EXPECT_EQ(c.scenes.seed, 9u);
  EXPECT_THROW(parse(parse_scenes_command, "--count 1"), UsageError);
  EXPECT_EQ(parse(parse_scenes_command, "--baseline RAW")->baseline, "RAW");
}

}  // namespace
}  // namespace strata
