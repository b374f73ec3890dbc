// strata-scenes: draws labelled street scenes in the Cityscapes layout.

#include "base/main.h"
#include "config/scenes_command.h"
#include "scenes/colour_row_baseline.h"

#include <fmt/format.h>

#include <cstdio>
#include <optional>

namespace {

using namespace strata;

void say(const std::string& text) { std::fputs(text.c_str(), stdout); }

void draw(const ScenesOptions& options) {
  const ScenesWritten written = write_scenes(options);
  if (written.drawn == 0) {
    say(fmt::format("already complete: {} scenes in {}\n", written.found, options.output.string()));
    return;
  }
  say(fmt::format("{} scenes of {}x{} px in {}\n", written.drawn + written.found, options.width, options.height,
                  options.output.string()));
}

}  // namespace

int main(int argc, char** argv) {
  return run_main([&] {
    const std::optional<ScenesCommand> command = parse_scenes_command(argc, argv);
    if (!command) return ExitCode::kDone;
    if (command->baseline.empty()) {
      draw(command->scenes);
    } else {
      say(fmt::format("{:.4f}\n", colour_row_baseline_of(command->baseline).mean_iou()));
    }
    return ExitCode::kDone;
  });
}
