#include "models/norm_eps.h"
#include "models/segmentation_model.h"

namespace strata {

NormFactory local_batch_norm() {
  return [](int64_t channels) {
    return NormModule(torch::nn::BatchNorm2d(torch::nn::BatchNorm2dOptions(channels).eps(kNormEps).momentum(0.1)));
  };
}

}  // namespace strata
