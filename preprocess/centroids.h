#pragma once
// Where classes are: the centres that class-uniform sampling crops around.

#include "data/shard.h"
#include "image/image.h"

#include <string>
#include <vector>

namespace strata {

// Which tiles of the frame count. kCover: all, partial ones at the right and bottom edge included, so that no pixel is left out.
// kReference: the floor(H/T) x floor(W/T) whole ones, as the reference implementation does; frames smaller than a tile have no
// centroid.
enum class TileRule { kCover, kReference };
// "cover" | "reference"; ConfigError otherwise.
TileRule parse_tile_rule(const std::string& name);

// Per tile in row-major order and per class present in it, ascending: the centre of mass in frame pixels, truncated. `train_ids`
// is H x W x 1; ids of num_classes and above are ignored.
std::vector<Centroid> find_centroids(const Image& train_ids, int num_classes, int tile_size, TileRule rule);

}  // namespace strata
