#pragma once
// strata-evaluate as one call: weights and a dataset directory in, an evaluation directory out.

#include "base/error.h"
#include "comm/communicator.h"
#include "comm/stop.h"
#include "evaluation/inference.h"
#include "evaluation/iou_table.h"

#include <filesystem>
#include <string>

namespace strata {

struct EvaluationOptions {
  std::filesystem::path data;  // dataset directory
  std::string split = "val";
  std::filesystem::path weights;  // run directory (its weights/best.safetensors), .safetensors or .pth
  std::filesystem::path output;   // evaluation directory; created where missing, files of an earlier evaluation are replaced
  InferenceOptions inference;
  TableStyle table = TableStyle::kRight;
  int pictures = 8;             // images shown in the report, spread from the worst to the best; 0: none
  std::string device = "auto";  // see choose_device()
  int threads = 0;              // of Torch on each rank; 0: the cores it may use. The last bits of losses depend on it
  StopOptions stop;
};

// Collective. Writes metrics.json, per_image.h5, iou.txt, images/ and report/index.html, each whole or not at all, and prints the
// table on root. kResume (75) when stopped early: results of finished images are kept in `output`/partial, and the same call goes
// on from there and gives the same integers at the end. ConfigError where the weights' classes are not the dataset's; else the
// errors of Dataset, weights and device.
ExitCode evaluate(const EvaluationOptions& options, const Communicator& comm);

}  // namespace strata
