#include "distributed/sync_batch_norm.h"

#include "base/error.h"
#include "distributed/batch_norm_ops.h"
#include "distributed/rank_backend.h"

#include <memory>

namespace strata {

namespace {

// The ranks of a norm group, as what an autograd context can hold.
struct NormGroup : torch::CustomClassHolder {
  explicit NormGroup(const Communicator& comm) : sum(comm) {}
  RankSum sum;
};
using NormGroupPointer = c10::intrusive_ptr<NormGroup>;

GroupStatistics statistics_of(const torch::Tensor& moments, double eps) {
  const std::vector<torch::Tensor> parts = moments.slice(0, 1).chunk(2);
  GroupStatistics result;
  result.pixels_1 = moments.slice(0, 0, 1);
  result.mean_C = parts[0] / result.pixels_1;
  result.invstd_C = (parts[1] / result.pixels_1 - result.mean_C.square()).clamp_min(0).add(eps).rsqrt();
  return result;
}

// y and the moments of the group, which are not differentiable.
class BatchNormFunction : public torch::autograd::Function<BatchNormFunction> {
 public:
  static torch::autograd::variable_list forward(torch::autograd::AutogradContext* context, const torch::Tensor& x_NCHW,
                                                const torch::Tensor& weight_C, const torch::Tensor& bias_C,
                                                const NormGroupPointer& group, double eps) {
    const BatchNormOps& ops = batch_norm_ops(x_NCHW.device());
    torch::Tensor moments = ops.moments(x_NCHW);
    group->sum(moments);
    const GroupStatistics statistics = statistics_of(moments, eps);
    torch::Tensor y = ops.normalise(x_NCHW, statistics, weight_C, bias_C);
    context->save_for_backward({x_NCHW, weight_C, statistics.pixels_1, statistics.mean_C, statistics.invstd_C});
    context->saved_data["group"] = c10::IValue::make_capsule(group);
    context->mark_non_differentiable({moments});
    return {y, moments};
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& gradients) {
    const torch::autograd::variable_list saved = context->get_saved_variables();
    const torch::Tensor &x_NCHW = saved[0], &weight_C = saved[1], &dy_NCHW = gradients[0];
    const GroupStatistics statistics{saved[2], saved[3], saved[4]};
    const BatchNormOps& ops = batch_norm_ops(x_NCHW.device());
    torch::Tensor sums = ops.gradient_sums(x_NCHW, dy_NCHW, statistics);
    // Of this rank alone: the reducer adds the gradients of parameters up.
    const std::vector<torch::Tensor> own = sums.clone().chunk(2);
    const torch::Tensor dweight_C = (own[1] * statistics.invstd_C).to(weight_C.scalar_type()),
                        dbias_C = own[0].to(weight_C.scalar_type());
    static_cast<NormGroup&>(*context->saved_data["group"].toCapsule()).sum(sums);
    return {ops.input_gradient(x_NCHW, dy_NCHW, statistics, weight_C, sums), dweight_C, dbias_C, {}, {}};
  }
};

class SyncBatchNormImpl : public torch::nn::BatchNormImplBase<2, SyncBatchNormImpl> {
 public:
  SyncBatchNormImpl(int64_t channels, NormGroupPointer group)
      : BatchNormImplBase(torch::nn::BatchNormOptions(channels).eps(kNormEps).momentum(kNormMomentum)),
        group_(std::move(group)) {}

  torch::Tensor forward(const torch::Tensor& x_NCHW) {
    _check_input_dim(x_NCHW);
    const double eps = options.eps();
    if (!is_training()) return at::batch_norm(x_NCHW, weight, bias, running_mean, running_var, false, 0.0, eps, false);
    const torch::Tensor channels_last = x_NCHW.contiguous(at::MemoryFormat::ChannelsLast);
    const torch::autograd::variable_list result = BatchNormFunction::apply(channels_last, weight, bias, group_, eps);
    update_running_statistics(result[1]);
    return result[0];
  }

 protected:
  void _check_input_dim(const torch::Tensor& x_NCHW) override {
    TORCH_CHECK(x_NCHW.dim() == 4 && x_NCHW.size(1) == options.num_features(), "batch norm of ", options.num_features(),
                " channels: wants N x C x H x W, got ", x_NCHW.sizes());
  }

 private:
  void update_running_statistics(const torch::Tensor& moments) {
    const torch::NoGradGuard no_gradients;
    const torch::Tensor pixels_1 = moments.slice(0, 0, 1);
    if (pixels_1.is_cpu() && pixels_1.item<double>() <= 1) {
      throw ConfigError(
          "batch norm of a single value per channel: the deepest feature map is one pixel; larger crops or a larger norm group "
          "are needed");
    }
    const std::vector<torch::Tensor> parts = moments.slice(0, 1).chunk(2);
    const torch::Tensor mean_C = parts[0] / pixels_1;
    const torch::Tensor unbiased_C = (parts[1] - parts[0] * mean_C).clamp_min(0) / (pixels_1 - 1);
    running_mean.lerp_(mean_C.to(running_mean.scalar_type()), options.momentum().value());
    running_var.lerp_(unbiased_C.to(running_var.scalar_type()), options.momentum().value());
    num_batches_tracked += 1;
  }

  NormGroupPointer group_;
};
TORCH_MODULE(SyncBatchNorm);

}  // namespace

std::function<torch::nn::AnyModule(int64_t channels)> synchronised_batch_norm(const Communicator& comm) {
  const auto group = c10::make_intrusive<NormGroup>(comm);
  return [group](int64_t channels) { return torch::nn::AnyModule(SyncBatchNorm(channels, group)); };
}

}  // namespace strata
