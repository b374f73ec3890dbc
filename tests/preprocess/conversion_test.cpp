#include "preprocess/conversion.h"

#include "base/error.h"
#include "base/files.h"
#include "comm/agreement.h"
#include "data/dataset.h"
#include "preprocess/raw_layout.h"
#include "support/paths.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <functional>

namespace strata::testing {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr RawOptions kRaw{.train = 7, .val = 3};

// One raw dataset and room for outputs, shared by all ranks.
class Conversion : public ::testing::Test {
 protected:
  Conversion() {
    if (world_.is_root()) scratch_.emplace();
    root_ = world_.broadcast(scratch_ ? scratch_->path().string() : "");
    on_root([&] { write_camvid_like(root_ / "raw", kRaw); });
  }
  ~Conversion() override { world_.barrier(); }

  void on_root(const std::function<void()>& work) const { strata::on_root(world_, work); }

  // About 10 kB an image: four shards of training frames, two of validation frames.
  ConversionOptions options(const std::string& output) const {
    ConversionOptions o;
    o.dataset = "camvid";
    o.input = root_ / "raw";
    o.output = root_ / output;
    o.tile_size = 64;
    o.shard_size_bytes = 50'000;
    return o;
  }
  ConversionResult run(const ConversionOptions& o, const StopOptions& stop = {}) const {
    return convert(o, world_, StopConditions(stop, world_));
  }

  template <typename Wanted>
  std::string message_of(const ConversionOptions& o) const {
    try {
      run(o);
    } catch (const Wanted& error) {
      EXPECT_TRUE(world_.size() == 1 || error.scope() == ErrorScope::kAllRanks);
      return error.what();
    }
    ADD_FAILURE() << "no such error";
    return "";
  }

  // Names and contents of all files, as text; the same on all ranks.
  std::string content(const std::string& output) const {
    world_.barrier();
    std::map<std::string, std::string> files;
    for (const auto& entry : fs::directory_iterator(root_ / output))
      files[entry.path().filename().string()] = read_text_file(entry.path());
    std::string text;
    for (const auto& [name, bytes] : files) text += name + "\n" + bytes + "\n";
    return text;
  }
  void flip_byte(const fs::path& file, size_t position) const {
    on_root([&] {
      std::vector<std::byte> bytes = read_file(file);
      bytes.at(position) ^= std::byte{0xff};
      write_file_atomically(file, bytes);
    });
  }

