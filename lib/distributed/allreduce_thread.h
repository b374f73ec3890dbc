#pragma once
// Non-blocking sums over ranks that go forward while the caller computes. Open MPI moves data only inside its calls, so a thread
// of its own makes them.

#include "comm/communicator.h"

#include <mpi.h>

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace strata {

// One request: `count` values of `type` at `data`, summed in place. The memory stays valid until `done` ran, on the thread.
struct AllreduceRequest {
  void* data = nullptr;
  int count = 0;
  MPI_Datatype type = MPI_DATATYPE_NULL;
  std::function<void()> done;
};

class AllreduceThread {
 public:
  // Collective: the thread talks on a duplicate of `comm`. Needs MPI_THREAD_MULTIPLE.
  explicit AllreduceThread(const Communicator& comm);
  // Local. Requests still under way (only when an error unwinds this rank) are abandoned; their memory is never freed, because
  // MPI may still write it.
  ~AllreduceThread();
  AllreduceThread(const AllreduceThread&) = delete;
  AllreduceThread& operator=(const AllreduceThread&) = delete;

  // Collective: all ranks submit the same requests in the same order. Returns at once.
  void submit(AllreduceRequest request);

  // Local: the caller has nothing left to compute and waits for what it submitted. Until then the thread sleeps between its looks
  // at MPI, because it shares the core with the caller; from now on it looks all the time.
  void hurry();

 private:
  void run();
  bool collect_new_requests();
  void start_new_requests();
  void finish_completed_requests();
  void pause();

  Communicator comm_;
  std::vector<MPI_Request> in_flight_;  // of the thread alone, like the next two
  std::vector<std::function<void()>> in_flight_done_;
  std::vector<AllreduceRequest> starting_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable wake_;
  std::deque<AllreduceRequest> submitted_;
  int64_t unfinished_ = 0;  // submitted or in flight
  bool hurrying_ = false;   // until nothing is unfinished
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace strata
