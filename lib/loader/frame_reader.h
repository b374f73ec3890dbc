#pragma once
// Pixels of a sample: reads and decodes only the tiles that a window touches.

#include "data/dataset.h"
#include "image/image.h"

#include <optional>

namespace strata {

// `window` must lie inside the sample. Thread-safe. DataError names shard, sample and tile.
Image read_frame(const Dataset& dataset, size_t sample, const Window& window);
Image read_labels_raw(const Dataset& dataset, size_t sample, const Window& window);
// Raw ids mapped to train ids and ignore_id; an id that the label set does not know is a DataError naming id, sample and first
// pixel.
Image read_labels(const Dataset& dataset, size_t sample, const Window& window);
// The same in place, of raw ids already read. Where one is not known, nothing is changed, and it is the first such pixel's index.
std::optional<size_t> map_to_train_ids(const LabelSet& set, Image& labels);
inline Window whole(const Sample& s) { return {0, 0, static_cast<int>(s.height), static_cast<int>(s.width)}; }

}  // namespace strata
