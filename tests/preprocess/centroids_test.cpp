#include "preprocess/centroids.h"

#include "base/error.h"

#include <gmock/gmock.h>

namespace strata::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr uint8_t kIgnored = 255;

TEST(Centroids, AreTruncatedCentresOfMass) {
  Image ids(4, 4, 1, kIgnored);
  ids.at(0, 0) = ids.at(0, 3) = ids.at(1, 3) = 1;  // x: 6/3, y: 1/3
  ids.at(3, 1) = ids.at(3, 2) = 0;                 // x: 3/2
  EXPECT_THAT(find_centroids(ids, 2, 4, TileRule::kReference), ElementsAre(Centroid{0, 1, 3}, Centroid{1, 2, 0}));
}

TEST(Centroids, ComeTileByTileRowByRow) {
  const Image ids(4, 6, 1, 0);
  EXPECT_THAT(find_centroids(ids, 1, 2, TileRule::kReference),
              ElementsAre(Centroid{0, 0, 0}, Centroid{0, 2, 0}, Centroid{0, 4, 0}, Centroid{0, 0, 2}, Centroid{0, 2, 2},
                          Centroid{0, 4, 2}));
}

TEST(Centroids, CoverTheStripsThatTheReferenceLeavesOut) {
  Image ids(5, 7, 1, kIgnored);
  ids.at(4, 6) = 3;  // in the corner that no whole tile of 4 px reaches
  EXPECT_THAT(find_centroids(ids, 4, 4, TileRule::kReference), IsEmpty());
  EXPECT_THAT(find_centroids(ids, 4, 4, TileRule::kCover), ElementsAre(Centroid{3, 6, 4}));
}

TEST(Centroids, TakeAFrameSmallerThanATileAsOneTile) {
  const Image ids(3, 5, 1, 2);
  EXPECT_THAT(find_centroids(ids, 3, 1024, TileRule::kCover), ElementsAre(Centroid{2, 2, 1}));
  EXPECT_THAT(find_centroids(ids, 3, 1024, TileRule::kReference), IsEmpty());
}

TEST(Centroids, AreTheSameByBothRulesWhereTilesFit) {
  Image ids(8, 8, 1);
  for (size_t i = 0; i < ids.pixels.size(); ++i) ids.pixels[i] = static_cast<uint8_t>(i * 7 % 5);
  EXPECT_EQ(find_centroids(ids, 5, 4, TileRule::kCover), find_centroids(ids, 5, 4, TileRule::kReference));
}

TEST(Centroids, KnowTheirRulesByName) {
  EXPECT_EQ(parse_tile_rule("cover"), TileRule::kCover);
  EXPECT_EQ(parse_tile_rule("reference"), TileRule::kReference);
  EXPECT_THROW(parse_tile_rule("whole"), ConfigError);
}

}  // namespace
}  // namespace strata::testing
