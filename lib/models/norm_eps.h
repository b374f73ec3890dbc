#pragma once

namespace strata {

// Added to the variance in every batch norm, as in the reference.
inline constexpr double kNormEps = 1e-5;

}  // namespace strata
