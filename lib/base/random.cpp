#include "base/random.h"

#include <cmath>
#include <numbers>
#include <numeric>
#include <utility>

namespace strata {

namespace {
constexpr uint64_t kGolden = 0x9E3779B97F4A7C15ull;  // 2^64 / golden ratio
}

RandomStream::RandomStream(const RandomKey& key) : state_(0) {
  for (uint64_t word : {key.seed, key.epoch, key.sample, static_cast<uint64_t>(key.purpose)})
    state_ = mix64((state_ ^ word) + kGolden);
}

double RandomStream::uniform() { return static_cast<double>((*this)() >> 11) * 0x1p-53; }

double RandomStream::uniform(double low, double high) {
  const double value = low + (high - low) * uniform();
  return value < high ? value : low;  // rounding can reach high
}

uint64_t RandomStream::below(uint64_t n) {
  const uint64_t surplus = -n % n;  // 2^64 mod n: words below it would favour small results
  for (;;) {
    const uint64_t word = (*this)();
    if (word >= surplus) return word % n;
  }
}

int64_t RandomStream::between(int64_t low, int64_t high) {
  const uint64_t count = static_cast<uint64_t>(high) - static_cast<uint64_t>(low) + 1;  // 0: all of int64
  const uint64_t offset = count == 0 ? (*this)() : below(count);
  return static_cast<int64_t>(static_cast<uint64_t>(low) + offset);
}

double RandomStream::normal() {
  const double radius = std::sqrt(-2.0 * std::log1p(-uniform()));
  return radius * std::cos(2.0 * std::numbers::pi * uniform());
}

std::vector<uint32_t> random_permutation(size_t n, const RandomKey& key) {
  std::vector<uint32_t> order(n);
  std::iota(order.begin(), order.end(), 0u);
  RandomStream stream(key);
  for (size_t left = n; left > 1; --left) std::swap(order[left - 1], order[stream.below(left)]);
  return order;
}

}  // namespace strata
