#include "support/rule.h"

#include <cmath>

namespace strata::testing {

uint64_t fnv1a64(const std::string& text) {
  uint64_t hash = 0xcbf29ce484222325ull;
  for (unsigned char c : text) hash = (hash ^ c) * 0x100000001b3ull;
  return hash;
}

std::vector<double> uniform(uint64_t seed, size_t n) {
  std::vector<double> values(n);
  for (size_t i = 0; i < n; ++i) {
    uint64_t z = seed + (i + 1) * 0x9E3779B97F4A7C15ull;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    z ^= z >> 31;
    values[i] = static_cast<double>(z >> 11) * 0x1p-53 * 2.0 - 1.0;
  }
  return values;
}

namespace {
bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}
}  // namespace

std::vector<float> rule_values(const std::string& name, const std::vector<int64_t>& shape) {
  size_t n = 1;
  for (int64_t extent : shape) n *= static_cast<size_t>(extent);
  std::vector<float> values(n);
  if (ends_with(name, "num_batches_tracked")) return values;
  double scale = 0.2, shift = 0.0;
  if (ends_with(name, "running_mean")) {
    scale = 0.1;
  } else if (ends_with(name, "running_var")) {
    scale = 0.5;
    shift = 1.0;
  } else if (shape.size() >= 2) {
    scale = std::sqrt(5.0 / (static_cast<double>(n) / static_cast<double>(shape[0])));
  } else if (ends_with(name, ".weight")) {
    shift = 0.6;
  }
  const std::vector<double> v = uniform(fnv1a64(name), n);
  for (size_t i = 0; i < n; ++i) values[i] = static_cast<float>(shift + scale * v[i]);
  return values;
}

}  // namespace strata::testing
