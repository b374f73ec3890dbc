// What an evaluation leaves on disk: metrics.json, per_image.h5, partial results.

#include "base/error.h"
#include "base/files.h"
#include "evaluation/metrics_json.h"
#include "evaluation/partial_results.h"
#include "evaluation/per_image_file.h"
#include "evaluation/result_codec.h"
#include "lib/evaluation/tiny.h"
#include "support/hdf5_file.h"
#include "support/paths.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <limits>

namespace strata {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::ScratchDirectory;

ImageResult image_result(uint32_t sample) {
  ImageResult result{
      .sample = sample, .confusion = std::vector<int64_t>(9), .loss = 0.1 * sample + 1.0 / 3, .pixels = 100, .valid_pixels = 90};
  result.confusion[sample % 9] = 50 + sample;
  result.confusion[8] += int64_t{1} << 40;
  return result;
}

void expect_same(const ImageResult& one, const ImageResult& other) {
  EXPECT_EQ(one.sample, other.sample);
  EXPECT_EQ(one.confusion, other.confusion);
  EXPECT_EQ(one.loss, other.loss);
  EXPECT_EQ(one.pixels, other.pixels);
  EXPECT_EQ(one.valid_pixels, other.valid_pixels);
}

TEST(ResultCodec, gives_back_every_bit) {
  const std::vector<ImageResult> decoded = decode_results(encode_results({image_result(3), image_result(70000)}), 3);
  ASSERT_EQ(decoded.size(), 2u);
  expect_same(decoded[0], image_result(3));
  expect_same(decoded[1], image_result(70000));
  EXPECT_THAT(decode_results("", 3), IsEmpty());
}

TEST(ResultCodec, refuses_every_truncation_and_fewer_classes) {
  const std::string bytes = encode_results({image_result(3)});
  for (size_t length = 1; length < bytes.size(); ++length)
    EXPECT_THROW(decode_results(bytes.substr(0, length), 3), FormatError) << length;
  EXPECT_THROW(decode_results(bytes, 2), FormatError);
}

SplitResult split_result() {
  SplitResult result{.images = {image_result(0), image_result(1)}, .confusion = ConfusionMatrix(3, {3, 1, 0, 2, 4, 0, 0, 0, 0})};
  result.val_loss = 0.25;
  result.val_loss_reference = 0.5;
  return result;
}

TEST(MetricsJson, has_the_agreed_keys_and_null_where_there_is_no_value) {
  const auto json =
      metrics_json(split_result(), testing::tiny_label_set(), {.scales = {0.5, 1.0}, .flip = InferenceOptions::Flip::kYes});
  std::vector<std::string> keys;
  for (const auto& [key, value] : json.items()) keys.push_back(key);
  EXPECT_THAT(keys, ElementsAre("classes", "confusion", "mean_iu", "classes_in_mean", "acc", "acc_cls", "fwavacc", "val_loss",
                                "val_loss_reference", "images", "scales", "flip", "precision", "long_edge", "centre_crop"));
  EXPECT_EQ(json["classes"][0], nlohmann::ordered_json::parse(
                                    R"({"id":0,"name":"sky","iou":0.5,"precision":0.6,"recall":0.75,"tp":3,"fp":2,"fn":1})"));
  EXPECT_TRUE(json["classes"][2]["iou"].is_null());
  EXPECT_EQ(json["confusion"].dump(), "[[3,1,0],[2,4,0],[0,0,0]]");
  EXPECT_EQ(json["val_loss"], 0.25);
  EXPECT_EQ(json["val_loss_reference"], 0.5);
  EXPECT_EQ(json["images"], 2);
  EXPECT_EQ(json["scales"].dump(), "[0.5,1.0]");
  EXPECT_EQ(json["flip"], true);
  EXPECT_EQ(json["long_edge"], 0);
  EXPECT_EQ(metrics_json(split_result(), testing::tiny_label_set(), {.long_edge = 2177})["long_edge"], 2177);
  EXPECT_EQ(metrics_json(split_result(), testing::tiny_label_set(), {.centre_crop = 1024})["centre_crop"], 1024);
  EXPECT_EQ(json["precision"], "fp32");
}

TEST(MetricsJson, a_loss_that_is_not_finite_is_null) {
  SplitResult result = split_result();
  result.val_loss = std::numeric_limits<double>::quiet_NaN();
  EXPECT_TRUE(metrics_json(result, testing::tiny_label_set(), {})["val_loss"].is_null());
}

TEST(PerImageFile, holds_a_row_for_each_image) {
  const ScratchDirectory scratch;
  write_per_image_file({image_result(0), image_result(1)}, {"a/first", "b/zwölf"}, 3, scratch / "per_image.h5");
  const testing::Hdf5File file(scratch / "per_image.h5");
  EXPECT_THAT(file.strings("names"), ElementsAre("a/first", "b/zwölf"));
  EXPECT_THAT(file.shape("confusion"), ElementsAre(2, 3, 3));
  std::vector<int64_t> confusion = image_result(0).confusion;
  for (int64_t count : image_result(1).confusion) confusion.push_back(count);
  EXPECT_EQ(file.ints("confusion"), confusion);
  EXPECT_THAT(file.doubles("loss"), ElementsAre(image_result(0).loss, image_result(1).loss));
  EXPECT_THAT(file.ints("valid_pixels"), ElementsAre(90, 90));
  EXPECT_THAT(file.ints("pixels"), ElementsAre(100, 100));
}

TEST(PerImageFile, the_same_results_give_the_same_bytes) {
  const ScratchDirectory scratch;
  for (const char* name : {"one.h5", "two.h5"})
    write_per_image_file({image_result(0), image_result(5)}, {"a", "b"}, 3, scratch / name);
  EXPECT_EQ(read_file(scratch / "one.h5"), read_file(scratch / "two.h5"));
}

TEST(PerImageFile, may_have_no_image) {
  const ScratchDirectory scratch;
  write_per_image_file({}, {}, 3, scratch / "per_image.h5");
  EXPECT_THAT(testing::Hdf5File(scratch / "per_image.h5").shape("confusion"), ElementsAre(0, 3, 3));
}

class PartialResultsTest : public ::testing::Test {
 protected:
  PartialResultsTest() { collect_partial_results(options_); }

