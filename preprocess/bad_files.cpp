#include "preprocess/bad_files.h"

#include "base/error.h"
#include "base/log.h"

#include <fmt/format.h>

namespace strata {

namespace {
enum Count { kBadFrames, kBadLabels };
}  // namespace

void BadFiles::report(const Communicator& comm, const std::optional<BadFile>& here) {
  int64_t counts[2] = {};
  if (here) ++counts[here->kind == BadFile::Kind::kFrame ? kBadFrames : kBadLabels];
  comm.sum(counts);
  if (counts[kBadFrames] + counts[kBadLabels] == 0) return;
  for (const std::string& message : comm.all_gather(here ? here->message : "")) {
    if (message.empty()) continue;
    messages_.push_back(message);
    if (comm.is_root()) log_warning("bad input: {}", message);
  }
  frames_ += static_cast<uint64_t>(counts[kBadFrames]);
  if (counts[kBadLabels] == 0 && frames_ <= static_cast<uint64_t>(max_frames_)) return;
  throw DataError(
      fmt::format("input that cannot be used:\n  {}\nReplace these files and repeat the command: finished shards are kept. {}",
                  fmt::join(messages_, "\n  "),
                  counts[kBadLabels] > 0
                      ? "Bad labels are never left out, they would falsify every result"
                      : fmt::format("Or leave up to N unreadable frames out with --max-bad N (now {})", max_frames_)),
      ErrorScope::kAllRanks);
}

}  // namespace strata
