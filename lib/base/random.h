#pragma once
// Counter-based random numbers: a stream is a pure function of its key, so that nothing has to be saved to resume and
// nothing depends on which rank or thread draws.

#include <cstddef>
#include <cstdint>
#include <vector>

namespace strata {

// SplitMix64's finaliser: a bijection of 64-bit words with full avalanche (Steele, Lea, Flood 2014).
constexpr uint64_t mix64(uint64_t z) {
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
  return z ^ (z >> 31);
}

// What a draw is for. Values are part of the bit-identity promise: never renumber, only append.
enum class Purpose : uint32_t {
  kEpochOrder = 1,
  kClassSample,
  kUniformSample,
  kScale,
  kCrop,
  kFlip,
  kColour,
  kBlur,
  kDropout,
  kInit,
  kScene,
  kRandAugment,
};

// Key (run seed, epoch, sample, purpose). Sample is whatever index identifies the draw within the epoch.
struct RandomKey {
  uint64_t seed = 0;
  uint64_t epoch = 0;
  uint64_t sample = 0;
  Purpose purpose = Purpose::kEpochOrder;
};

// A stream of numbers fixed by its key. Copyable; satisfies UniformRandomBitGenerator.
class RandomStream {
 public:
  using result_type = uint64_t;

  explicit RandomStream(const RandomKey& key);
  explicit RandomStream(uint64_t seed) : state_(mix64(seed)) {}

  static constexpr uint64_t min() { return 0; }
  static constexpr uint64_t max() { return ~0ull; }
  uint64_t operator()() { return mix64(state_ += 0x9E3779B97F4A7C15ull); }

  double uniform();                            // [0, 1)
  double uniform(double low, double high);     // [low, high)
  uint64_t below(uint64_t n);                  // 0..n-1 without bias; n > 0
  int64_t between(int64_t low, int64_t high);  // low..high inclusive
  double normal();                             // mean 0, deviation 1 (Box-Muller)

 private:
  uint64_t state_;
};

// A permutation of 0..n-1 fixed by the key (Fisher-Yates over RandomStream).
std::vector<uint32_t> random_permutation(size_t n, const RandomKey& key);

}  // namespace strata
