#pragma once
// The images that the report shows, chosen by their result and drawn by all ranks.

#include "evaluation/evaluator.h"
#include "evaluation/report.h"

#include <filesystem>
#include <functional>
#include <optional>
#include <vector>

namespace strata {

struct ReportImageOptions {
  std::filesystem::path directory;  // full-size PNGs are written here as NN-NAME-KIND.png
  int count = 6;
  int page_edge = 640;  // px: longer edge of the pictures on the page
  InferenceOptions inference;
};

// Collective. `images` counts on root. The chosen images go through the network again, dealt out over the ranks. The list is on
// root only; nothing on all ranks where stop() (collective, asked between rounds, may be empty) said so.
std::optional<std::vector<ReportImage>> make_report_images(SegmentationModel& model, const Dataset& dataset,
                                                           const std::vector<ImageResult>& images,
                                                           const ReportImageOptions& options, const Communicator& comm,
                                                           torch::Device device, const std::function<bool()>& stop);

}  // namespace strata
