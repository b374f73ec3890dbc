#include "comm/communicator.h"

#include "base/clock.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <chrono>
#include <thread>

namespace strata {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(SerialCommunicator, IsAGroupOfOneWithoutMpi) {
  const Communicator serial;
  EXPECT_EQ(serial.rank(), 0);
  EXPECT_EQ(serial.size(), 1);
  EXPECT_TRUE(serial.is_root());
  EXPECT_EQ(serial.mpi(), MPI_COMM_NULL);
  serial.barrier();
  EXPECT_EQ(serial.sum(int64_t{3}), 3);
  EXPECT_EQ(serial.broadcast(std::string("text")), "text");
  EXPECT_THAT(serial.gather("a"), ElementsAre("a"));
  EXPECT_THAT(serial.all_gather("a"), ElementsAre("a"));
  EXPECT_EQ(serial.duplicate().split(1).split_by_node().size(), 1);
}

TEST(Communicator, ReductionsTakeEveryRank) {
  const Communicator world = Communicator::world();
  const int64_t n = world.size(), r = world.rank();
  EXPECT_EQ(world.sum(r + 1), n * (n + 1) / 2);
  EXPECT_EQ(world.max(r), n - 1);
  EXPECT_EQ(world.min(r), 0);
  EXPECT_DOUBLE_EQ(world.sum(0.5), 0.5 * static_cast<double>(n));
  std::vector<int64_t> large(3, int64_t{1} << 60);
  if (!world.is_root()) std::fill(large.begin(), large.end(), 7);
  world.sum(large);
  EXPECT_THAT(large, Each((int64_t{1} << 60) + 7 * (n - 1)));  // not through doubles
  std::vector<double> values = {static_cast<double>(r), -static_cast<double>(r)};
  world.max(values);
  EXPECT_THAT(values, ElementsAre(static_cast<double>(n - 1), 0.0));
}

TEST(Communicator, BroadcastTakesTheRootsValue) {
  const Communicator world = Communicator::world();
  const int last = world.size() - 1;
  EXPECT_EQ(world.broadcast(static_cast<int64_t>(world.rank()), last), last);
  EXPECT_EQ(world.broadcast(std::string(static_cast<size_t>(world.rank()), 'x')), "");
  EXPECT_EQ(world.broadcast(std::string(static_cast<size_t>(world.rank()), 'x'), last),
            std::string(static_cast<size_t>(last), 'x'));
}

TEST(Communicator, GatherKeepsRankOrderAndAnyBytes) {
  const Communicator world = Communicator::world();
  const auto text = [](int rank) { return std::string(static_cast<size_t>(rank) * 100'000, '\0') + std::to_string(rank); };
  const std::vector<std::string> at_root = world.gather(text(world.rank())), everywhere = world.all_gather(text(world.rank()));
  ASSERT_EQ(everywhere.size(), static_cast<size_t>(world.size()));
  for (int r = 0; r < world.size(); ++r) EXPECT_EQ(everywhere[static_cast<size_t>(r)], text(r));
  if (world.is_root()) {
    EXPECT_EQ(at_root, everywhere);
  } else {
    EXPECT_THAT(at_root, IsEmpty());
  }
  EXPECT_THAT(world.all_gather(""), Each(""));
}

TEST(Communicator, APatientOneGivesTheSame) {
  const Communicator world = Communicator::world(), patient = world.patient();
  const int64_t r = world.rank();
  const std::string text = std::to_string(r);
  patient.barrier();
  EXPECT_EQ(patient.sum(r), world.sum(r));
  EXPECT_EQ(patient.max(r), world.max(r));
  EXPECT_EQ(patient.broadcast(text, world.size() - 1), world.broadcast(text, world.size() - 1));
  EXPECT_EQ(patient.gather(text), world.gather(text));
  EXPECT_EQ(patient.all_gather(text), world.all_gather(text));
  EXPECT_EQ(Communicator().patient().sum(r), r);
}

TEST(Communicator, APatientOneSleepsUntilAllAreThere) {
  const Communicator patient = Communicator::world().patient();
  patient.barrier();
  const double begin = thread_cpu_seconds();
  if (patient.is_root()) std::this_thread::sleep_for(std::chrono::seconds(1));
  patient.barrier();
  EXPECT_LT(thread_cpu_seconds() - begin, 0.3);
}

TEST(Communicator, SplitGroupsByColourInRankOrder) {
  const Communicator world = Communicator::world();
  const Communicator part = world.split(world.rank() % 2);
  EXPECT_EQ(part.size(), (world.size() + 1 - world.rank() % 2) / 2);
  EXPECT_EQ(part.rank(), world.rank() / 2);
  EXPECT_EQ(world.split_by_node().size(), world.size());
}

TEST(Communicator, DuplicateHasAContextOfItsOwn) {
  const Communicator world = Communicator::world(), copy = world.duplicate();
  EXPECT_EQ(copy.size(), world.size());
  EXPECT_NE(copy.mpi(), world.mpi());
  int result = 0;
  MPI_Comm_compare(copy.mpi(), world.mpi(), &result);
  EXPECT_EQ(result, MPI_CONGRUENT);
}

}  // namespace
}  // namespace strata
