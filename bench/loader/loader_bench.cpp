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

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <map>
#include <string>
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
    if (key == "--crop") s.crop = std::atoi(argv[i + 1]);
    else if (key == "--long-edge") s.long_edge = std::atoi(argv[i + 1]);
    else if (key == "--samples") s.samples = std::strtoull(argv[i + 1], nullptr, 10);
    else throw UsageError("unknown option " + key);
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

ExitCode run(const Settings& s) {
  reuse_freed_memory();  // as strata-train does
  const Dataset dataset(s.data, s.split);
  AugmentOptions options{.crop_height = s.crop, .crop_width = s.crop};
  options.blur = AugmentOptions::Blur::kGaussian;
  options.pre_size = s.long_edge;
  std::vector<float> input;
  double whole = 0, decode_frame = 0, decode_labels = 0, normalising = 0;
  for (uint64_t i = 0; i <= s.samples; ++i) {
    const size_t index = i % dataset.size();
    const Sample& sample = dataset.sample(index);
    const AugmentPlan plan = plan_augmentation(options, static_cast<int>(sample.height), static_cast<int>(sample.width), std::nullopt,
                                               {1, 0, i});
    const double begin = core_ms();
    const AugmentedSample view = read_augmented(dataset, index, plan);
    const double augmented = core_ms();
    normalise(view.frame, input);
    const double end = core_ms();
    if (i == 0) continue;  // the first warms up
    whole += end - begin;
    normalising += end - augmented;
    // The same reads again, alone.
    const Window seen = intersection(plan.crop, {0, 0, plan.height, plan.width});
    const Window source = source_window_for(
        {static_cast<int>(sample.height), static_cast<int>(sample.width), plan.height, plan.width, Filter::kBicubic}, seen);
    const double reading = core_ms();
    read_frame(dataset, index, source);
    const double labels = core_ms();
    read_labels(dataset, index, source);
    decode_frame += labels - reading;
    decode_labels += core_ms() - labels;
  }
  const double n = static_cast<double>(s.samples);
  std::printf("strata %.1f ms of one core per sample (frame read and decoded %.1f, labels %.1f, normalised %.1f, resized and augmented %.1f)\n",
              whole / n, decode_frame / n, decode_labels / n, normalising / n,
              (whole - decode_frame - decode_labels - normalising) / n);
  return ExitCode::kDone;
}

}  // namespace

int main(int argc, char** argv) {
  return strata::run_main([&] { return run(settings_of(argc, argv)); });
}
