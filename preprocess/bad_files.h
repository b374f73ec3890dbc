#pragma once
// Input that cannot be used: what was found on any rank, and when it is too much.

#include "comm/communicator.h"
#include "preprocess/encoded_sample.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace strata {

class BadFiles {
 public:
  // At most `max_frames` unreadable frames are left out; `known_frames` of them were in shards finished earlier.
  // `list`: file that each new one is written to, a line a file; lines that stand there already are not repeated.
  BadFiles(int max_frames, uint64_t known_frames, std::filesystem::path list)
      : max_frames_(max_frames), frames_(known_frames), list_(std::move(list)) {}

  // Frames left out so far, in earlier starts too.
  uint64_t frames() const { return frames_; }

  // Collective: `here` is what this rank met, if anything. Each new file is logged once. DataError on all ranks, listing what
  // this run met, where a label file is bad or the frames are too many.
  void report(const Communicator& comm, const std::optional<BadFile>& here);

 private:
  void write_to_list(const std::vector<std::string>& messages) const;

  int max_frames_;
  uint64_t frames_;
  std::filesystem::path list_;
  std::vector<std::string> messages_;
};

}  // namespace strata
