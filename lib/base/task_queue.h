#pragma once
// Work beside the caller, one piece after another, in the order of submission.

#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>

namespace strata {

class TaskQueue {
 public:
  TaskQueue();
  // Waits for all work; an error that nobody asked for is lost.
  ~TaskQueue();
  TaskQueue(const TaskQueue&) = delete;
  TaskQueue& operator=(const TaskQueue&) = delete;

  // Returns at once. After a failure, what was submitted before rethrow() is dropped.
  void submit(std::function<void()> work);
  // Until nothing is left to do.
  void finish();
  // The same for `seconds` at most; false where something is left.
  bool finish_within(double seconds);
  // finish(), then rethrow().
  void wait();
  // Throws the first error since the last call, if there was one.
  void rethrow();
  bool idle() const;

 private:
  void run();

  mutable std::mutex mutex_;
  std::condition_variable wake_, done_;
  std::deque<std::function<void()>> waiting_;
  bool busy_ = false, ending_ = false;
  std::exception_ptr error_;
  std::thread thread_;
};

}  // namespace strata
