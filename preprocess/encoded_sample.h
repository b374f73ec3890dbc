#pragma once
// One sample, read from the raw dataset, checked, and coded as it will lie in a shard.

#include "data/label_set.h"
#include "data/shard.h"
#include "preprocess/centroids.h"
#include "preprocess/imported_centroids.h"
#include "preprocess/layout.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace strata {

// Why a sample cannot be used.
struct BadFile {
  enum class Kind { kFrame, kLabels } kind = Kind::kFrame;
  std::string message;  // names the file
};

// What a shard holds of a file: its pixels, in tiles, so that a crop reads only what it touches; or its bytes, in one tile, so
// that the file can be had back as it was.
enum class Keep { kPixels, kOriginal };
// "pixels" | "original"; ConfigError otherwise.
Keep parse_keep(const std::string& name);

struct EncodedSample {
  std::optional<BadFile> bad;  // then the rest is empty but for the name
  Sample sample;
  std::vector<std::byte> coded;  // tiles one after the other
};

struct EncodeOptions {
  int tile_size = 1024;
  TileRule tile_rule = TileRule::kCover;
  Keep keep = Keep::kPixels;
  std::shared_ptr<const ImportedCentroids> centroids = nullptr;  // instead of finding them
};

// Local. A JPEG frame becomes JPEG tiles that decode to its pixels (compared here; where they would not, PNG tiles); anything
// else PNG tiles. Frames without labels get an ignored id everywhere. Bad: a frame or label file that does not decode, labels of
// another size than the frame, label ids that the set does not know. Throws MissingInput and IoError where a file cannot be read
// at all. Deterministic in the files' bytes.
EncodedSample encode_sample(const SourceSample& source, const Layout& layout, const EncodeOptions& options);

// For sending between ranks.
std::string to_packet(const EncodedSample& encoded);
EncodedSample sample_from_packet(std::string_view packet);

}  // namespace strata
