// loader_bench DATA SPLIT [--crop N] [--long-edge N] [--samples N]: milliseconds of one core per training sample from a dataset
// directory, with all augmentations and normalisation, and where they go.

#include "base/error.h"
#include "base/main.h"
#include "base/memory.h"
#include "data/dataset.h"
#include "image/blur.h"
#include "image/crop.h"
#include "image/normalise_table.h"
#include "loader/augment.h"
#include "loader/frame_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace strata;

struct Settings {
  std::string data, split;
  int crop = 1024, long_edge = 0;
  uint64_t samples = 40;
};

Settings settings_of(int argc, char** argv) {
  if (argc < 3) throw UsageError("loader_bench DATA SPLIT [--crop N] [--long-edge N] [--samples N]");
  Settings s{argv[1], argv[2]};
  for (int i = 3; i + 1 < argc; i += 2) {
    const std::string key = argv[i];
    if (key == "--crop")
      s.crop = std::atoi(argv[i + 1]);
    else if (key == "--long-edge")
      s.long_edge = std::atoi(argv[i + 1]);
    else if (key == "--samples")
      s.samples = std::strtoull(argv[i + 1], nullptr, 10);
    else
      throw UsageError("unknown option " + key);
  }
  return s;
}

double core_ms() { return 1000.0 * static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

// What the network is given: float32 in channels-last order.
void normalise(const Image& frame, std::vector<float>& out) {
  static constexpr NormaliseTable kTable = make_normalise_table();
  out.resize(frame.pixels.size());
  for (size_t i = 0; i < out.size(); i += 3) {
    for (size_t c = 0; c < 3; ++c) out[i + c] = kTable.values[256 * c + frame.pixels[i + c]];
  }
}

// Milliseconds of one core by stage, summed over samples, in order of first use.
class Stages {
 public:
  // Since the end of the stage before.
  void end(const std::string& name) {
    const double now = core_ms();
    const auto found = std::find_if(sums_.begin(), sums_.end(), [&](const auto& one) { return one.first == name; });
    if (found == sums_.end()) {
      sums_.emplace_back(name, now - begun_);
    } else {
      found->second += now - begun_;
    }
    begun_ = now;
  }
  void begin() { begun_ = core_ms(); }
  std::string text(double samples) const {
    std::string text;
    for (const auto& [name, sum] : sums_) text += fmt::format("{}{} {:.1f}", text.empty() ? "" : ", ", name, sum / samples);
    return text;
  }

 private:
  double begun_ = 0;
  std::vector<std::pair<std::string, double>> sums_;
};

// What read_augmented() does, stage by stage.
void time_stages(const Dataset& dataset, size_t index, const AugmentPlan& plan, Stages& stages) {
  const Sample& sample = dataset.sample(index);
  const Window seen = intersection(plan.crop, {0, 0, plan.height, plan.width});
  ResizePlan resize{static_cast<int>(sample.height), static_cast<int>(sample.width), plan.height, plan.width, Filter::kBicubic};
  stages.begin();
  const Window source = source_window_for(resize, seen);
  const Image frame = read_frame(dataset, index, source);
  stages.end("frame read and decoded");
  Image view = crop(resize_window(frame, source, resize, seen),
                    {plan.crop.y - seen.y, plan.crop.x - seen.x, plan.crop.height, plan.crop.width});
  stages.end("resized");
  resize.filter = Filter::kNearest;
  const Window label_source = source_window_for(resize, seen);
  const Image labels = read_labels_raw(dataset, index, label_source);
  stages.end("labels read and decoded");
  Image picked = resize_window(labels, label_source, resize, seen);
  map_to_train_ids(dataset.labels(), picked);
  stages.end("picked and mapped");
  if (plan.flip) {
    flip_horizontally(view);
    flip_horizontally(picked);
  }
  stages.end("flipped");
  for (const ColorStep& step : *plan.color) step.adjust(view, step.strength);
  stages.end("coloured");
  view = plan.blur->blur(view, plan.blur->sigma);
  stages.end("blurred");
  std::vector<float> input;
  normalise(view, input);
  stages.end("normalised");
}

ExitCode run(const Settings& s) {
  reuse_freed_memory();  // as strata-train does
  const Dataset dataset(s.data, s.split);
  AugmentOptions options{.crop_height = s.crop, .crop_width = s.crop};
  options.blur = AugmentOptions::Blur::kGaussian;
  options.pre_size = s.long_edge;
  std::vector<float> input;
  Stages stages;
  double whole = 0;
  for (uint64_t i = 0; i <= s.samples; ++i) {
    const size_t index = i % dataset.size();
    const Sample& sample = dataset.sample(index);
    const AugmentPlan plan =
        plan_augmentation(options, static_cast<int>(sample.height), static_cast<int>(sample.width), std::nullopt, {1, 0, i});
    const double begin = core_ms();
    const AugmentedSample view = read_augmented(dataset, index, plan);
    normalise(view.frame, input);
    if (i == 0) continue;  // the first warms up
    whole += core_ms() - begin;
    time_stages(dataset, index, plan, stages);
  }
  const double n = static_cast<double>(s.samples);
  std::printf("strata %.1f ms of one core per sample (again by stage: %s)\n", whole / n, stages.text(n).c_str());
  return ExitCode::kDone;
}

}  // namespace

int main(int argc, char** argv) {
  return strata::run_main([&] { return run(settings_of(argc, argv)); });
}
