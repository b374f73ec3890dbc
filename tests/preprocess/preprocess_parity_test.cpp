// The reference's own numbers, and real frames.

#include "base/files.h"
#include "data/dataset.h"
#include "preprocess/conversion.h"
#include "support/paths.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace strata::testing {
namespace {

using Json = nlohmann::json;

ConversionOptions options_for(const std::string& dataset, const fs::path& input, const fs::path& output) {
  ConversionOptions options;
  options.dataset = dataset;
  options.input = input;
  options.output = output;
  options.outside = ConversionOptions::Outside::kAllowed;  // CamVid's listed frames are links
  return options;
}

ConversionResult convert_alone(const ConversionOptions& options) {
  return convert(options, Communicator(), StopConditions({}, Communicator()));
}

// As the reference lists them: by class, [file name, x, y].
Json centroids_of(const Dataset& dataset, const std::string& suffix) {
  Json by_class = Json::object();
  for (size_t i = 0; i < dataset.size(); ++i) {
    const std::string file = fs::path(dataset.sample(i).name).filename().string() + suffix;
    for (const Centroid& c : dataset.sample(i).centroids) by_class[std::to_string(c.class_id)].push_back({file, c.x, c.y});
  }
  return by_class;
}

// Classes without a centroid may be listed with nothing, or not at all.
Json without_empty(Json by_class) {
  for (auto entry = by_class.begin(); entry != by_class.end();) entry = entry->empty() ? by_class.erase(entry) : std::next(entry);
  return by_class;
}

// `by_tile_size`: tile size -> class -> centroids.
void expect_centroids(const std::string& dataset, const fs::path& input, const Json& by_tile_size) {
  const ScratchDirectory scratch;
  ASSERT_FALSE(by_tile_size.empty());
  for (const auto& [tile_size, by_class] : by_tile_size.items()) {
    ConversionOptions options = options_for(dataset, input, scratch / tile_size);
    options.splits = {"train"};
    options.tile_size = std::stoi(tile_size);
    options.tile_rule = "reference";
    convert_alone(options);
    EXPECT_EQ(centroids_of(Dataset(options.output, "train"), dataset == "mapillary" ? ".jpg" : ".png"), without_empty(by_class))
        << "tiles of " << tile_size << " px";
  }
}

TEST(PreprocessParity, CamvidCentroidsAreTheReferences) {
  const Json wanted = Json::parse(read_text_file(shared_dir() / "parity/centroids.json"));
  const ScratchDirectory listed;  // the frames that the reference was given
  for (const char* folder : {"train", "trainannot"}) {
    fs::create_directories(listed / folder);
    for (const auto& file : wanted.at("images")) {
      const fs::path name = fs::path(folder) / file.get<std::string>();
      fs::create_symlink(shared_dir() / "data/camvid" / name, listed.path() / name);
    }
  }
  expect_centroids("camvid", listed.path(), wanted.at("tile"));
}

TEST(PreprocessParity, CityscapesCentroidsAreTheReferences) {
  const Json wanted = Json::parse(read_text_file(shared_dir() / "parity/eval/mini_centroids.json"));
  expect_centroids("cityscapes", shared_dir() / "data/mini-cityscapes", wanted.at("mini-cityscapes"));
}

TEST(PreprocessParity, MapillaryCentroidsAreTheReferences) {
  const Json wanted = Json::parse(read_text_file(shared_dir() / "parity/eval/mini_centroids.json"));
  expect_centroids("mapillary", shared_dir() / "data/mini-mapillary", wanted.at("mini-mapillary"));
}

TEST(PreprocessParity, RealFramesTakeAtMost115PercentOfTheirFiles) {
  for (const auto& [dataset, folder, images] :
       {std::tuple{"camvid", "camvid", 167u}, std::tuple{"cityscapes", "mini-cityscapes", 12u},
        std::tuple{"mapillary", "mini-mapillary", 12u}}) {
    const ScratchDirectory scratch;
    const ConversionResult result = convert_alone(options_for(dataset, shared_dir() / "data" / folder, scratch / "data"));
    uint64_t before = 0, after = 0, read = 0;
    for (const SplitTotals& split : result.source) before += split.bytes;
    for (const auto& [name, split] : result.manifest.splits) {
      for (const ShardEntry& shard : split.shards) after += shard.bytes;
      read += split.samples();
    }
    EXPECT_EQ(read, images);
    EXPECT_LE(static_cast<double>(after), 1.15 * static_cast<double>(before)) << dataset;
  }
}

}  // namespace
}  // namespace strata::testing
