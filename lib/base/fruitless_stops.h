#pragma once
// Chains of jobs that requeue themselves must not spin: a program that was stopped early and has nothing to show for it, again
// and again, ends with an error instead of asking to be started once more.

#include <cstdint>
#include <filesystem>
#include <string>

namespace strata {

inline constexpr int kMostFruitlessStops = 3;

// To be called at a stop. `done`: what is done, in any unit that grows with progress. The count of stops in a row that found no
// more done than the one before is kept in `file`; at the third PeerLost (71): "no progress in 3 starts", with `advice`. A file
// that cannot be read counts as none; one that cannot be written is IoError or CannotCreate.
void count_stop(const std::filesystem::path& file, uint64_t done, const std::string& advice);

}  // namespace strata
