#pragma once
// The command line of strata-evaluate.

#include "comm/stop.h"
#include "comm/watchdog.h"
#include "evaluation/evaluator.h"

#include <filesystem>
#include <optional>
#include <string>

namespace strata {

struct EvaluateCommand {
  std::filesystem::path data;  // dataset directory
  std::string split = "val";
  std::filesystem::path weights;  // run directory (its best weights), .safetensors or .pth
  std::filesystem::path output;   // evaluation directory
  InferenceOptions inference;
  enum class Table {
    kRight,
    kReference
  } table = Table::kRight;  // iou.txt: kReference swaps FP with FN and precision with recall, as there
  int pictures = 8;         // frames shown in the report
  std::string device = "auto";
  int threads = 0;  // of LibTorch on each rank; 0: the cores that the rank may use
  StopOptions stop;
  WatchdogOptions watchdog;
  std::string resolved_config;  // the whole command as INI
};

// As parse_training_options().
std::optional<EvaluateCommand> parse_evaluate_command(int argc, const char* const* argv);

}  // namespace strata
