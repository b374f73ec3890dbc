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

constexpr int64_t kLanes = 16;        // values kept in registers at a time
constexpr int64_t kAhead = 8 * 1024;  // values between what is added up and what is fetched from memory

enum class Relu { kNo, kYes };      // whether one follows the norm
enum class Residual { kNo, kYes };  // whether something is added between the two

using Doubles = double __attribute__((vector_size(32)));
using Floats = float __attribute__((vector_size(32)));
using Words = uint32_t __attribute__((vector_size(32)));
using PackedDoubles = double __attribute__((vector_size(32), aligned(8), may_alias));
using PackedFloats = float __attribute__((vector_size(32), aligned(4), may_alias));
using HalfOfWords = uint32_t __attribute__((vector_size(16)));
using HalfOfFloats = float __attribute__((vector_size(16)));
using PackedQuarterOfWords = uint16_t __attribute__((vector_size(8), aligned(2), may_alias));
using PackedHalfOfFloats = float __attribute__((vector_size(16), aligned(4), may_alias));
using PackedHalfOfWords = uint16_t __attribute__((vector_size(16), aligned(2), may_alias));

// What values are computed in, and what their gradients are added up in.
template <typename T>
struct Arithmetic {
  using Computed = T;
  using Summed = double;
  using SumVector = Doubles;
};
// As floats, of a block at most: sums of blocks are doubles. (Moments are not: E[x^2] - E[x]^2 wants all digits.)
struct ArithmeticOf16Bits {
  using Computed = float;
  using Summed = float;
  using SumVector = Floats;
};
template <>
struct Arithmetic<c10::BFloat16> : ArithmeticOf16Bits {};
template <>
struct Arithmetic<c10::Half> : ArithmeticOf16Bits {};

template <typename T>
using Computed = typename Arithmetic<T>::Computed;
template <typename T>
using Summed = typename Arithmetic<T>::Summed;

template <typename Vector>
constexpr int64_t kLength = sizeof(Vector) / sizeof(Vector{}[0]);

