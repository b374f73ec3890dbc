#include "config/evaluate_command.h"

#include "base/error.h"
#include "config/command_line.h"
#include "config/shared_options.h"

#include <fmt/format.h>

namespace strata {

namespace {

const ProgramText kProgram = {
    .name = "strata-evaluate",
    .purpose = "measures a network on a split: confusion matrix, IoU table and a report to look at.",
    .example = "mpirun -n 2 strata-evaluate --data DATA --split val --weights RUN --output EVAL --scales 0.5,1,2 --flip",
};

void add_options(OptionSet& options, EvaluateCommand& c) {
  options.group("Input and output");
  options.add("data", c.data, {.effect = "dataset directory made by strata-preprocess"});
  options.add("split", c.split, {.effect = "split to evaluate"});
  options.add("weights", c.weights, {.effect = "a run directory (its best weights), a .safetensors or a .pth file"});
  options.add("output", c.output, {.effect = "evaluation directory to write"});
  options.group("Inference");
  options.add("scales", c.inference.scales, {.effect = "scales of each frame; more: better and slower", .min = 0.01, .max = 16});
  options.add_switch("flip", c.inference.flip, {InferenceOptions::Flip::kNo, InferenceOptions::Flip::kYes},
                     {.effect = "average with the mirrored frame; twice the work"});
  options.add_choice<Precision>(
      "precision", c.inference.precision, {{"fp32", Precision::kFp32}, {"bf16", Precision::kBf16}},
      {.effect = "what the network computes in; bf16: half the memory, faster where the processor has it, "
                 "logits off by its rounding"});
  options.add("long-edge", c.inference.long_edge,
              {.effect = "longer edge that frames and labels are brought to; 0: as stored", .unit = "px", .min = 0});
  options.add("centre-crop", c.inference.centre_crop,
              {.effect = "height that frames and labels are brought to, of which the middle square is measured; 0: all of them",
               .unit = "px",
               .min = 0});
  options.group("Report");
  using Table = EvaluateCommand::Table;
  options.add_choice<Table>(
      "table", c.table, {{"right", Table::kRight}, {"reference", Table::kReference}},
      {.effect = "iou.txt; reference: with FP and FN, precision and recall swapped as in the reference implementation"});
  options.add("pictures", c.pictures, {.effect = "frames shown in the report", .unit = "frames", .min = 0});
  options.group("Run");
  add_compute_options(options, c.device, c.threads);
  add_stop_options(options, c.stop);
  add_watch_options(options, c.watchdog);
}

void require_consistent(const EvaluateCommand& c) {
  if (c.inference.long_edge > 0 && c.inference.centre_crop > 0) {
    throw ConfigError(
        fmt::format("long-edge = {} and centre-crop = {} both say what size frames are brought to. Set one of them to 0",
                    c.inference.long_edge, c.inference.centre_crop));
  }
}

}  // namespace

std::optional<EvaluateCommand> parse_evaluate_command(int argc, const char* const* argv) {
  EvaluateCommand command;
  OptionSet options;
  add_options(options, command);
  if (read_options(argc, argv, kProgram, {"data", "weights", "output"}, options) == CommandLine::kAnswered) return std::nullopt;
  require_consistent(command);
  command.resolved_config = options.ini_text();
  return command;
}

}  // namespace strata
