#include "distributed/sync_batch_norm.h"

#include "base/error.h"
#include "distributed/batch_norm_ops.h"
#include "distributed/rank_backend.h"
#include "models/norm_with_relu.h"

#include <memory>
#include <optional>

namespace strata {

namespace {

// The ranks of a norm group, as what an autograd context can hold.
struct NormGroup : torch::CustomClassHolder {
  explicit NormGroup(const Communicator& comm) : sum(comm) {}
  RankSum sum;
};
using NormGroupPointer = c10::intrusive_ptr<NormGroup>;

// The output, given the statistics of the group, which are no function of x to autograd: backward() knows that they are.
class BatchNormFunction : public torch::autograd::Function<BatchNormFunction> {
 public:
  static torch::Tensor forward(torch::autograd::AutogradContext* context, const torch::Tensor& x_NCHW,
                               const torch::Tensor& weight_C, const torch::Tensor& bias_C, const GroupStatistics& statistics,
                               const NormGroupPointer& group, const std::optional<torch::Tensor>& residual_NCHW, bool relu) {
    torch::Tensor y_NCHW = batch_norm_ops(x_NCHW.device())
                               .normalise(x_NCHW, statistics, weight_C, bias_C, residual_NCHW.value_or(torch::Tensor()), relu);
    context->save_for_backward(
        {x_NCHW, weight_C, statistics.pixels_1, statistics.mean_C, statistics.invstd_C, relu ? y_NCHW : torch::Tensor()});
    context->saved_data["group"] = c10::IValue::make_capsule(group);
    context->saved_data["residual"] = residual_NCHW.has_value();
    return y_NCHW;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& gradients) {
    const torch::autograd::variable_list saved = context->get_saved_variables();
    const torch::Tensor &x_NCHW = saved[0], &weight_C = saved[1];
    torch::Tensor relu_NCHW = saved[5], dy_NCHW = gradients[0], dresidual_NCHW;
    if (context->saved_data["residual"].toBool()) {  // its gradient is what the ReLU lets through: no need to pick it again
      dresidual_NCHW = dy_NCHW = at::threshold_backward(dy_NCHW, relu_NCHW, 0);
      relu_NCHW.reset();
    }
    const GroupStatistics statistics{saved[2], saved[3], saved[4], {}};
    const BatchNormOps& ops = batch_norm_ops(x_NCHW.device());
    torch::Tensor sums = ops.gradient_sums(x_NCHW, dy_NCHW, relu_NCHW, statistics);
    // Of this rank alone: the reducer adds the gradients of parameters up.
    const int64_t channels = weight_C.numel();
    const auto type = weight_C.scalar_type();
    const torch::Tensor dweight_C = (sums.narrow(0, channels, channels) * statistics.invstd_C).to(type),
                        dbias_C = sums.narrow(0, 0, channels).to(type, /*non_blocking=*/false, /*copy=*/true);
    static_cast<NormGroup&>(*context->saved_data["group"].toCapsule()).sum(sums);
    return {ops.input_gradient(x_NCHW, dy_NCHW, relu_NCHW, statistics, weight_C, sums),
            dweight_C,
            dbias_C,
            {},
            {},
            dresidual_NCHW,
            {}};
  }
};

class SyncBatchNormImpl : public torch::nn::BatchNormImplBase<2, SyncBatchNormImpl>, public NormWithRelu {
 public:
  SyncBatchNormImpl(int64_t channels, NormGroupPointer group)
      : BatchNormImplBase(torch::nn::BatchNormOptions(channels).eps(kNormEps).momentum(kNormMomentum)),
        group_(std::move(group)) {}

  torch::Tensor forward(const torch::Tensor& x_NCHW) {
    _check_input_dim(x_NCHW);
    if (is_training()) return train(x_NCHW, std::nullopt, /*relu=*/false);
    return at::batch_norm(x_NCHW, weight, bias, running_mean, running_var, false, 0.0, options.eps(), false);
  }

  torch::Tensor relu(const torch::Tensor& x_NCHW) override {
    if (!takes_along(x_NCHW)) return forward(x_NCHW).relu_();
    _check_input_dim(x_NCHW);
    return train(x_NCHW, std::nullopt, /*relu=*/true);
  }

  torch::Tensor add_relu(const torch::Tensor& x_NCHW, const torch::Tensor& residual_NCHW) override {
    const bool alike = x_NCHW.sizes() == residual_NCHW.sizes() && x_NCHW.scalar_type() == residual_NCHW.scalar_type();
    if (!takes_along(x_NCHW) || !alike) return (forward(x_NCHW) += residual_NCHW).relu_();
    _check_input_dim(x_NCHW);
    return train(x_NCHW, residual_NCHW, /*relu=*/true);
  }

 protected:
  void _check_input_dim(const torch::Tensor& x_NCHW) override {
    TORCH_CHECK(x_NCHW.dim() == 4 && x_NCHW.size(1) == options.num_features(), "batch norm of ", options.num_features(),
                " channels: wants N x C x H x W, got ", x_NCHW.sizes());
  }

 private:
  // Of fp16 GCC makes no vectors in those loops, and more walks are faster.
  bool takes_along(const torch::Tensor& x_NCHW) const {
    return is_training() && x_NCHW.scalar_type() != torch::kHalf && batch_norm_ops(x_NCHW.device()).takes_along;
  }

  torch::Tensor train(const torch::Tensor& x_NCHW, const std::optional<torch::Tensor>& residual_NCHW, bool relu) {
    const torch::Tensor channels_last = x_NCHW.contiguous(at::MemoryFormat::ChannelsLast);
    return BatchNormFunction::apply(channels_last, weight, bias, observe(channels_last), group_, residual_NCHW, relu);
  }

  // Statistics over the group, which the running ones move towards.
  GroupStatistics observe(const torch::Tensor& x_NCHW) {
    const torch::NoGradGuard no_gradients;
    const BatchNormOps& ops = batch_norm_ops(x_NCHW.device());
    torch::Tensor moments = ops.moments(x_NCHW);
    group_->sum(moments);
    if (moments.is_cpu() && *moments.const_data_ptr<double>() <= 1) {
      throw ConfigError(
          "batch norm of a single value per channel: the deepest feature map is one pixel; larger crops or a larger norm group "
          "are needed");
    }
    const GroupStatistics statistics = ops.statistics(moments, options.eps());
    running_mean.lerp_(statistics.mean_C.to(running_mean.scalar_type()), options.momentum().value());
    running_var.lerp_(statistics.variance_C.to(running_var.scalar_type()), options.momentum().value());
    num_batches_tracked += 1;
    return statistics;
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
