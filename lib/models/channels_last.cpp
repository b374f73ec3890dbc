#include "models/channels_last.h"

namespace strata {

void lay_out_channels_last(torch::nn::Module& module) {
  for (torch::Tensor& parameter : module.parameters()) {
    if (parameter.dim() != 4) continue;
    // contiguous() would leave 1x1 weights with strides that kernels do not give to their gradients.
    const auto options = parameter.options().memory_format(torch::MemoryFormat::ChannelsLast);
    parameter.set_data(torch::empty(parameter.sizes(), options.requires_grad(false)).copy_(parameter.detach()));
  }
}

}  // namespace strata
