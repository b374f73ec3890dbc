#pragma once
// Pixels of a sample: reads and decodes only the tiles that a window touches.

#include "data/dataset.h"
#include "image/image.h"

namespace strata {

// `window` must lie inside the sample. Thread-safe. DataError names shard, sample and tile.
Image read_frame(const Dataset& dataset, size_t sample, const Window& window);
Image read_labels_raw(const Dataset& dataset, size_t sample, const Window& window);
// Raw ids mapped to train ids and ignore_id; an id that the label set does not know is a DataError naming id, sample and first
// pixel.
Image read_labels(const Dataset& dataset, size_t sample, const Window& window);
inline Window whole(const Sample& s) { return {0, 0, static_cast<int>(s.height), static_cast<int>(s.width)}; }

}  // namespace strata
