#pragma once
// A network small enough for tests of seconds.

#include "models/segmentation_model.h"

namespace strata::testing {

inline ModelOptions small_options() {
  ModelOptions options;
  options.num_classes = 5;
  options.width = Width::kW16Tiny;
  options.ocr_channels = 16;
  options.attention_channels = 8;
  options.seed = 3;
  return options;
}

}  // namespace strata::testing
