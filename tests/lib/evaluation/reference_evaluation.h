#pragma once
// Whole evaluations with rule weights against those of the reference implementation: files -> shards -> network -> counts,
// losses, logits.

#include "evaluation/inference.h"

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>

namespace strata::testing {

// One group of evals.h5, and where its images lie.
struct ReferenceGroup {
  std::string name;
  std::string layout;          // of `data`
  std::filesystem::path data;  // raw dataset that the files lie in
  int num_classes = 0;
  InferenceOptions options;
  std::function<std::filesystem::path(const std::string&image)> frame_file, label_file;

  std::string at(const std::string& dataset) const { return name + "/" + dataset; }
};

ReferenceGroup reference_camvid();
ReferenceGroup reference_cityscapes();
ReferenceGroup reference_mapillary();

// The same computed in bfloat16.
ReferenceGroup in_bf16(ReferenceGroup group);

// Evaluates the first `images` of the group and compares each; the sums too where these are all.
void expect_reference_evaluation(const ReferenceGroup& group, size_t images);
inline constexpr size_t kAllImages = 4;

}  // namespace strata::testing
