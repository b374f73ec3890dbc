#include "comm/watchdog.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/process_info.h"
#include "comm/activity.h"
#include "comm/beats.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <thread>

namespace strata {
namespace {

constexpr int kTag = 71;

[[noreturn]] void end_job(const Communicator& comm, const std::string& sentence) {
  log_error("{}. The job ends; the same command continues from the last checkpoint", sentence);
  constexpr int kCode = static_cast<int>(ExitCode::kPeerLost);
  if (comm.mpi() != MPI_COMM_NULL) MPI_Abort(comm.mpi(), kCode);
  std::_Exit(kCode);
}

}  // namespace

class Watchdog::Thread {
 public:
  Thread(const Communicator& comm, const WatchdogOptions& options)
      : comm_(comm.duplicate()),
        options_(options),
        period_(std::min(options.beat_seconds, options.stall_seconds / 4)),
        beats_(comm.all_gather(host_name()), monotonic_seconds()),
        thread_([this] { run(); }) {}

  ~Thread() { stop(); }

  void stop() {
    if (!thread_.joinable()) return;
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
    }
    wake_.notify_all();
    thread_.join();
  }

  // Collective. What was sent before the barrier is there after it.
  void drain() {
    comm_.barrier();
    receive();
    if (sending_ != MPI_REQUEST_NULL) MPI_Wait(&sending_, MPI_STATUS_IGNORE);
    comm_.barrier();
    receive();
  }

 private:
  void run() {
    double last = monotonic_seconds(), stragglers_judged = last;
    std::unique_lock lock(mutex_);
    while (!wake_.wait_for(lock, std::chrono::duration<double>(period_), [this] { return ending_; })) {
      const double now = monotonic_seconds();
      // This process was stopped (a suspended job, a debugger): so were the others, perhaps.
      if (now - last > std::max(5 * period_, options_.stall_seconds / 2)) {
        forgiven_ = now;
        beats_.forgive(now);
      }
      last = now;
      send(now);
      receive();
      judge(now);
      if (comm_.is_root() && now - stragglers_judged > options_.straggler_seconds) {
        stragglers_judged = now;
        if (const auto sentence = beats_.straggler(options_.straggler_ratio)) log_warning("{}", *sentence);
      }
    }
  }

  Beat own_beat(double now) const {
    const Activity activity = current_activity();
    Beat beat;
    beat.rank = comm_.rank();
    beat.step = activity.step;
    beat.idle_seconds = now - std::max(activity.last_change, forgiven_);
    beat.run_seconds = now;
    beat.waited_seconds = activity.waited_seconds;
    beat.waiting = activity.waiting;
    std::strncpy(beat.phase.data(), activity.phase, beat.phase.size() - 1);
    return beat;
  }

  // To the one who watches this rank. A message that does not get away is not followed by another.
  void send(double now) {
    if (comm_.is_root()) beats_.add(own_beat(now), now);
    if (comm_.size() == 1) return;
    int away = 1;
    if (sending_ != MPI_REQUEST_NULL) MPI_Test(&sending_, &away, MPI_STATUS_IGNORE);
    if (!away) return;
    beat_ = own_beat(now);
    MPI_Isend(&beat_, sizeof beat_, MPI_BYTE, comm_.is_root() ? 1 : 0, kTag, comm_.mpi(), &sending_);
  }

  void receive() {
    if (comm_.size() == 1) return;
    for (;;) {
      int there = 0;
      MPI_Iprobe(MPI_ANY_SOURCE, kTag, comm_.mpi(), &there, MPI_STATUS_IGNORE);
      if (!there) return;
      Beat beat;
      MPI_Recv(&beat, sizeof beat, MPI_BYTE, MPI_ANY_SOURCE, kTag, comm_.mpi(), MPI_STATUS_IGNORE);
      beats_.add(beat, monotonic_seconds());
    }
  }

  void judge(double now) const {
    if (comm_.is_root()) {
      if (const auto sentence = beats_.stalled(options_.stall_seconds, now)) end_job(comm_, *sentence);
    } else if (comm_.rank() == 1) {
      if (const auto sentence = beats_.silent(0, options_.stall_seconds, now)) end_job(comm_, *sentence);
    }
  }

  Communicator comm_;
  WatchdogOptions options_;
  double period_;
  double forgiven_ = 0;
  Beats beats_;  // of the thread alone, like the next two
  Beat beat_;    // under way
  MPI_Request sending_ = MPI_REQUEST_NULL;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool ending_ = false;
  std::thread thread_;
};

Watchdog::Watchdog(const Communicator& comm, const WatchdogOptions& options)
    : thread_(options.stall_seconds > 0 ? std::make_unique<Thread>(comm, options) : nullptr) {}

Watchdog::~Watchdog() = default;

void Watchdog::finish() {
  if (!thread_) return;
  thread_->stop();
  thread_->drain();
  thread_.reset();
}

ExitCode run_watched(const Communicator& comm, const WatchdogOptions& options, const std::function<ExitCode()>& work) {
  Watchdog watchdog(comm, options);
  const ExitCode code = work();
  watchdog.finish();
  return code;
}

}  // namespace strata
