#include "comm/communicator.h"

#include "base/error.h"
#include "base/log.h"
#include "comm/activity.h"

#include <algorithm>
#include <chrono>
#include <climits>
#include <thread>

namespace strata {

namespace {

constexpr size_t kLargestCount = size_t{1} << 30;  // MPI counts are int

template <typename T>
MPI_Datatype datatype_of();
template <>
MPI_Datatype datatype_of<int64_t>() {
  return MPI_INT64_T;
}
template <>
MPI_Datatype datatype_of<double>() {
  return MPI_DOUBLE;
}

// Called by MPI for any failed call: peers may be gone, so no agreement is possible any more.
void abort_job(MPI_Comm* comm, int* error, ...) {
  char text[MPI_MAX_ERROR_STRING] = "";
  int length = 0;
  MPI_Error_string(*error, text, &length);
  log_error("MPI failed: {}. Another rank died or the network broke; start the same command again", text);
  MPI_Abort(*comm, static_cast<int>(ExitCode::kPeerLost));
}

void set_error_handler(MPI_Comm comm) {
  MPI_Errhandler handler;
  MPI_Comm_create_errhandler(abort_job, &handler);
  MPI_Comm_set_errhandler(comm, handler);  // communicators made from this one inherit it
  MPI_Errhandler_free(&handler);
}

template <typename T>
void reduce(MPI_Comm comm, std::span<T> values, MPI_Op operation) {
  if (comm == MPI_COMM_NULL) return;
  const WaitForRanks waiting;
  for (; !values.empty(); values = values.subspan(std::min(values.size(), kLargestCount))) {
    const int count = static_cast<int>(std::min(values.size(), kLargestCount));
    MPI_Allreduce(MPI_IN_PLACE, values.data(), count, datatype_of<T>(), operation, comm);
  }
}

template <typename T>
T reduce_one(MPI_Comm comm, T value, MPI_Op operation) {
  reduce(comm, std::span(&value, 1), operation);
  return value;
}

// Until all ranks of the group have called this: looks at MPI ever more rarely.
void sleep_until_all_are_here(MPI_Comm comm) {
  constexpr std::chrono::microseconds kFirstPause{20}, kLongestPause{200};
  const WaitForRanks waiting;
  MPI_Request request;
  MPI_Ibarrier(comm, &request);
  int all_here = 0;
  for (auto pause = kFirstPause;; pause = std::min(2 * pause, kLongestPause)) {
    MPI_Test(&request, &all_here, MPI_STATUS_IGNORE);
    if (all_here) return;
    std::this_thread::sleep_for(pause);
  }
}

enum class Receivers { kRoot, kAll };

// Texts of any length: in rounds, so that no total exceeds MPI's int.
std::vector<std::string> collect(MPI_Comm comm, const std::string& text, int root, Receivers receivers) {
  const WaitForRanks waiting;
  int rank = 0, ranks = 1;
  MPI_Comm_rank(comm, &rank);
  MPI_Comm_size(comm, &ranks);
  std::vector<int64_t> sizes(ranks);
  const auto own_size = static_cast<int64_t>(text.size());
  MPI_Allgather(&own_size, 1, MPI_INT64_T, sizes.data(), 1, MPI_INT64_T, comm);

  const bool receives = receivers == Receivers::kAll || rank == root;
  std::vector<std::string> texts(receives ? ranks : 0);
  const int64_t piece = INT_MAX / ranks, longest = *std::max_element(sizes.begin(), sizes.end());
  for (int64_t offset = 0; offset < longest; offset += piece) {
    std::vector<int> counts(ranks), starts(ranks);
    int total = 0;
    for (int r = 0; r < ranks; ++r) {
      starts[r] = total;
      counts[r] = static_cast<int>(std::clamp(sizes[r] - offset, int64_t{0}, piece));
      total += counts[r];
    }
    std::vector<char> received(receives ? total : 0);
    const char* own = text.data() + std::min(offset, own_size);
    if (receivers == Receivers::kAll) {
      MPI_Allgatherv(own, counts[rank], MPI_CHAR, received.data(), counts.data(), starts.data(), MPI_CHAR, comm);
    } else {
      MPI_Gatherv(own, counts[rank], MPI_CHAR, received.data(), counts.data(), starts.data(), MPI_CHAR, root, comm);
    }
    for (size_t r = 0; r < texts.size(); ++r) texts[r].append(received.data() + starts[r], counts[r]);
  }
  return texts;
}

}  // namespace

struct Communicator::Handle {
  MPI_Comm comm = MPI_COMM_NULL;

