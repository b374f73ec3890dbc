#include "preprocess/encoding_queue.h"

#include "base/error.h"

#include <memory>
#include <utility>

namespace strata {

EncodingQueue::EncodingQueue(std::vector<const SourceSample*> samples, const Layout& layout, EncodeOptions options, size_t ahead)
    : samples_(std::move(samples)), layout_(layout), options_(std::move(options)), ahead_(ahead) {}

EncodingQueue::~EncodingQueue() { dropped_ = true; }

EncodedSample EncodingQueue::next() {
  if (ahead_ == 0 && submitted_ < samples_.size()) return encode_sample(*samples_[submitted_++], layout_, options_);
  while (results_.size() <= ahead_ && submitted_ < samples_.size()) submit(*samples_[submitted_++]);
  if (results_.empty()) throw InternalError("more samples were asked for than this rank encodes");
  std::future<EncodedSample> result = std::move(results_.front());
  results_.pop_front();
  return result.get();
}

void EncodingQueue::submit(const SourceSample& sample) {
  auto task = std::make_shared<std::packaged_task<EncodedSample()>>(
      [this, &sample] { return dropped_ ? EncodedSample() : encode_sample(sample, layout_, options_); });
  results_.push_back(task->get_future());
  queue_.submit([task] { (*task)(); });
}

}  // namespace strata
