#pragma once
// A run on one page: what happened, how far it is, when it will be done. From files alone, while the run goes on or not; needs
// neither MPI nor Torch, and writes nothing.

#include <cstdint>
#include <filesystem>
#include <string>

namespace strata {

// Text of many lines. `job_seconds`: length of the jobs to come; 0: that of the newest start. MissingInput where the directory is
// no run.
std::string run_status_text(const std::filesystem::path& run, double job_seconds);

}  // namespace strata
