#include "config/nearest.h"

#include <gmock/gmock.h>

namespace strata {
namespace {

TEST(EditDistance, CountsTheFewestEdits) {
  EXPECT_EQ(edit_distance("", "abc"), 3u);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
  EXPECT_EQ(edit_distance("momentum", "momentmu"), 1u);
  EXPECT_EQ(edit_distance("same", "same"), 0u);
}

TEST(NearestKey, FindsMisspeltAndMisplacedKeys) {
  const std::vector<std::string> known = {"data", "optimizer.lr", "optimizer.momentum", "loader.threads", "schedule.epochs"};
  EXPECT_EQ(nearest_key("optimizer.lrr", known), "optimizer.lr");
  EXPECT_EQ(nearest_key("lr", known), "optimizer.lr");
  EXPECT_EQ(nearest_key("training.epochs", known), "schedule.epochs");
  EXPECT_EQ(nearest_key("optimizer.momentun", known), "optimizer.momentum");
  EXPECT_EQ(nearest_key("dta", known), "data");
  EXPECT_EQ(nearest_key("frobnicate", known), std::nullopt);
}

}  // namespace
}  // namespace strata