  const Communicator world_ = Communicator::world();
  std::optional<ScratchDirectory> scratch_;
  fs::path root_;
};

TEST_F(Conversion, GivesADatasetOfAllSamplesInOrder) {
  const ConversionResult result = run(options("data"));
  EXPECT_EQ(result.state, ConversionResult::State::kComplete);
  const Dataset train(root_ / "data", "train"), val(root_ / "data", "val");
  ASSERT_EQ(train.size(), 7u);
  EXPECT_EQ(val.size(), 3u);
  for (size_t i = 0; i < train.size(); ++i) EXPECT_EQ(train.sample(i).name, "f_00" + std::to_string(i));
  EXPECT_GT(train.manifest().splits.at("train").shards.size(), 2u);
  uint64_t pixels = train.manifest().splits.at("train").ignored_pixels;
  for (const uint64_t count : train.manifest().splits.at("train").class_pixels) pixels += count;
  EXPECT_EQ(pixels, 7u * 96 * 160);
  EXPECT_EQ(train.manifest().dataset_id(), result.manifest.dataset_id());
  EXPECT_FALSE(fs::exists(root_ / "data/unfinished.json"));
  EXPECT_TRUE(fs::exists(root_ / "data.preprocess.log"));
}

TEST_F(Conversion, FindsACompleteDatasetComplete) {
  run(options("data"));
  const std::string before = content("data");
  const ConversionResult again = run(options("data"));
  EXPECT_EQ(again.state, ConversionResult::State::kAlreadyComplete);
  EXPECT_EQ(again.manifest.splits.at("train").samples(), 7u);
  EXPECT_EQ(content("data"), before);
}

TEST_F(Conversion, WritesNothingInADryRun) {
  ConversionOptions o = options("data");
  o.dry_run = true;
  EXPECT_EQ(run(o).state, ConversionResult::State::kPlanned);
  EXPECT_FALSE(fs::exists(root_ / "data"));
}

TEST_F(Conversion, RefusesOtherOptionsThanTheDirectoryWasMadeWith) {
  run(options("data"));
  ConversionOptions o = options("data");
  o.tile_size = 32;
  EXPECT_THAT(message_of<ConfigError>(o), AllOf(HasSubstr("tile_size"), HasSubstr("64"), HasSubstr("32")));
}

TEST_F(Conversion, RefusesACompleteDirectoryMadeFromOtherFiles) {
  run(options("data"));
  on_root([&] { fs::remove(root_ / "raw/val/f_009.png"); });
  EXPECT_THAT(message_of<CannotCreate>(options("data")), HasSubstr("other files"));
}

TEST_F(Conversion, ListsBadFilesOnceHoweverOftenItIsStarted) {
  on_root([&] { fs::resize_file(root_ / "raw/train/f_003.png", 100); });
  for (int start = 0; start < 2; ++start) message_of<DataError>(options("data"));
  const std::string list = read_text_file(root_ / "data.bad-files.txt");
  EXPECT_THAT(list, HasSubstr("train/f_003.png"));
  EXPECT_EQ(std::count(list.begin(), list.end(), '\n'), 1);
  ConversionOptions o = options("data");
  o.max_bad = 1;
  EXPECT_THAT(run(o).manifest.splits.at("train").skipped, ElementsAre("f_003"));
  EXPECT_EQ(read_text_file(root_ / "data.bad-files.txt"), list);
}

TEST_F(Conversion, RefusesFilesThatLieElsewhereUnlessAllowed) {
  on_root([&] {
    fs::rename(root_ / "raw/train/f_002.png", root_ / "elsewhere.png");
    fs::create_symlink("../../elsewhere.png", root_ / "raw/train/f_002.png");
  });
  EXPECT_THAT(message_of<DataError>(options("data")), AllOf(HasSubstr("f_002.png"), HasSubstr("--allow-outside")));
  ConversionOptions o = options("data");
  o.outside = ConversionOptions::Outside::kAllowed;
  EXPECT_EQ(run(o).state, ConversionResult::State::kComplete);
}

TEST_F(Conversion, GivesFramesWithoutLabelsAnIgnoredIdEverywhere) {
  ConversionOptions o = options("data");
  o.dataset = "folder";
  o.labels = "camvid";
  o.input = root_ / "raw/train";
  run(o);
  const Dataset test(root_ / "data", "test");
  EXPECT_EQ(test.size(), 7u);
  const SplitEntry& split = test.manifest().splits.at("test");
  EXPECT_FALSE(split.labelled);
  EXPECT_EQ(split.ignored_pixels, 7u * 96 * 160);
  EXPECT_TRUE(test.sample(0).centroids.empty());
}

TEST_F(Conversion, RefusesADirectoryThatIsNotOurs) {
  on_root([&] {
    fs::create_directories(root_ / "data");
    write_file_atomically(root_ / "data/thesis.tex", std::string_view("years of work"));
  });
  message_of<CannotCreate>(options("data"));
  EXPECT_EQ(content("data"), "thesis.tex\nyears of work\n");
}

TEST_F(Conversion, RefusesACompleteDirectoryThatLostAShard) {
  run(options("data"));
  on_root([&] { fs::remove(root_ / "data/train-00001.h5"); });
  EXPECT_THAT(message_of<DataError>(options("data")), HasSubstr("train-00001.h5"));
}

TEST_F(Conversion, StopsWhenToldAndContinuesToTheSameBytes) {
  run(options("straight"));
  EXPECT_EQ(run(options("data"), {.time_limit = "", .stop_at = "1"}).state, ConversionResult::State::kStopped);  // long past
  EXPECT_TRUE(fs::exists(root_ / "data/unfinished.json"));
  EXPECT_EQ(run(options("data")).state, ConversionResult::State::kComplete);
  EXPECT_EQ(content("data"), content("straight"));
}

// A bad frame late in the list ends the first start after some shards; repaired, the second start keeps those but one, which was
// damaged meanwhile.
TEST_F(Conversion, KeepsFinishedShardsAndMakesDamagedOnesAgain) {
  run(options("straight"));
  const fs::path frame = root_ / "raw/val/f_008.png";
  flip_byte(frame, 2000);
  EXPECT_THAT(message_of<DataError>(options("data")), HasSubstr(frame.string()));
  flip_byte(frame, 2000);
  flip_byte(root_ / "data/train-00001.h5", 5000);
  // A second name for each file: whether it still is that file.
  on_root([&] {
    for (const char* shard : {"train-00000.h5", "train-00001.h5"})
      fs::create_hard_link(root_ / "data" / shard, root_ / (std::string("was-") + shard));
  });
  EXPECT_EQ(run(options("data")).state, ConversionResult::State::kComplete);
  EXPECT_EQ(content("data"), content("straight"));
  EXPECT_TRUE(fs::equivalent(root_ / "data/train-00000.h5", root_ / "was-train-00000.h5"));
  EXPECT_FALSE(fs::equivalent(root_ / "data/train-00001.h5", root_ / "was-train-00001.h5"));
}

TEST_F(Conversion, ForgetsShardsOfFilesThatChangedMeanwhile) {
  const fs::path frame = root_ / "raw/val/f_008.png";
  flip_byte(frame, 2000);
  message_of<DataError>(options("data"));
  on_root([&] {
    fs::remove(frame);
    fs::remove(root_ / "raw/valannot/f_008.png");
    fs::remove(root_ / "raw/train/f_006.png");
  });
  run(options("straight"));
  EXPECT_EQ(run(options("data")).state, ConversionResult::State::kComplete);
  EXPECT_EQ(content("data"), content("straight"));
}

TEST_F(Conversion, LeavesBadFramesOutOnlyAsManyAsAllowed) {
  flip_byte(root_ / "raw/train/f_002.png", 2000);
  flip_byte(root_ / "raw/train/f_005.png", 2000);
  ConversionOptions o = options("data");
  o.max_bad = 1;
  EXPECT_THAT(message_of<DataError>(o), AllOf(HasSubstr("f_002.png"), HasSubstr("f_005.png"), HasSubstr("--max-bad")));
  o.max_bad = 2;
  const ConversionResult result = run(o);
  EXPECT_EQ(result.state, ConversionResult::State::kComplete);
  EXPECT_THAT(result.manifest.splits.at("train").skipped, ElementsAre("f_002", "f_005"));
  EXPECT_EQ(Dataset(root_ / "data", "train").size(), 5u);
}

TEST_F(Conversion, NeverLeavesBadLabelsOut) {
  on_root([&] { write_png(root_ / "raw/trainannot/f_003.png", raw_labels(3, 40, 96, 160)); });
  ConversionOptions o = options("data");
  o.max_bad = 100;
  EXPECT_THAT(message_of<DataError>(o), AllOf(HasSubstr("trainannot/f_003.png"), HasSubstr("label id 12")));
}

TEST_F(Conversion, RefusesOptionsOutOfRange) {
  const auto with = [&](const std::function<void(ConversionOptions&)>& change) {
    ConversionOptions o = options("data");
    change(o);
    return o;
  };
  message_of<ConfigError>(with([](auto& o) { o.dataset = "imagenet"; }));
  message_of<ConfigError>(with([](auto& o) { o.splits = {"../train"}; }));
  message_of<ConfigError>(with([](auto& o) { o.splits = {"train", "train"}; }));
  message_of<ConfigError>(with([](auto& o) { o.tile_size = 0; }));
  message_of<ConfigError>(with([](auto& o) { o.tile_rule = "whole"; }));
  message_of<ConfigError>(with([](auto& o) { o.max_bad = -1; }));
  message_of<MissingInput>(with([](auto& o) { o.input = "/nowhere"; }));
  message_of<MissingInput>(with([](auto& o) { o.splits = {"train", "test"}; }));
}

}  // namespace
}  // namespace strata::testing
