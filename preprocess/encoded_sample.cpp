#include "preprocess/encoded_sample.h"

#include "base/error.h"
#include "base/files.h"
#include "image/codec.h"
#include "image/crop.h"
#include "image/jpeg_tiles.h"

#include <fmt/format.h>

#include <algorithm>

namespace strata {

namespace {

// Frames and labels are cut into tiles, so that a crop reads only what it touches: the smaller they are, the less besides, but a
// JPEG's tiles overlap and labels compress better in large ones.
constexpr int kJpegSide = 512;  // px

// Frames: 1.02 to 1.05 times the originals in half of level 6's time. Labels are small and flat.
struct PngForm {
  TileKind kind = TileKind::kFrame;
  int side = 0;   // px of a tile
  int level = 0;  // of compression
};
constexpr PngForm kFramePngs{TileKind::kFrame, 256, 3};
constexpr PngForm kLabelPngs{TileKind::kLabels, 512, 6};

struct Coded {
  TileKind kind = TileKind::kFrame;
  Codec codec = Codec::kPng;
  Window owned;
  int margin_y = 0, margin_x = 0;
};

void append_tile(const Coded& what, std::span<const std::byte> bytes, EncodedSample& encoded) {
  Tile tile;
  tile.kind = what.kind;
  tile.codec = what.codec == Codec::kPng ? TileCodec::kPng : TileCodec::kJpeg;
  tile.y = static_cast<uint32_t>(what.owned.y);
  tile.x = static_cast<uint32_t>(what.owned.x);
  tile.height = static_cast<uint32_t>(what.owned.height);
  tile.width = static_cast<uint32_t>(what.owned.width);
  tile.margin_y = static_cast<uint32_t>(what.margin_y);
  tile.margin_x = static_cast<uint32_t>(what.margin_x);
  tile.bytes = static_cast<uint32_t>(bytes.size());
  encoded.sample.tiles.push_back(tile);
  encoded.coded.insert(encoded.coded.end(), bytes.begin(), bytes.end());
}

void append_png_tiles(const Image& image, const PngForm& form, EncodedSample& encoded) {
  for (int y = 0; y < image.height; y += form.side) {
    for (int x = 0; x < image.width; x += form.side) {
      const Window owned{y, x, std::min(form.side, image.height - y), std::min(form.side, image.width - x)};
      append_tile({form.kind, Codec::kPng, owned}, encode_png(crop(image, owned), form.level), encoded);
    }
  }
}

// Tiles that give exactly the pixels of the decoded frame; none where they would not.
std::vector<JpegTile> exact_jpeg_tiles(std::span<const std::byte> file, const Image& frame, const std::string& name) {
  std::vector<JpegTile> tiles = cut_jpeg(file, kJpegSide, name);
  for (const JpegTile& tile : tiles) {
    const Window inside{tile.owned.y - tile.picture.y, tile.owned.x - tile.picture.x, tile.owned.height, tile.owned.width};
    if (crop(decode_frame(tile.coded, name), inside) != crop(frame, tile.owned)) return {};
  }
  return tiles;
}

struct DecodedFile {
  std::vector<std::byte> bytes;
  std::string name;
  ImageHeader header;
  Image image;
};

DecodedFile read_frame_file(const SourceSample& source) {
  DecodedFile file{read_file(source.frame), source.frame.string(), {}, {}};
  file.header = read_header(file.bytes, file.name);
  file.image = decode_frame(file.bytes, file.name);
  return file;
}

void append_frame(const DecodedFile& frame, Keep keep, EncodedSample& encoded) {
  const Window whole{0, 0, frame.image.height, frame.image.width};
  if (keep == Keep::kOriginal) return append_tile({TileKind::kFrame, frame.header.codec, whole}, frame.bytes, encoded);
  std::vector<JpegTile> tiles;
  if (frame.header.codec == Codec::kJpeg) tiles = exact_jpeg_tiles(frame.bytes, frame.image, frame.name);
  if (tiles.empty()) return append_png_tiles(frame.image, kFramePngs, encoded);
  for (const JpegTile& tile : tiles) {
    append_tile({TileKind::kFrame, Codec::kJpeg, tile.owned, tile.owned.y - tile.picture.y, tile.owned.x - tile.picture.x},
                tile.coded, encoded);
  }
}

// A label file as it is, where any reader sees ids in it: numbers of less than 8 bits are grey levels to many.
bool holds_plain_ids(const ImageHeader& header) { return header.channels == 1 && header.bit_depth == 8; }

void append_labels(const Image& raw, const SourceSample& source, Keep keep, EncodedSample& encoded) {
  if (keep == Keep::kOriginal && !source.labels.empty() && source.label_parts.empty()) {
    const std::vector<std::byte> bytes = read_file(source.labels);
    if (holds_plain_ids(read_header(bytes, source.labels.string())))
      return append_tile({TileKind::kLabels, Codec::kPng, {0, 0, raw.height, raw.width}}, bytes, encoded);
  }
  append_png_tiles(raw, kLabelPngs, encoded);
}

// Raw ids of the frame's size. DataError naming the file and what is wrong with it.
Image read_raw_labels(const SourceSample& source, const Layout& layout, const Image& frame) {
  if (source.labels.empty()) return Image(frame.height, frame.width, 1, ignored_raw_id(layout.labels()));
  Image labels = layout.read_labels(source);
  if (labels.height != frame.height || labels.width != frame.width) {
    throw DataError(fmt::format("{}: labels of {}x{} px, but the frame {} has {}x{} px", source.labels.string(), labels.width,
                                labels.height, source.frame.string(), frame.width, frame.height));
  }
  return labels;
}

void require_known_ids(const Image& raw, const LabelSet& labels, const SourceSample& source) {
  const auto unknown = std::find_if(raw.pixels.begin(), raw.pixels.end(), [&](uint8_t id) { return !labels.known_raw[id]; });
  if (unknown == raw.pixels.end()) return;
  const auto position = unknown - raw.pixels.begin();
  const auto count = std::count(unknown, raw.pixels.end(), *unknown);
  throw DataError(fmt::format("{}: label id {} is not in the label set '{}'; first at x {}, y {}, {} pixels in all",
                              source.labels.string(), *unknown, labels.name, position % raw.width, position / raw.width, count));
}

// Raw ids become train ids.
Image count_and_map(const Image& raw, const LabelSet& labels, Sample& sample) {
  Image train_ids(raw.height, raw.width, 1);
  sample.class_pixels.assign(labels.classes.size(), 0);
  for (size_t i = 0; i < raw.pixels.size(); ++i) {
    const uint8_t id = labels.raw_to_train[raw.pixels[i]];
    train_ids.pixels[i] = id;
    ++(id < labels.classes.size() ? sample.class_pixels[id] : sample.ignored_pixels);
  }
  return train_ids;
}

EncodedSample bad(const SourceSample& source, BadFile::Kind kind, const DataError& error) {
  EncodedSample encoded;
  encoded.sample.name = source.name;
  encoded.bad = BadFile{kind, error.what()};
  return encoded;
}

}  // namespace

Keep parse_keep(const std::string& name) {
  if (name == "pixels") return Keep::kPixels;
  if (name == "original") return Keep::kOriginal;
  throw ConfigError(fmt::format("--keep {} is not known; use pixels or original", name));
}

EncodedSample encode_sample(const SourceSample& source, const Layout& layout, const EncodeOptions& options) {
  const LabelSet& labels = layout.labels();
  DecodedFile frame;
  Image raw;
  try {
    frame = read_frame_file(source);
  } catch (const DataError& error) {
    return bad(source, BadFile::Kind::kFrame, error);
  }
  try {
    raw = read_raw_labels(source, layout, frame.image);
    require_known_ids(raw, labels, source);
  } catch (const DataError& error) {
    return bad(source, BadFile::Kind::kLabels, error);
  }
  EncodedSample encoded;
  encoded.sample.name = source.name;
  encoded.sample.height = static_cast<uint32_t>(frame.image.height);
  encoded.sample.width = static_cast<uint32_t>(frame.image.width);
  append_frame(frame, options.keep, encoded);
  append_labels(raw, source, options.keep, encoded);
  const Image train_ids = count_and_map(raw, labels, encoded.sample);
  encoded.sample.centroids = options.centroids
                                 ? options.centroids->of(source.frame, encoded.sample.height, encoded.sample.width)
                                 : find_centroids(train_ids, labels.num_classes(), options.tile_size, options.tile_rule);
  return encoded;
}

}  // namespace strata
