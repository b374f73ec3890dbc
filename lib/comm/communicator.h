#pragma once
// A group of ranks. The default object is a valid group of one that never touches MPI, so no code asks "is MPI on?".
//
// Every member but rank(), size() and is_root() is collective: all ranks of the group call it, in the same order. Errors of MPI
// end the job with code 71 (the library's handler aborts), they are not thrown. A Communicator is cheap to copy: copies share the
// group.

#include <mpi.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace strata {

class Communicator {
 public:
  Communicator();               // serial: rank 0 of 1
  static Communicator world();  // all ranks; needs an MpiSession

  int rank() const { return rank_; }
  int size() const { return size_; }
  bool is_root() const { return rank_ == 0; }

  void barrier() const;

  // Element-wise over ranks, in place. Integers are exact; doubles are summed in MPI's fixed order for this size and count.
  void sum(std::span<int64_t> values) const;
  void sum(std::span<double> values) const;
  void max(std::span<int64_t> values) const;
  void max(std::span<double> values) const;
  void min(std::span<int64_t> values) const;
  int64_t sum(int64_t value) const;
  double sum(double value) const;
  int64_t max(int64_t value) const;
  int64_t min(int64_t value) const;

  // Root's value everywhere.
  void broadcast(std::span<std::byte> bytes, int root = 0) const;
  std::string broadcast(const std::string& text, int root = 0) const;
  int64_t broadcast(int64_t value, int root = 0) const;

  // One entry per rank, in rank order; empty on ranks other than root.
  std::vector<std::string> gather(const std::string& text, int root = 0) const;
  // One entry per rank, everywhere.
  std::vector<std::string> all_gather(const std::string& text) const;

  // A new group with a context of its own: its messages never meet those of this one (for use from another thread).
  Communicator duplicate() const;
  // The same group, whose calls sleep until all ranks are there (up to 0.3 ms longer) where MPI would poll, and so take half of
  // the core from a thread that computes beside the caller. Local.
  Communicator patient() const;
  // Ranks with the same colour, ordered by rank.
  Communicator split(int color) const;
  // Ranks that share this node's memory.
  Communicator split_by_node() const;

  // For layers that speak MPI themselves (distributed). MPI_COMM_NULL in a serial group.
  MPI_Comm mpi() const;

 private:
  struct Handle;
  MPI_Comm met() const;  // mpi(), when all ranks are there in a patient group
  explicit Communicator(std::shared_ptr<Handle> handle);
  std::shared_ptr<Handle> handle_;
  bool patient_ = false;
  int rank_ = 0;
  int size_ = 1;
};

}  // namespace strata
