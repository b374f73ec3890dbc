#pragma once
// How NCCL's ranks find each other without anyone opening a port: its unique id travels by MPI.

#include "comm/communicator.h"

#include <torch/csrc/distributed/c10d/HashStore.hpp>

#include <string>
#include <vector>

namespace strata {

// A key-value store of c10d with exactly one use: rank 0 sets keys, and the other ranks get each of them in the same order. A key
// set by rank 0 is broadcast at once; get() on another rank takes part in broadcasts until its key arrived. Everything else stays
// in this process (c10d's watchdog threads look for keys that nobody sets). Untried on a GPU.
class MpiStore : public c10d::HashStore {
 public:
  // Collective: talks on a duplicate of `comm`.
  explicit MpiStore(const Communicator& comm) : comm_(comm.duplicate()) {}

  void set(const std::string& key, const std::vector<uint8_t>& value) override;
  std::vector<uint8_t> get(const std::string& key) override;
  c10::intrusive_ptr<Store> clone() override { return c10::intrusive_ptr<Store>::reclaim_copy(this); }

 private:
  Communicator comm_;
};

}  // namespace strata
