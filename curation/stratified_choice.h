#pragma once
// Which samples stand for all: iterative stratification (Sechidis, Tsoumakas, Vlahavas 2011) for images that hold several
// classes.

#include <cstddef>
#include <cstdint>
#include <vector>

namespace strata {

// `classes_of[i]`: classes that sample i holds. Chooses `count` of the samples such that of each class's images nearly the share
// count / n is chosen, the rarest classes first. Ascending; a pure function of its arguments. InternalError where count > n.
//
// Differs from the paper in one thing: a side that has all its samples takes no more, so the number is exact.
std::vector<size_t> choose_stratified(const std::vector<std::vector<uint16_t>>& classes_of, size_t count, uint64_t seed);

}  // namespace strata
