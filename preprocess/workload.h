#pragma once
// How fast a conversion goes, and what holds it up.

#include "comm/communicator.h"
#include "preprocess/encoded_sample.h"
#include "preprocess/plan.h"

#include <cstdint>
#include <string>

namespace strata {

// What ranks did between two moments: originals turned into coded samples, by the clock and by the processors.
struct Workload {
  uint64_t images = 0;
  uint64_t source_bytes = 0;     // of original files
  uint64_t stored_bytes = 0;     // coded
  double wall_seconds = 0;       // of the slowest rank
  double processor_seconds = 0;  // of all ranks
  int ranks = 1;
};

class WorkloadClock {
 public:
  WorkloadClock();
  // Collective: what all ranks did since construction; the three numbers are this rank's.
  Workload stop(const Communicator& comm, uint64_t images, uint64_t source_bytes, uint64_t stored_bytes) const;

 private:
  double wall_, processor_;
};

// Collective. Codes the first `images` of the plan, spread over the ranks, and drops the result. Bad files are warned of.
Workload measure(const Plan& plan, const Layout& layout, const EncodeOptions& options, uint64_t images, const Communicator& comm);

// "100 images, 312 MB in 0:00:21: 4.8 images/s, 14.9 MB/s by 2 ranks; processors 97 % busy: decoding is what limits it".
std::string rate_text(const Workload& workload);
// "18000 images, 52 GB: about 1:03:10 with 2 ranks, 56 GB of shards"; scaled by bytes.
std::string forecast_text(const Workload& measured, const Plan& plan);

}  // namespace strata
