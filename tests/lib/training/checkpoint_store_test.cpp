#include "training/checkpoint_store.h"

#include "base/error.h"
#include "base/files.h"
#include "base/sha256.h"
#include "support/message_of.h"
#include "support/paths.h"
#include "training/generation.h"

#include <gmock/gmock.h>

#include <fstream>
#include <functional>

namespace strata {
namespace {

using ::testing::HasSubstr;
using testing::ScratchDirectory;

// Its numbers tell which one it is.
Checkpoint checkpoint_of(int number) {
  Checkpoint checkpoint;
  checkpoint.model.tensors = {{"conv.weight", torch::full({2, 3}, number, torch::kFloat)},
                              {"bn.count", torch::tensor(number, torch::kLong)}};
  checkpoint.optimizer.tensors = {{"momentum.conv.weight", torch::full({2, 3}, number / 2.0, torch::kFloat)}};
  checkpoint.state = {{"step", number}};
  return checkpoint;
}

int number_of(const Checkpoint& checkpoint) {
  const int number = checkpoint.state.at("step").get<int>();
  EXPECT_TRUE(torch::equal(*checkpoint.model.find("conv.weight"), torch::full({2, 3}, number, torch::kFloat)));
  EXPECT_TRUE(torch::equal(*checkpoint.optimizer.find("momentum.conv.weight"), torch::full({2, 3}, number / 2.0, torch::kFloat)));
  return number;
}

// A store with so many checkpoints committed, numbered from 1.
CheckpointStore store_with(const fs::path& directory, int checkpoints) {
  CheckpointStore store(directory, {});
  for (int i = 1; i <= checkpoints; ++i) store.commit(checkpoint_of(i));
  return store;
}

void flip_bit(const fs::path& file, size_t byte, int bit) {
  std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
  stream.seekg(static_cast<std::streamoff>(byte));
  const char value = static_cast<char>(stream.get() ^ (1 << bit));
  stream.seekp(static_cast<std::streamoff>(byte));
  stream.put(value);
}

// Under a seal that holds again.
void change_manifest(const fs::path& generation, const std::function<void(nlohmann::ordered_json&)>& change) {
  const fs::path file = generation / "MANIFEST.json";
  nlohmann::ordered_json manifest = nlohmann::ordered_json::parse(read_text_file(file));
  manifest.erase("sha256");
  change(manifest);
  manifest["sha256"] = sha256_of(manifest.dump(1));
  std::ofstream(file) << manifest.dump(1) << "\n";
}

std::vector<std::string> names_in(const fs::path& directory) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(directory)) names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

TEST(CheckpointStore, GivesBackWhatWasCommittedLast) {
  ScratchDirectory scratch;
  CheckpointStore store = store_with(scratch / "c", 2);
  const auto found = CheckpointStore(scratch / "c", {}).load_newest();
  ASSERT_TRUE(found);
  EXPECT_EQ(number_of(*found), 2);
  EXPECT_EQ(found->generation, 2u);
}

TEST(CheckpointStore, OfANewRunIsEmpty) {
  ScratchDirectory scratch;
  CheckpointStore store(scratch / "c", {});
  EXPECT_FALSE(store.load_newest());
  EXPECT_EQ(store.newest(), 0u);
  EXPECT_EQ(store.last_good(), "no checkpoint");
}

TEST(CheckpointStore, KeepsTheNewestTwoAndNothingElse) {
  ScratchDirectory scratch;
  CheckpointStore store = store_with(scratch / "c", 4);
  EXPECT_THAT(names_in(scratch / "c"), ::testing::ElementsAre("gen-000003", "gen-000004"));
}

TEST(CheckpointStore, NeverKeepsFewerThanTwo) {
  ScratchDirectory scratch;
  CheckpointOptions options;
  options.keep = 1;
  CheckpointStore store(scratch / "c", options);
  for (int i = 1; i <= 3; ++i) store.commit(checkpoint_of(i));
  EXPECT_EQ(names_in(scratch / "c").size(), 2u);
}

TEST(CheckpointStore, WritesTheSameBytesForTheSameContent) {
  ScratchDirectory scratch;
  CheckpointStore first = store_with(scratch / "a", 1), second = store_with(scratch / "b", 1);
  for (const std::string& file : names_in(scratch / "a" / "gen-000001")) {
    EXPECT_EQ(read_text_file(scratch / "a" / "gen-000001" / file), read_text_file(scratch / "b" / "gen-000001" / file)) << file;
  }
}

TEST(CheckpointStore, FallsBackToTheOlderOneWithAWarningThatNamesBoth) {
  ScratchDirectory scratch;
  store_with(scratch / "c", 2);
  flip_bit(scratch / "c" / "gen-000002" / "model.safetensors", 100, 3);
  CheckpointStore store(scratch / "c", {});
  ::testing::internal::CaptureStderr();
  const auto found = store.load_newest();
  const std::string warning = ::testing::internal::GetCapturedStderr();
  ASSERT_TRUE(found);
  EXPECT_EQ(number_of(*found), 1);
  EXPECT_THAT(warning, HasSubstr("gen-000002"));
  EXPECT_THAT(warning, HasSubstr("continuing from gen-000001"));
}

TEST(CheckpointStore, AStateThatIsNoJsonUnderASealThatHoldsIsNamed) {
  ScratchDirectory scratch;
  store_with(scratch / "c", 2);
  const fs::path generation = scratch / "c" / "gen-000002";
  const std::string text = "step 2\n";
  std::ofstream(generation / "state.json") << text;
  change_manifest(generation, [&](nlohmann::ordered_json& manifest) {
    manifest["files"]["state.json"] = {{"bytes", text.size()}, {"sha256", sha256_of(text)}};
  });
  CheckpointStore store(scratch / "c", {});
  ::testing::internal::CaptureStderr();
  const auto found = store.load_newest();
  EXPECT_THAT(::testing::internal::GetCapturedStderr(), HasSubstr("state.json is no JSON"));
  ASSERT_TRUE(found);
  EXPECT_EQ(number_of(*found), 1);
}

TEST(CheckpointStore, ADamagedOneIsReplacedAndDoesNotCountAmongThoseKept) {
  ScratchDirectory scratch;
  store_with(scratch / "c", 2);
  flip_bit(scratch / "c" / "gen-000002" / "state.json", 0, 0);
  CheckpointStore store(scratch / "c", {});
  EXPECT_EQ(number_of(*store.load_newest()), 1);
  EXPECT_EQ(store.last_good(), "checkpoint gen-000001");
  store.commit(checkpoint_of(3));
  EXPECT_THAT(names_in(scratch / "c"), ::testing::ElementsAre("gen-000001", "gen-000003"));
}

TEST(CheckpointStore, AllDamagedIsAFormatErrorThatNamesEach) {
  ScratchDirectory scratch;
  store_with(scratch / "c", 2);
  for (const char* generation : {"gen-000001", "gen-000002"})
    fs::resize_file(scratch / "c" / generation / "optimizer.safetensors", 10);
  CheckpointStore store(scratch / "c", {});
  try {
    store.load_newest();
    FAIL() << "damaged checkpoints were accepted";
  } catch (const FormatError& e) {
    EXPECT_THAT(e.what(), HasSubstr("gen-000001"));
    EXPECT_THAT(e.what(), HasSubstr("gen-000002"));
  }
}

TEST(CheckpointStore, RefusesANewerFormatInsteadOfFallingBehindIt) {
  ScratchDirectory scratch;
  store_with(scratch / "c", 2);
  change_manifest(scratch / "c" / "gen-000002", [](auto& manifest) { manifest["format"] = kGenerationFormat + 1; });
  const std::string refusal = testing::message_of<NewerFormat>([&] { CheckpointStore(scratch / "c", {}).load_newest(); });
  EXPECT_THAT(refusal, HasSubstr("gen-000002 was written in checkpoint format"));
  EXPECT_THAT(refusal, HasSubstr("continue with the newer Strata"));
}

TEST(CheckpointStore, RefusesASealedManifestWithoutAFormat) {
  ScratchDirectory scratch;
  store_with(scratch / "c", 1);
  const fs::path directory = scratch / "c" / "gen-000001";
  change_manifest(directory, [](auto& manifest) { manifest["format"] = "1"; });
  EXPECT_THAT(testing::message_of<FormatError>([&] { verify_generation(directory, 1); }), HasSubstr("must be number"));
  change_manifest(directory, [](auto& manifest) { manifest.erase("format"); });
  EXPECT_THAT(testing::message_of<FormatError>([&] { verify_generation(directory, 1); }), HasSubstr("'format' not found"));
}

TEST(CheckpointStore, RefusesAManifestNestedDeeply) {
  ScratchDirectory scratch;
  store_with(scratch / "c", 1);
  const std::string deep = "{\"a\":" + std::string(400'000, '[') + std::string(400'000, ']') + "}";
  std::ofstream(scratch / "c" / "gen-000001" / "MANIFEST.json") << deep;
  EXPECT_THAT(testing::message_of<FormatError>([&] { verify_generation(scratch / "c" / "gen-000001", 1); }),
              HasSubstr("nested so deeply"));
}

// What a process meets that was taken for dead and comes back: a successor has swept its temporaries away and committed.
TEST(CheckpointStore, AnOwnerTakenForDeadWithinACommitLeavesTheSuccessorsAlone) {
  for (const bool found_out_before_the_rename : {true, false}) {
    ScratchDirectory scratch;
    CheckpointStore zombie = store_with(scratch / "c", 3);
    int asked = 0;
    const auto require_owner = [&] {
      if (asked++ == 0) {
        CheckpointStore successor(scratch / "c", {});
        for (int i = 4; i <= 5; ++i) successor.commit(checkpoint_of(10 * i));
        if (!found_out_before_the_rename) return;
      }
      throw BusyError("taken over");
    };
    EXPECT_THROW(zombie.commit(checkpoint_of(4), require_owner), BusyError);
    EXPECT_EQ(number_of(*CheckpointStore(scratch / "c", {}).load_newest()), 50);
    EXPECT_THAT(names_in(scratch / "c"), ::testing::ElementsAre("gen-000004", "gen-000005"));
  }
}

TEST(CheckpointStore, ARenamedGenerationIsNotTakenForAnother) {
  ScratchDirectory scratch;
  store_with(scratch / "c", 2);
  fs::rename(scratch / "c" / "gen-000001", scratch / "c" / "gen-000007");
  const auto found = CheckpointStore(scratch / "c", {}).load_newest();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->generation, 2u);
}

TEST(CheckpointStore, SweepsAwayWhatAKilledProcessLeft) {
  ScratchDirectory scratch;
  store_with(scratch / "c", 1);
  fs::create_directory(scratch / "c" / "gen-000002.tmp-0badcafe");
  std::ofstream(scratch / "c" / "gen-000002.tmp-0badcafe" / "model.safetensors") << "half";
  std::ofstream(scratch / "c" / "writing") << "";
  CheckpointStore store(scratch / "c", {});
  EXPECT_THAT(names_in(scratch / "c"), ::testing::ElementsAre("gen-000001"));
}

// The whole folder of a small generation: every truncation and every flipped bit.
class DamagedGeneration : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    store_with(scratch_ / "c", 1);
    file_ = scratch_ / "c" / "gen-000001" / GetParam();
    size_ = fs::file_size(file_);
  }
  void expect_refused(const std::string& what) {
    EXPECT_THROW(verify_generation(scratch_ / "c" / "gen-000001", 1), FormatError) << what;
    EXPECT_THROW(read_generation(scratch_ / "c" / "gen-000001", 1), FormatError) << what;
  }
  ScratchDirectory scratch_;
  fs::path file_;
  size_t size_ = 0;
};

