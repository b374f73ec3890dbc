#pragma once
// Inner loops of batch norm over channels-last memory: pixels one after the other, C values each.
//
// The memory is looked at as rows of `width` values, a multiple of C and of kLanes (several pixels where C is no multiple of it),
// so that any number of channels makes full vectors. Value l of a row belongs to channel l mod C; parameters come repeated
// `width` long.

#include "base/instruction_set.h"

#include <c10/util/BFloat16.h>
#include <c10/util/Half.h>

#include <cstdint>

namespace strata {

constexpr int64_t kLanes = 16;  // values kept in registers at a time
constexpr int64_t kVectors = kLanes / 4;
constexpr int64_t kAhead = 8 * 1024;  // values between what is added up and what is fetched from memory

enum class Relu { kNo, kYes };  // whether one follows the norm

using Four = double __attribute__((vector_size(32)));
using PackedFloats = float __attribute__((vector_size(16), aligned(4), may_alias));
using PackedDoubles = double __attribute__((vector_size(32), aligned(8), may_alias));

using PackedWords = uint16_t __attribute__((vector_size(8), aligned(2), may_alias));
using FourWords = uint32_t __attribute__((vector_size(16)));
using FourFloats = float __attribute__((vector_size(16)));

// What values are computed in where they need no sum: their own type, or float for those of 16 bits.
template <typename T>
struct ComputedIn {
  using Type = T;
};
template <>
struct ComputedIn<c10::BFloat16> {
  using Type = float;
};
template <>
struct ComputedIn<c10::Half> {
  using Type = float;
};
template <typename T>
using Computed = typename ComputedIn<T>::Type;

// Vectors go by reference: by value their calling convention would depend on the instruction set.
STRATA_INLINE void load(const float* from, Four& to) {
  to = __builtin_convertvector(*reinterpret_cast<const PackedFloats*>(from), Four);
}
STRATA_INLINE void load(const double* from, Four& to) { to = *reinterpret_cast<const PackedDoubles*>(from); }
// The upper half of a float's bits.
STRATA_INLINE void load(const c10::BFloat16* from, Four& to) {
  const FourWords words = __builtin_convertvector(*reinterpret_cast<const PackedWords*>(from), FourWords) << 16;
  to = __builtin_convertvector(__builtin_bit_cast(FourFloats, words), Four);
}
STRATA_INLINE void load(const c10::Half* from, Four& to) {
  for (int64_t l = 0; l < 4; ++l) to[l] = static_cast<float>(from[l]);
}

STRATA_INLINE void store(float value, float& to) { to = value; }
STRATA_INLINE void store(double value, double& to) { to = value; }
STRATA_INLINE void store(float value, c10::Half& to) { to = value; }
// Rounds to the nearest, ties to even; without a branch, so that loops stay vectors.
STRATA_INLINE void store(float value, c10::BFloat16& to) {
  const auto bits = __builtin_bit_cast(uint32_t, value);
  const uint32_t rounded = (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
  const uint32_t nan = 0x7fc0;
  to.x = static_cast<uint16_t>((bits & 0x7fffffff) > 0x7f800000 ? nan : rounded);
}

STRATA_INLINE void add_to(double* sums, const Four* values) {
  for (int64_t l = 0; l < kLanes; ++l) sums[l] += values[l / 4][l % 4];
}

// sums[0, width) += x, sums[width, 2 width) += x^2
template <typename T>
STRATA_INLINE void add_moments(const T* x, int64_t rows, int64_t width, double* sums) {
  for (int64_t lane = 0; lane < width; lane += kLanes) {
    Four sum[kVectors] = {}, squares[kVectors] = {};
    for (const T* row = x + lane; row < x + rows * width; row += width) {
      __builtin_prefetch(row + kAhead);
#pragma GCC unroll 4
      for (int64_t v = 0; v < kVectors; ++v) {
        Four value;
        load(row + 4 * v, value);
        sum[v] += value;
        squares[v] += value * value;
      }
    }
    add_to(sums + lane, sum);
    add_to(sums + width + lane, squares);
  }
}

// dy where the ReLU let through; relu null: everywhere.
template <Relu relu, typename T>
STRATA_INLINE void load_gradient(const T* dy, const T* relu_output, int64_t at, Four& gradient) {
  load(dy + at, gradient);
  if constexpr (relu == Relu::kYes) {
    Four output;
    load(relu_output + at, output);
    gradient = output <= 0.0 ? Four{} : gradient;
  }
}

// sums[0, width) += dy, sums[width, 2 width) += dy (x - mean)
template <Relu relu, typename T>
STRATA_INLINE void add_gradient_sums(const T* x, const T* dy, const T* relu_output, int64_t rows, int64_t width,
                                     const double* mean, double* sums) {
  for (int64_t lane = 0; lane < width; lane += kLanes) {
    Four sum[kVectors] = {}, products[kVectors] = {}, center[kVectors];
    for (int64_t v = 0; v < kVectors; ++v) load(mean + lane + 4 * v, center[v]);
    for (int64_t at = lane; at < rows * width; at += width) {
      __builtin_prefetch(x + at + kAhead);
      __builtin_prefetch(dy + at + kAhead);
      if constexpr (relu == Relu::kYes) __builtin_prefetch(relu_output + at + kAhead);
#pragma GCC unroll 4
      for (int64_t v = 0; v < kVectors; ++v) {
        Four value, gradient;
        load(x + at + 4 * v, value);
        load_gradient<relu>(dy, relu_output, at + 4 * v, gradient);
        sum[v] += gradient;
        products[v] += gradient * (value - center[v]);
      }
    }
    add_to(sums + lane, sum);
    add_to(sums + width + lane, products);
  }
}

// y = x scale + shift, or the ReLU of it
template <Relu relu, typename T>
STRATA_INLINE void scale_and_shift(const T* __restrict x, int64_t rows, int64_t width, const Computed<T>* __restrict scale,
                                   const Computed<T>* __restrict shift, T* __restrict y) {
  for (; rows > 0; --rows, x += width, y += width) {
    for (int64_t l = 0; l < width; ++l) {
      const Computed<T> value = static_cast<Computed<T>>(x[l]) * scale[l] + shift[l];
      store(relu == Relu::kYes && value < 0 ? 0 : value, y[l]);
    }
  }
}

// dx = dy a + (x - mean) b + c
template <Relu relu, typename T>
STRATA_INLINE void combine_gradient(const T* __restrict x, const T* __restrict dy, const T* __restrict relu_output, int64_t rows,
                                    int64_t width, const Computed<T>* __restrict mean, const Computed<T>* __restrict a,
                                    const Computed<T>* __restrict b, const Computed<T>* __restrict c, T* __restrict dx) {
  for (; rows > 0; --rows, x += width, dy += width, dx += width) {
    for (int64_t l = 0; l < width; ++l) {
      const auto value = static_cast<Computed<T>>(x[l]);
      auto gradient = static_cast<Computed<T>>(dy[l]);
      if constexpr (relu == Relu::kYes) gradient = static_cast<Computed<T>>(relu_output[l]) <= 0 ? 0 : gradient;
      store(gradient * a[l] + (value - mean[l]) * b[l] + c[l], dx[l]);
    }
    if constexpr (relu == Relu::kYes) relu_output += width;
  }
}

}  // namespace strata
