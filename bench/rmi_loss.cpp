// RMI forward and backward for 2x19x512x512 logits in channels-last memory: the loss as trained with, and its two walks over
// memory beside the same by ATen's operators, in turn. Seconds on cores; the least and the median of the rounds.
//
//   rmi_loss [ROUNDS]

#include "dialogue.h"
#include "losses/loss.h"
#include "losses/region_maps.h"

#include <ATen/Parallel.h>
#include <torch/types.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <vector>

namespace strata {
namespace {

struct Measured {
  const char* name;
  std::function<torch::Tensor(const torch::Tensor& logits_NCHW)> loss;
  std::vector<double> seconds = {};
};

void measure(Measured& measured, const torch::Tensor& logits_NCHW) {
  const torch::Tensor leaf = logits_NCHW.detach().requires_grad_();
  const double begun = seconds_on_cores();
  measured.loss(leaf).backward();
  measured.seconds.push_back(seconds_on_cores() - begun);
}

void run(int rounds) {
  at::set_num_threads(1);
  torch::manual_seed(1);
  const torch::Tensor logits = torch::randn({2, 19, 512, 512}).contiguous(torch::MemoryFormat::ChannelsLast);
  const torch::Tensor labels = torch::randint(20, {2, 512, 512}, torch::kInt64);
  const LossScope scope{.valid_pixels = labels.lt(19).sum().item<int64_t>(), .samples = 2};
  const RmiLoss loss(19);
  const auto walks = [&](const auto& maps_of, const auto& covariances_of) {
    return [&labels, maps_of, covariances_of](const torch::Tensor& x) {
      const RegionMaps maps = maps_of(x, labels);
      const RegionCovariances sigma = covariances_of(maps.labels_NChw, maps.probabilities_NChw);
      return maps.bce_sum + sigma.cross.sum() + sigma.predictions.sum();
    };
  };
  std::vector<Measured> all = {{"walks by operators", walks(region_maps_by_operators, region_covariances_by_operators)},
                               {"walks on the CPU", walks(region_maps_on_cpu, region_covariances_on_cpu)},
                               {"RMI loss", [&](const torch::Tensor& x) { return loss.share(x, labels, scope); }}};
  for (int round = 0; round <= rounds; ++round) {
    for (Measured& measured : all) measure(measured, logits);
  }
  for (Measured& measured : all) {
    std::vector<double>& seconds = measured.seconds;
    seconds.erase(seconds.begin());
    std::sort(seconds.begin(), seconds.end());
    std::printf("%-20s least %.3f s, median %.3f s\n", measured.name, seconds.front(), seconds[seconds.size() / 2]);
  }
}

}  // namespace
}  // namespace strata

int main(int argc, char** argv) { strata::run(argc > 1 ? std::max(1, std::atoi(argv[1])) : 9); }
