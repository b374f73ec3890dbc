#include "comm/agreement.h"

#include <gmock/gmock.h>

#include <new>

namespace strata {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

// What agree() throws here, with what `work` does on each rank.
std::optional<Error> agreed_error(const std::function<void()>& work) {
  try {
    agree(Communicator::world(), work);
  } catch (const Error& e) {
    return e;
  }
  return std::nullopt;
}

TEST(Agreement, NothingIsThrownWhereNoRankFails) {
  EXPECT_FALSE(agreed_error([] {}));
}

TEST(Agreement, AFailureOfOneRankReachesAll) {
  const Communicator world = Communicator::world();
  const int failing = world.size() - 1;
  const auto error = agreed_error([&] {
    if (world.rank() == failing) throw MissingInput("no such shard");
  });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), ExitCode::kMissingInput);
  EXPECT_EQ(error->scope(), ErrorScope::kAllRanks);
  EXPECT_THAT(error->what(), HasSubstr("no such shard"));
  if (world.size() > 1) {
    EXPECT_THAT(error->what(), StartsWith("rank " + std::to_string(failing) + " on "));
  } else {
    EXPECT_STREQ(error->what(), "no such shard");
  }
}

TEST(Agreement, TheLowestFailingRankWins) {
  const Communicator world = Communicator::world();
  const auto error = agreed_error([&] {
    if (world.rank() == 0) throw DataError("first");
    throw IoError("later");
  });
  EXPECT_EQ(error->code(), ExitCode::kData);
  EXPECT_THAT(error->what(), HasSubstr("first"));
}

TEST(Agreement, TheTypeOfTheErrorBelongsToItsCode) {
  EXPECT_THROW(agree(Communicator::world(), [] { throw ConfigError("x"); }), ConfigError);
  EXPECT_THROW(agree(Communicator::world(), [] { throw std::bad_alloc(); }), InternalError);
}

TEST(Agreement, AnErrorAgreedBeforeIsNotPrefixedAgain) {
  const Communicator world = Communicator::world();
  const auto error = agreed_error([&] { on_root(world, [] { throw DataError("inner"); }); });
  EXPECT_EQ(error->code(), ExitCode::kData);
  const std::string message = error->what();
  EXPECT_EQ(message.find("rank 0"), message.rfind("rank 0"));
}

TEST(Agreement, OnRootRunsOnceAndFailsEverywhere) {
  const Communicator world = Communicator::world();
  int64_t calls = 0;
  on_root(world, [&] { ++calls; });
  EXPECT_EQ(world.sum(calls), 1);
  EXPECT_THROW(on_root(world, [] { throw CannotCreate("x"); }), CannotCreate);
}

TEST(Agreement, ASerialGroupThrowsWhatItsWorkThrew) {
  EXPECT_THROW(agree(Communicator(), [] { throw FormatError("x"); }), FormatError);
  EXPECT_NO_THROW(on_root(Communicator(), [] {}));
}

}  // namespace
}  // namespace strata
