#pragma once
// Augmented batches of one rank, made ahead by worker threads.

#include "data/sample_order.h"
#include "loader/augment.h"
#include "loader/batch.h"

#include <memory>

namespace strata {

struct TrainingLoaderOptions {
  size_t global_batch = 2;  // samples of an optimiser step over all ranks
  int threads = 1;          // worker threads of this rank; more hide decoding and augmentation, until the cores are busy
  int prefetch = 4;         // batches made ahead; more evens out slow samples and takes memory
  uint64_t seed = 0;
  AugmentOptions augment;
  SamplingOptions sampling;
};

// Rank r of n takes positions [r b, (r+1) b) of each global batch (b = global_batch / n). The content of a batch depends on
// (seed, epoch, step, rank, ranks) alone, never on threads or on what was asked before. Local; for one consuming thread.
class TrainingLoader {
 public:
  struct Share {
    int rank = 0;
    int ranks = 1;
  };
  // ConfigError where an option is out of range, the ranks do not divide global_batch (names the counts that do), or whole frames
  // of different sizes are to be one batch; DataError where the split has fewer samples than a global batch.
  TrainingLoader(std::shared_ptr<const Dataset> dataset, const TrainingLoaderOptions& options, Share share);
  ~TrainingLoader();

  size_t steps_per_epoch() const;
  // Begins an epoch at a step; workers start. Any earlier epoch is dropped.
  void start(uint64_t epoch, size_t first_step);
  // The batch of the next step (this rank's share, b samples); InternalError past the epoch's last step. Errors of workers are
  // thrown here: that of the batch's first bad sample, whatever the threads were faster with.
  Batch next();
  // Seconds next() has waited since construction.
  double waited_seconds() const;
  // Bytes that the loader holds at most, besides the dataset's index and the batches handed out: `prefetch` batches of 11 bytes a
  // pixel (RGB, and labels in 8 bytes), and for each thread 3 bytes a pixel of the largest frame, 3 of it at the view's width, 7
  // a pixel of the view, and 4 MiB for a coded tile and its pixels (where originals are kept, two more frames).
  uint64_t most_bytes() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace strata
