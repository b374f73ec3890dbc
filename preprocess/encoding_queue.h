#pragma once
// Samples encoded beside the caller, a few ahead of where they are asked for.

#include "base/task_queue.h"
#include "preprocess/encoded_sample.h"

#include <atomic>
#include <deque>
#include <future>
#include <vector>

namespace strata {

class EncodingQueue {
 public:
  // `ahead`: samples that are encoded or held coded while the caller works on another one; 0: it encodes them itself, when it
  // asks. The samples and the layout must outlive this.
  EncodingQueue(std::vector<const SourceSample*> samples, const Layout& layout, EncodeOptions options, size_t ahead);
  // Waits for the sample that is being encoded; drops the others.
  ~EncodingQueue();

  // Local. The next sample, in the order given; throws what encode_sample() threw for it.
  EncodedSample next();

 private:
  void submit(const SourceSample& sample);

  std::vector<const SourceSample*> samples_;
  const Layout& layout_;
  EncodeOptions options_;
  size_t ahead_, submitted_ = 0;
  std::deque<std::future<EncodedSample>> results_;
  std::atomic<bool> dropped_ = false;
  TaskQueue queue_;  // last: ends first
};

}  // namespace strata