  void save(int rank, std::vector<uint32_t> samples) {
    PartialResults own(options_, rank);
    for (uint32_t sample : samples) own.add(image_result(sample));
    own.save();
  }
  std::vector<uint32_t> collected() {
    std::vector<uint32_t> samples;
    for (const ImageResult& result : collect_partial_results(options_)) {
      expect_same(result, image_result(result.sample));
      samples.push_back(result.sample);
    }
    return samples;
  }
  size_t files() const {
    return static_cast<size_t>(std::distance(fs::directory_iterator(options_.directory), fs::directory_iterator()));
  }

  ScratchDirectory scratch_;
  PartialResultsOptions options_{.directory = scratch_ / "partial", .key = "weights 1 scales 1", .num_classes = 3};
};

TEST_F(PartialResultsTest, are_collected_over_ranks_and_starts) {
  EXPECT_THAT(collected(), IsEmpty());
  save(0, {0, 2});
  save(1, {1});
  EXPECT_THAT(collected(), ElementsAre(0, 1, 2));
  EXPECT_EQ(files(), 1u);
  save(0, {5});
  save(2, {4});
  EXPECT_THAT(collected(), ElementsAre(0, 1, 2, 4, 5));
  EXPECT_THAT(collected(), ElementsAre(0, 1, 2, 4, 5));
}

TEST_F(PartialResultsTest, of_another_evaluation_are_not_used) {
  save(0, {0, 1});
  options_.key = "weights 2 scales 1";
  EXPECT_THAT(collected(), IsEmpty());
  EXPECT_EQ(files(), 0u);
}

TEST_F(PartialResultsTest, that_are_damaged_are_not_used) {
  save(0, {0, 1});
  save(1, {2});
  const fs::path file = options_.directory / "rank-00000.results";
  std::vector<std::byte> bytes = read_file(file);
  for (size_t i = 0; i < bytes.size(); i += 37) {
    bytes[i] ^= std::byte{4};
    write_file_atomically(file, bytes);
    EXPECT_THAT(collected(), ElementsAre(2)) << "byte " << i;
    bytes[i] ^= std::byte{4};
  }
  write_file_atomically(file, std::span(bytes).first(bytes.size() - 1));
  EXPECT_THAT(collected(), ElementsAre(2));
}

TEST_F(PartialResultsTest, are_saved_in_between_when_the_time_has_come) {
  collected();
  options_.save_every_seconds = 0;
  PartialResults own(options_, 0);
  own.add(image_result(3));
  EXPECT_THAT(collected(), ElementsAre(3));
}

}  // namespace
}  // namespace strata
