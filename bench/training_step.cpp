// One training step of HRNet_Mscale (width 48, two scales, RMI, SGD) on made-up pixels, timed on request: for each line on stdin
// one step, its seconds by the clock and on the cores, and the loss, on stdout. At the end: the largest resident memory above
// weights, momenta and gradients, in MiB. bench/training_step.py drives this program and its peers in turn.
//
//   training_step [key=value ...]   width=48 height=256 batch=2 threads=2 precision=fp32|bf16|fp16 activations=kept|recomputed
//                                   network=w48|w16-tiny|...

#include "arguments.h"
#include "base/memory.h"
#include "base/process_info.h"
#include "dialogue.h"
#include "distributed/sync_batch_norm.h"
#include "models/channels_last.h"
#include "training/train_step.h"

#include <ATen/Parallel.h>

#include <cstdio>
#include <string>

namespace strata {
namespace {

const Arguments kDefaults = {{"height", "256"},     {"width", "256"},        {"batch", "2"},    {"threads", "2"},
                             {"precision", "fp32"}, {"activations", "kept"}, {"network", "w48"}};

Precision precision_of(const std::string& name) {
  for (const Precision precision : {Precision::kFp32, Precision::kBf16, Precision::kFp16}) {
    if (precision_name(precision) == name) return precision;
  }
  std::fprintf(stderr, "unknown precision %s\n", name.c_str());
  std::exit(64);
}

Batch made_up_batch(int64_t samples, int64_t height, int64_t width) {
  Batch batch;
  batch.images_NCHW =
      torch::randint(256, {samples, 3, height, width}, torch::kUInt8).contiguous(torch::MemoryFormat::ChannelsLast);
  // Patches of 16 px, a tenth of them ignored.
  const torch::Tensor patches = torch::randint(21, {samples, 1, height / 16, width / 16}, torch::kInt64);
  batch.labels_NHW = patches.repeat_interleave(16, 2).repeat_interleave(16, 3).squeeze(1);
  batch.labels_NHW.masked_fill_(batch.labels_NHW.ge(19), 255);
  for (int64_t i = 0; i < samples; ++i) batch.positions.push_back(static_cast<uint64_t>(i));
  return batch;
}

int run(const Arguments& given) {
  reuse_freed_memory();
  at::set_num_threads(std::stoi(given.at("threads")));
  torch::manual_seed(1);
  const int samples = std::stoi(given.at("batch"));
  const Batch batch = made_up_batch(samples, std::stoll(given.at("height")), std::stoll(given.at("width")));
  const uint64_t resident = peak_resident_bytes();

  ModelOptions options;
  options.width = parse_width(given.at("network"));
  const auto model = make_model(options, synchronised_batch_norm({}));
  model->train();
  lay_out_channels_last(*model);
  const auto optimizer = make_optimizer({}, *model);
  TrainStep step(*model, *optimizer,
                 {.plan = plan_batch({.global_batch = samples}, 1),
                  .loss = {},
                  .precision = precision_of(given.at("precision")),
                  .activations = given.at("activations") == "recomputed" ? Activations::kRecomputed : Activations::kKept},
                 {}, torch::kCPU);
  work_on_request([&] { return step.run(batch, 0, 0.001).loss; });
  const double state = 3.0 * sizeof(float) * static_cast<double>(parameter_count(*model));
  std::printf("%.1f\n", (static_cast<double>(peak_resident_bytes() - resident) - state) / (1 << 20));
  return 0;
}

}  // namespace
}  // namespace strata

int main(int argc, char** argv) { return strata::run(strata::read_arguments(strata::kDefaults, argc, argv)); }
