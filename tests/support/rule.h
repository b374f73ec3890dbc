#pragma once
// Weights and inputs by rule, so that no fixture has to carry millions of numbers: SplitMix64 with a counter, seeded by the
// tensor's name.

#include <cstdint>
#include <string>
#include <vector>

namespace strata::testing {

uint64_t fnv1a64(const std::string& text);
// n values in [-1, 1).
std::vector<double> uniform(uint64_t seed, size_t n);
// Values of the parameter or buffer `name` of this shape, rounded to float32: running_mean 0.1 v; running_var 1 + 0.5 v;
// num_batches_tracked 0; other 1-d *.weight 0.6 + 0.2 v; other 1-d 0.2 v; more dimensions v * sqrt(5 / product(shape[1:])).
std::vector<float> rule_values(const std::string& name, const std::vector<int64_t>& shape);

}  // namespace strata::testing
