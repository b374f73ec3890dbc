#pragma once
// What each byte becomes in the network's input, for processor and device alike. C++17, as CUDA's compiler reads it too.

namespace strata {

inline constexpr double kFrameMean[3] = {0.485, 0.456, 0.406};  // RGB, of ImageNet
inline constexpr double kFrameDeviation[3] = {0.229, 0.224, 0.225};

// values[256 c + u] is (u/255 - mean_c) / deviation_c, computed in double and rounded once.
inline constexpr int kNormaliseTableSize = 3 * 256;
struct NormaliseTable {
  float values[kNormaliseTableSize];
};

constexpr NormaliseTable make_normalise_table() {
  NormaliseTable table{};
  for (int channel = 0; channel < 3; ++channel) {
    for (int value = 0; value < 256; ++value) {
      table.values[256 * channel + value] = static_cast<float>((value / 255.0 - kFrameMean[channel]) / kFrameDeviation[channel]);
    }
  }
  return table;
}

}  // namespace strata
