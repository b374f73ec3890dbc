#pragma once
// A data set and a network that take milliseconds.

#include "data/label_set.h"
#include "models/segmentation_model.h"

#include <filesystem>
#include <memory>

namespace strata::testing {

// Classes "sky", "road", "car" (raw ids 0 to 2); raw id 3 is ignored, higher ones are unknown.
LabelSet tiny_label_set();

// A dataset directory with one split "val" of `images` frames of noise, 20 to 30 px, in one shard.
struct TinyDataset {
  int images = 7;
  int image_with_unknown_id = -1;  // this one's labels hold raw id 9
};
void write_tiny_dataset(const std::filesystem::path& directory, const TinyDataset& options = {});

// A convolution of three by three pixels; at several scales the mean over scales, with an attention map for each below the top
// one.
std::shared_ptr<SegmentationModel> tiny_model(int num_classes = 3);

}  // namespace strata::testing