// Vectors go by reference: by value their calling convention would depend on the instruction set.
STRATA_INLINE void load(const float* from, Doubles& to) {
  to = __builtin_convertvector(*reinterpret_cast<const PackedHalfOfFloats*>(from), Doubles);
}
STRATA_INLINE void load(const double* from, Doubles& to) { to = *reinterpret_cast<const PackedDoubles*>(from); }
STRATA_INLINE void load(const float* from, Floats& to) { to = *reinterpret_cast<const PackedFloats*>(from); }
// The upper half of a float's bits.
STRATA_INLINE void load(const c10::BFloat16* from, Floats& to) {
  const Words words = __builtin_convertvector(*reinterpret_cast<const PackedHalfOfWords*>(from), Words) << 16;
  to = __builtin_bit_cast(Floats, words);
}
STRATA_INLINE void load(const c10::BFloat16* from, Doubles& to) {
  const HalfOfWords words = __builtin_convertvector(*reinterpret_cast<const PackedQuarterOfWords*>(from), HalfOfWords) << 16;
  to = __builtin_convertvector(__builtin_bit_cast(HalfOfFloats, words), Doubles);
}
template <typename Vector>
STRATA_INLINE void load(const c10::Half* from, Vector& to) {
  for (int64_t l = 0; l < kLength<Vector>; ++l) to[l] = static_cast<float>(from[l]);
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

// The value, or the ReLU of it. Comparisons of floats might trap, so GCC makes no vectors of loops that have them and more.
template <Relu relu, typename V, typename T>
STRATA_INLINE void store_output(V value, T& to) {
  store(relu == Relu::kYes && value < 0 ? 0 : value, to);
}
template <Relu relu>
STRATA_INLINE void store_output(float value, c10::BFloat16& to) {
  store(value, to);
  const int negative = to.x >> 15;
  if constexpr (relu == Relu::kYes) to.x = static_cast<uint16_t>(to.x & (negative - 1));
}

// dy where the ReLU let through
template <typename T>
STRATA_INLINE Computed<T> let_through(T dy, T relu_output) {
  return relu_output <= 0 ? 0 : static_cast<Computed<T>>(dy);
}
STRATA_INLINE float let_through(c10::BFloat16 dy, c10::BFloat16 relu_output) {
  const uint32_t mask = relu_output.x == 0 ? 0 : ~uint32_t{0};
  return __builtin_bit_cast(float, (uint32_t{dy.x} << 16) & mask);
}

template <typename Vector>
STRATA_INLINE void add_to(double* sums, const Vector* values) {
  for (int64_t l = 0; l < kLanes; ++l) sums[l] += values[l / kLength<Vector>][l % kLength<Vector>];
}

// sums[0, width) += x, sums[width, 2 width) += x^2
template <typename T>
STRATA_INLINE void add_moments(const T* x, int64_t rows, int64_t width, double* sums) {
  constexpr int64_t kVectors = kLanes / kLength<Doubles>;
  for (int64_t lane = 0; lane < width; lane += kLanes) {
    Doubles sum[kVectors] = {}, squares[kVectors] = {};
    for (const T* row = x + lane; row < x + rows * width; row += width) {
      __builtin_prefetch(row + kAhead);
#pragma GCC unroll 4
      for (int64_t v = 0; v < kVectors; ++v) {
        Doubles value;
        load(row + kLength<Doubles> * v, value);
        sum[v] += value;
        squares[v] += value * value;
      }
    }
    add_to(sums + lane, sum);
    add_to(sums + width + lane, squares);
  }
}

// sums[0, width) += dy, sums[width, 2 width) += dy (x - mean); dy only where the ReLU let through
template <Relu relu, typename T>
STRATA_INLINE void add_gradient_sums(const T* x, const T* dy, const T* relu_output, int64_t rows, int64_t width,
                                     const Summed<T>* mean, double* sums) {
  using Vector = typename Arithmetic<T>::SumVector;
  constexpr int64_t kVectors = kLanes / kLength<Vector>;
  for (int64_t lane = 0; lane < width; lane += kLanes) {
    Vector sum[kVectors] = {}, products[kVectors] = {}, center[kVectors];
    for (int64_t v = 0; v < kVectors; ++v) load(mean + lane + kLength<Vector> * v, center[v]);
    for (int64_t at = lane; at < rows * width; at += width) {
      __builtin_prefetch(x + at + kAhead);
      __builtin_prefetch(dy + at + kAhead);
      if constexpr (relu == Relu::kYes) __builtin_prefetch(relu_output + at + kAhead);
#pragma GCC unroll 4
      for (int64_t v = 0; v < kVectors; ++v) {
        Vector value, gradient;
        load(x + at + kLength<Vector> * v, value);
        load(dy + at + kLength<Vector> * v, gradient);
        if constexpr (relu == Relu::kYes) {
          Vector output;
          load(relu_output + at + kLength<Vector> * v, output);
          gradient = output <= 0 ? Vector{} : gradient;
        }
        sum[v] += gradient;
        products[v] += gradient * (value - center[v]);
      }
    }
    add_to(sums + lane, sum);
    add_to(sums + width + lane, products);
  }
}

// What is stored of a value, as a value again.
template <typename T>
STRATA_INLINE Computed<T> rounded(Computed<T> value) {
  T stored;
  store(value, stored);
  return static_cast<Computed<T>>(stored);
}

// y = x scale + shift, or that plus the residual, or the ReLU of it: each rounded, as if it were stored.
template <Relu relu, Residual add, typename T>
STRATA_INLINE void scale_and_shift(const T* __restrict x, const T* __restrict residual, int64_t rows, int64_t width,
                                   const Computed<T>* __restrict scale, const Computed<T>* __restrict shift, T* __restrict y) {
  for (; rows > 0; --rows, x += width, y += width) {
    for (int64_t l = 0; l < width; ++l) {
      Computed<T> value = static_cast<Computed<T>>(x[l]) * scale[l] + shift[l];
      if constexpr (add == Residual::kYes) value = rounded<T>(value) + static_cast<Computed<T>>(residual[l]);
      store_output<relu>(value, y[l]);
    }
    if constexpr (add == Residual::kYes) residual += width;
  }
}

// dx = dy a + (x - mean) b + c; dy only where the ReLU let through
template <Relu relu, typename T>
STRATA_INLINE void combine_gradient(const T* __restrict x, const T* __restrict dy, const T* __restrict relu_output, int64_t rows,
                                    int64_t width, const Computed<T>* __restrict mean, const Computed<T>* __restrict a,
                                    const Computed<T>* __restrict b, const Computed<T>* __restrict c, T* __restrict dx) {
  for (; rows > 0; --rows, x += width, dy += width, dx += width) {
    for (int64_t l = 0; l < width; ++l) {
      const auto value = static_cast<Computed<T>>(x[l]);
      Computed<T> gradient;
      if constexpr (relu == Relu::kYes) {
        gradient = let_through(dy[l], relu_output[l]);
      } else {
        gradient = static_cast<Computed<T>>(dy[l]);
      }
      store(gradient * a[l] + (value - mean[l]) * b[l] + c[l], dx[l]);
    }
    if constexpr (relu == Relu::kYes) relu_output += width;
  }
}

}  // namespace strata
