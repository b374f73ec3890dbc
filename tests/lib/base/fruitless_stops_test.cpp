#include "base/fruitless_stops.h"

#include "base/error.h"
#include "base/files.h"
#include "support/paths.h"

#include <gtest/gtest.h>

namespace strata {
namespace {

TEST(FruitlessStops, TheThirdInARowIsAnErrorAndThenCountingBeginsAnew) {
  testing::ScratchDirectory scratch;
  const auto stop = [&](uint64_t done) { count_stop(scratch / "stops", done, "use more time"); };
  for (int chain = 0; chain < 2; ++chain) {
    EXPECT_NO_THROW(stop(0));
    EXPECT_NO_THROW(stop(0));
    EXPECT_THROW(stop(0), PeerLost);
  }
}

TEST(FruitlessStops, ProgressSetsTheCountBack) {
  testing::ScratchDirectory scratch;
  const auto stop = [&](uint64_t done) { count_stop(scratch / "stops", done, "use more time"); };
  for (uint64_t done = 0; done < 6; ++done) {
    EXPECT_NO_THROW(stop(done));
    EXPECT_NO_THROW(stop(done));
  }
  EXPECT_NO_THROW(stop(3));  // something was lost and made again: no progress
  EXPECT_THROW(stop(5), PeerLost);
}

TEST(FruitlessStops, ADamagedCountIsNone) {
  testing::ScratchDirectory scratch;
  write_file_atomically(scratch / "stops", std::string_view("\xff\xfe"));
  EXPECT_NO_THROW(count_stop(scratch / "stops", 0, ""));
}

}  // namespace
}  // namespace strata
