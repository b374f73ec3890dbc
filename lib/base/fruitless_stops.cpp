#include "base/fruitless_stops.h"

#include "base/error.h"
#include "base/files.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

namespace strata {
namespace {

struct Count {
  uint64_t done = 0;
  int stops = 0;
};

Count read_count(const fs::path& file) {
  Count count;
  try {
    std::istringstream text(read_text_file(file));
    text >> count.done >> count.stops;
  } catch (const Error&) {
    return {};
  }
  return count;
}

}  // namespace

void count_stop(const fs::path& file, uint64_t done, const std::string& advice) {
  Count count = read_count(file);
  count.stops = done > count.done ? 0 : count.stops + 1;
  count.done = std::max(done, count.done);
  if (count.stops < kMostFruitlessStops) {
    write_file_atomically(file, fmt::format("{} {}\n", count.done, count.stops));
    return;
  }
  std::error_code ignored;  // a new chain of jobs begins to count anew
  fs::remove(file, ignored);
  throw PeerLost(
      fmt::format("no progress in {} starts: each was stopped before it had finished anything. Starting again will not help; {}",
                  count.stops, advice));
}

}  // namespace strata
