#include "config/scenes_command.h"

#include "base/error.h"
#include "config/command_line.h"

namespace strata {

namespace {

const ProgramText kProgram = {
    .name = "strata-scenes",
    .purpose = "draws labelled street scenes in the Cityscapes layout.",
    .example = "strata-scenes --output RAW --count 64 --val-count 16 --size 512x256 --seed 1",
};

void add_options(OptionSet& options, ScenesCommand& c) {
  options.group("Scenes");
  ScenesOptions& s = c.scenes;
  options.add("output", s.output, {.effect = "folder to draw into; scenes that are there already stay"});
  options.add("count", s.train_count, {.effect = "training scenes", .unit = "scenes", .min = 0});
  options.add("val-count", s.val_count, {.effect = "validation scenes, drawn from other seeds", .unit = "scenes", .min = 0});
  options.add_size(
      "size", s.height, s.width,
      {.effect = "of every scene; time grows with the area", .unit = "px", .min = kMinSceneSide, .max = kMaxSceneSide});
  options.add("seed", s.seed, {.effect = "other seeds, other scenes"});
  options.add("threads", s.threads, {.effect = "scenes drawn at the same time; 0: one per core", .min = 0});
  options.add("baseline", c.baseline,
              {.effect = "instead of drawing, print the mean IoU that colour and row alone reach on this folder of scenes"});
}

}  // namespace

std::optional<ScenesCommand> parse_scenes_command(int argc, const char* const* argv) {
  ScenesCommand command;
  OptionSet options;
  add_options(options, command);
  if (read_options(argc, argv, kProgram, {}, options) == CommandLine::kAnswered) return std::nullopt;
  if (command.scenes.output.empty() && command.baseline.empty())
    throw UsageError("--output PATH is missing: the folder to draw into. Example:\n  " + kProgram.example);
  return command;
}

}  // namespace strata