  explicit Handle(MPI_Comm mpi) : comm(mpi) {}
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() {
    int finalized = 0;
    MPI_Finalized(&finalized);
    if (comm != MPI_COMM_WORLD && comm != MPI_COMM_NULL && !finalized) MPI_Comm_free(&comm);
  }
};

Communicator::Communicator() = default;

Communicator::Communicator(std::shared_ptr<Handle> handle) : handle_(std::move(handle)) {
  MPI_Comm_rank(handle_->comm, &rank_);
  MPI_Comm_size(handle_->comm, &size_);
}

Communicator Communicator::world() {
  int initialised = 0;
  MPI_Initialized(&initialised);
  if (!initialised) throw InternalError("Communicator::world() was called before there was an MpiSession");
  set_error_handler(MPI_COMM_WORLD);
  return Communicator(std::make_shared<Handle>(MPI_COMM_WORLD));
}

MPI_Comm Communicator::mpi() const { return handle_ ? handle_->comm : MPI_COMM_NULL; }

MPI_Comm Communicator::met() const {
  if (patient_ && size_ > 1) sleep_until_all_are_here(mpi());
  return mpi();
}

void Communicator::barrier() const {
  if (!handle_) return;
  const MPI_Comm comm = met();
  const WaitForRanks waiting;
  MPI_Barrier(comm);
}

void Communicator::sum(std::span<int64_t> values) const { reduce(met(), values, MPI_SUM); }
void Communicator::sum(std::span<double> values) const { reduce(met(), values, MPI_SUM); }
void Communicator::max(std::span<int64_t> values) const { reduce(met(), values, MPI_MAX); }
void Communicator::max(std::span<double> values) const { reduce(met(), values, MPI_MAX); }
void Communicator::min(std::span<int64_t> values) const { reduce(met(), values, MPI_MIN); }
int64_t Communicator::sum(int64_t value) const { return reduce_one(met(), value, MPI_SUM); }
double Communicator::sum(double value) const { return reduce_one(met(), value, MPI_SUM); }
int64_t Communicator::max(int64_t value) const { return reduce_one(met(), value, MPI_MAX); }
int64_t Communicator::min(int64_t value) const { return reduce_one(met(), value, MPI_MIN); }

void Communicator::broadcast(std::span<std::byte> bytes, int root) const {
  if (!handle_) return;
  const MPI_Comm comm = met();
  const WaitForRanks waiting;
  for (; !bytes.empty(); bytes = bytes.subspan(std::min(bytes.size(), kLargestCount))) {
    MPI_Bcast(bytes.data(), static_cast<int>(std::min(bytes.size(), kLargestCount)), MPI_BYTE, root, comm);
  }
}

std::string Communicator::broadcast(const std::string& text, int root) const {
  std::string received = text;
  received.resize(static_cast<size_t>(broadcast(static_cast<int64_t>(text.size()), root)));
  broadcast(std::as_writable_bytes(std::span(received)), root);
  return received;
}

int64_t Communicator::broadcast(int64_t value, int root) const {
  broadcast(std::as_writable_bytes(std::span(&value, 1)), root);
  return value;
}

std::vector<std::string> Communicator::gather(const std::string& text, int root) const {
  return handle_ ? collect(met(), text, root, Receivers::kRoot) : std::vector{text};
}

std::vector<std::string> Communicator::all_gather(const std::string& text) const {
  return handle_ ? collect(met(), text, 0, Receivers::kAll) : std::vector{text};
}

Communicator Communicator::duplicate() const {
  if (!handle_) return {};
  MPI_Comm copy;
  MPI_Comm_dup(mpi(), &copy);
  return Communicator(std::make_shared<Handle>(copy));
}

Communicator Communicator::patient() const {
  Communicator copy = *this;
  copy.patient_ = true;
  return copy;
}

Communicator Communicator::split(int color) const {
  if (!handle_) return {};
  MPI_Comm part;
  MPI_Comm_split(mpi(), color, rank_, &part);
  return Communicator(std::make_shared<Handle>(part));
}

Communicator Communicator::split_by_node() const {
  if (!handle_) return {};
  MPI_Comm node;
  MPI_Comm_split_type(mpi(), MPI_COMM_TYPE_SHARED, rank_, MPI_INFO_NULL, &node);
  return Communicator(std::make_shared<Handle>(node));
}

}  // namespace strata
