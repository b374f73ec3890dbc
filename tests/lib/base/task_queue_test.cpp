#include "base/task_queue.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <vector>

namespace strata {
namespace {

TEST(TaskQueue, DoesWorkInOrderBesideTheCaller) {
  std::vector<int> order;
  std::atomic<bool> go = false;
  TaskQueue queue;
  queue.submit([&] {
    while (!go) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    order.push_back(1);
  });
  queue.submit([&] { order.push_back(2); });
  EXPECT_FALSE(queue.idle());
  go = true;
  queue.wait();
  EXPECT_TRUE(queue.idle());
  EXPECT_EQ(order, (std::vector{1, 2}));
}

TEST(TaskQueue, SaysWhetherWorkIsLeft) {
  std::atomic<bool> go = false;
  TaskQueue queue;
  EXPECT_TRUE(queue.finish_within(0));
  queue.submit([&] {
    while (!go) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  });
  EXPECT_FALSE(queue.finish_within(0.01));
  go = true;
  EXPECT_TRUE(queue.finish_within(60));
}

TEST(TaskQueue, FinishesItsWorkBeforeItIsDestroyed) {
  bool done = false;
  {
    TaskQueue queue;
    queue.submit([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      done = true;
    });
  }
  EXPECT_TRUE(done);
}

TEST(TaskQueue, ReportsAFailureOnceAndDropsWhatWasToFollow) {
  TaskQueue queue;
  bool followed = false;
  queue.submit([] { throw std::runtime_error("disk full"); });
  queue.submit([&] { followed = true; });
  EXPECT_THROW(queue.wait(), std::runtime_error);
  EXPECT_FALSE(followed);
  queue.submit([&] { followed = true; });
  EXPECT_NO_THROW(queue.wait());
  EXPECT_TRUE(followed);
}

}  // namespace
}  // namespace strata
