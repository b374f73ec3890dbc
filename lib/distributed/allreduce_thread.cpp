#include "distributed/allreduce_thread.h"

#include <chrono>
#include <utility>

namespace strata {

namespace {
// Between two looks at MPI while the caller computes: a look costs about 1 us, so this takes 1 % of the core at most.
constexpr std::chrono::microseconds kPause{100};
}  // namespace

AllreduceThread::AllreduceThread(const Communicator& comm) : comm_(comm.duplicate()), thread_([this] { run(); }) {}

AllreduceThread::~AllreduceThread() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
  if (!in_flight_.empty()) new std::vector(std::move(in_flight_done_));
}

void AllreduceThread::submit(AllreduceRequest request) {
  {
    const std::lock_guard lock(mutex_);
    submitted_.push_back(std::move(request));
    ++unfinished_;
  }
  wake_.notify_one();
}

void AllreduceThread::hurry() {
  {
    const std::lock_guard lock(mutex_);
    hurrying_ = unfinished_ > 0;
  }
  wake_.notify_one();
}

void AllreduceThread::run() {
  while (collect_new_requests()) {
    start_new_requests();
    finish_completed_requests();
    pause();
  }
}

// False when it is time to leave.
bool AllreduceThread::collect_new_requests() {
  std::unique_lock lock(mutex_);
  if (in_flight_.empty()) wake_.wait(lock, [this] { return stopping_ || !submitted_.empty(); });
  starting_.assign(std::move_iterator(submitted_.begin()), std::move_iterator(submitted_.end()));
  submitted_.clear();
  return !stopping_;
}

void AllreduceThread::start_new_requests() {
  for (AllreduceRequest& request : starting_) {
    MPI_Request handle = MPI_REQUEST_NULL;  // failures end the job: the group's error handler (comm/communicator.h)
    MPI_Iallreduce(MPI_IN_PLACE, request.data, request.count, request.type, MPI_SUM, comm_.mpi(), &handle);
    in_flight_.push_back(handle);
    in_flight_done_.push_back(std::move(request.done));
  }
  starting_.clear();
}

void AllreduceThread::finish_completed_requests() {
  std::vector<int> indices(in_flight_.size());
  int completed = 0;
  MPI_Testsome(static_cast<int>(in_flight_.size()), in_flight_.data(), &completed, indices.data(), MPI_STATUSES_IGNORE);
  {
    const std::lock_guard lock(mutex_);
    unfinished_ -= completed;
    hurrying_ = hurrying_ && unfinished_ > 0;
  }
  for (int i = 0; i < completed; ++i) std::exchange(in_flight_done_[indices[i]], nullptr)();
  std::erase(in_flight_, MPI_REQUEST_NULL);
  std::erase_if(in_flight_done_, [](const std::function<void()>& done) { return !done; });
}

void AllreduceThread::pause() {
  if (in_flight_.empty()) return;
  std::unique_lock lock(mutex_);
  if (hurrying_) {
    lock.unlock();
    std::this_thread::yield();  // another rank may share the core
  } else {
    wake_.wait_for(lock, kPause, [this] { return hurrying_ || stopping_ || !submitted_.empty(); });
  }
}

}  // namespace strata
