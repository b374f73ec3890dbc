#include "preprocess/bad_files.h"

#include "base/error.h"
#include "base/files.h"
#include "base/log.h"
#include "comm/agreement.h"

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
  std::vector<std::string> met;
  for (const std::string& message : comm.all_gather(here ? here->message : "")) {
    if (message.empty()) continue;
    met.push_back(message);
    if (comm.is_root()) log_warning("bad input: {}", message);
  }
  on_root(comm, [&] { write_to_list(met); });
  messages_.insert(messages_.end(), met.begin(), met.end());
  frames_ += static_cast<uint64_t>(counts[kBadFrames]);
  if (counts[kBadLabels] == 0 && frames_ <= static_cast<uint64_t>(max_frames_)) return;
  throw DataError(fmt::format("input that cannot be used (also listed in {}):\n  {}\nReplace these files and repeat the command: "
                              "finished shards are kept. {}",
                              list_.string(), fmt::join(messages_, "\n  "),
                              counts[kBadLabels] > 0
                                  ? "Bad labels are never left out, they would falsify every result"
                                  : fmt::format("Or leave up to N unreadable frames out with --max-bad N (now {})", max_frames_)),
                  ErrorScope::kAllRanks);
}

void BadFiles::write_to_list(const std::vector<std::string>& messages) const {
  std::error_code error;
  std::string text = fs::exists(list_, error) ? read_text_file(list_) : "";
  for (const std::string& message : messages) {
    if (("\n" + text).find("\n" + message + "\n") == std::string::npos) text += message + "\n";
  }
  write_file_atomically(list_, text);
}

}  // namespace strata