TEST_P(DamagedGeneration, IsDetectedWhateverBitFlips) {
  for (size_t byte = 0; byte < size_; ++byte) {
    for (int bit = 0; bit < 8; ++bit) {
      flip_bit(file_, byte, bit);
      expect_refused(fmt::format("byte {} bit {}", byte, bit));
      flip_bit(file_, byte, bit);
    }
  }
  EXPECT_NO_THROW(verify_generation(scratch_ / "c" / "gen-000001", 1));
}

TEST_P(DamagedGeneration, IsDetectedWhereverItIsCutShort) {
  for (size_t length = size_; length-- > 0;) {
    fs::resize_file(file_, length);
    expect_refused(fmt::format("{} of {} bytes", length, size_));
  }
}

TEST_P(DamagedGeneration, IsDetectedWithBytesAppended) {
  std::ofstream(file_, std::ios::app) << " ";
  expect_refused("a blank at the end");
}

TEST_P(DamagedGeneration, IsDetectedWithAFileMissing) {
  fs::remove(file_);
  EXPECT_THROW(verify_generation(scratch_ / "c" / "gen-000001", 1), Error);
}

INSTANTIATE_TEST_SUITE_P(EachFile, DamagedGeneration,
                         ::testing::Values("model.safetensors", "optimizer.safetensors", "state.json", "MANIFEST.json"),
                         [](const auto& tested) {
                           const std::string name = tested.param;
                           return name.substr(0, name.find('.'));
                         });

}  // namespace
}  // namespace strata
