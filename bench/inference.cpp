// One n-scale inference of HRNet_Mscale (width 48, 19 classes) on a made-up frame, timed on request: for each line on stdin one
// inference, its seconds by the clock and on the cores, and the mean logit on stdout. At the end: the largest resident memory
// over that with the weights, in MiB. In the dialogue of training_step, so that training_step.py drives this program and its
// peers in turn.
//
//   inference [key=value ...]   height=256 width=512 threads=2 precision=fp32|bf16
//                               network=frozen|plain|autocast (plain modules; the last in bfloat16 by autocast)

#include "arguments.h"
#include "base/memory.h"
#include "base/process_info.h"
#include "dialogue.h"
#include "models/frozen_network.h"

#include <ATen/Parallel.h>
#include <ATen/autocast_mode.h>
#include <torch/types.h>

#include <cstdio>
#include <fstream>
#include <string>

namespace strata {
namespace {

const Arguments kDefaults = {{"height", "256"}, {"width", "512"}, {"threads", "2"}, {"precision", "fp32"}, {"network", "frozen"}};

double resident_mebibytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) return std::stod(line.substr(6)) / 1024;
  }
  return 0;
}

std::shared_ptr<SegmentationModel> make_network(const Arguments& given) {
  const auto model = make_model({});
  model->eval();
  if (given.at("network") == "frozen") freeze(*model, given.at("precision") == "bf16" ? torch::kBFloat16 : torch::kFloat32);
  give_back_freed_memory();
  return model;
}

int run(const Arguments& given) {
  reuse_freed_memory();
  at::set_num_threads(std::stoi(given.at("threads")));
  torch::manual_seed(1);
  const torch::Tensor images_NCHW = torch::randn({1, 3, std::stoll(given.at("height")), std::stoll(given.at("width"))});
  const auto model = make_network(given);
  if (given.at("network") == "autocast") {
    at::autocast::set_autocast_enabled(at::kCPU, true);
    at::autocast::set_autocast_dtype(at::kCPU, at::kBFloat16);
  }
  // The peak starts anew here: reading and folding weights needed more than they do.
  std::ofstream("/proc/self/clear_refs") << "5";
  const double resident = resident_mebibytes();
  work_on_request([&] { return model->forward_inference(images_NCHW, {0.5, 1, 2}).pred_NCHW.mean().item<double>(); });
  std::printf("%.1f\n", static_cast<double>(peak_resident_bytes()) / (1 << 20) - resident);
  return 0;
}

}  // namespace
}  // namespace strata

int main(int argc, char** argv) { return strata::run(strata::read_arguments(strata::kDefaults, argc, argv)); }
