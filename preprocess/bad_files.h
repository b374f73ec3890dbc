#pragma once
// Input that cannot be used: what was found on any rank, and when it is too much.

#include "comm/communicator.h"
#include "preprocess/encoded_sample.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace strata {

class BadFiles {
 public:
  // At most `max_frames` unreadable frames are left out; `known_frames` of them were in shards finished earlier.
  BadFiles(int max_frames, uint64_t known_frames) : max_frames_(max_frames), frames_(known_frames) {}

  // Collective: `here` is what this rank met, if anything. Each new file is logged once. DataError on all ranks, listing what
  // this run met, where a label file is bad or the frames are too many.
  void report(const Communicator& comm, const std::optional<BadFile>& here);

 private:
  int max_frames_;
  uint64_t frames_;
  std::vector<std::string> messages_;
};

}  // namespace strata
