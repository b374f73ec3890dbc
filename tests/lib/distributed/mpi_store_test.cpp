#include "distributed/mpi_store.h"

#include <gtest/gtest.h>

namespace strata {
namespace {

std::vector<uint8_t> bytes(const std::string& text) { return {text.begin(), text.end()}; }

TEST(MpiStore, HandsWhatRankZeroSetsToTheOtherRanks) {
  const Communicator world = Communicator::world();
  MpiStore store(world);
  if (world.is_root()) {
    store.set("0", bytes("first id"));
    store.set("1", bytes(std::string("with\0null", 9)));
  }
  EXPECT_EQ(store.get("0"), bytes("first id"));
  EXPECT_EQ(store.get("0"), bytes("first id"));  // known by now, no message
  EXPECT_EQ(store.get("1"), bytes(std::string("with\0null", 9)));
}

TEST(MpiStore, KeepsKeysThatArriveBeforeTheOneAskedFor) {
  const Communicator world = Communicator::world();
  MpiStore store(world);
  if (world.is_root()) {
    store.set("0", bytes("a"));
    store.set("1", bytes("b"));
  }
  EXPECT_EQ(store.get("1"), bytes("b"));
  EXPECT_EQ(store.get("0"), bytes("a"));
  EXPECT_FALSE(store.check({"exception_dump"}));  // c10d's watchdog asks; local
}

}  // namespace
}  // namespace strata
