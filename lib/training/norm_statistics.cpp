#include "training/norm_statistics.h"

#include <cmath>
#include <map>
#include <span>

namespace strata {
namespace {

// "backbone.bn1.running_mean" -> ("backbone.bn1", "running_mean")
std::pair<std::string, std::string> split_name(const std::string& name) {
  const size_t dot = name.rfind('.');
  return dot == std::string::npos ? std::pair{std::string(), name} : std::pair{name.substr(0, dot), name.substr(dot + 1)};
}

}  // namespace

NormStatistics::NormStatistics(const torch::nn::Module& model, const BatchPlan& plan, const Communicator& world, double momentum)
    : world_(world),
      momentum_(momentum),
      chunks_(plan.ranks / plan.ranks_per_norm_group),
      chunk_(world.rank() / plan.ranks_per_norm_group),
      speaks_for_chunk_(world.rank() % plan.ranks_per_norm_group == 0) {
  std::map<std::string, std::map<std::string, size_t>> by_layer;
  for (const auto& buffer : model.named_buffers()) {
    const auto [layer, kind] = split_name(buffer.key());
    by_layer[layer][kind] = buffers_.size();
    buffers_.push_back(buffer.value());
    remembered_.push_back(buffer.value().clone());
  }
  for (const auto& [name, kinds] : by_layer) {
    if (kinds.contains("running_mean")) {
      layers_.push_back({kinds.at("running_mean"), kinds.at("running_var"), kinds.at("num_batches_tracked")});
    }
  }
}

void NormStatistics::begin_step() {
  torch::NoGradGuard no_grad;
  for (size_t i = 0; i < buffers_.size(); ++i) remembered_[i].copy_(buffers_[i]);
}

void NormStatistics::take_back() {
  torch::NoGradGuard no_grad;
  for (size_t i = 0; i < buffers_.size(); ++i) buffers_[i].copy_(remembered_[i]);
}

// After n updates by s_1..s_n a statistic is d^n r + sum_i d^(n-i) m s_i, with d = 1 - m. The sum is what a chunk contributes;
// each update by a later chunk scales it by d once more.
void NormStatistics::merge() {
  if (chunks_ == 1 || layers_.empty()) return;
  torch::NoGradGuard no_grad;
  const auto widened = [](const torch::Tensor& tensor) { return tensor.to(torch::kCPU, torch::kDouble).contiguous(); };
  std::vector<torch::Tensor> own;  // statistics, then to be summed over ranks
  std::vector<double> decays;      // d^n of each layer
  for (const Layer& layer : layers_) {
    const double updates = (widened(buffers_[layer.count]) - widened(remembered_[layer.count])).item<double>();
    decays.push_back(std::pow(1 - momentum_, updates));
    const double weight = speaks_for_chunk_ ? std::pow(decays.back(), chunks_ - 1 - chunk_) : 0.0;
    for (size_t i : {layer.mean, layer.variance})
      own.push_back((widened(buffers_[i]) - decays.back() * widened(remembered_[i])) * weight);
  }
  torch::Tensor all = torch::cat(own);
  world_.sum(std::span(all.mutable_data_ptr<double>(), static_cast<size_t>(all.numel())));

  int64_t offset = 0;
  for (size_t l = 0; l < layers_.size(); ++l) {
    for (size_t i : {layers_[l].mean, layers_[l].variance}) {
      const int64_t channels = buffers_[i].numel();
      buffers_[i].copy_(widened(remembered_[i]) * std::pow(decays[l], chunks_) + all.narrow(0, offset, channels));
      offset += channels;
    }
    torch::Tensor& count = buffers_[layers_[l].count];
    count.copy_(remembered_[layers_[l].count] + chunks_ * (count - remembered_[layers_[l].count]));
  }
}

}  // namespace strata
