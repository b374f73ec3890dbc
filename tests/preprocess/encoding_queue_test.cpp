#include "preprocess/encoding_queue.h"

#include "base/error.h"
#include "base/files.h"
#include "preprocess/raw_layout.h"
#include "support/paths.h"

#include <gmock/gmock.h>

namespace strata::testing {
namespace {

// Five samples of camvid's layout.
class EncodingQueueTest : public ::testing::Test {
 protected:
  EncodingQueueTest() {
    write_camvid_like(scratch_.path(), {.train = 5, .val = 1});
    layout_ = make_layout({.dataset = "camvid", .input = scratch_.path()});
    samples_ = layout_->samples("train");
  }

  std::vector<const SourceSample*> all() const {
    std::vector<const SourceSample*> pointers;
    for (const SourceSample& sample : samples_) pointers.push_back(&sample);
    return pointers;
  }

  const ScratchDirectory scratch_;
  std::unique_ptr<Layout> layout_;
  std::vector<SourceSample> samples_;
};

TEST_F(EncodingQueueTest, GivesTheSameSamplesHoweverManyAreEncodedAhead) {
  for (const size_t ahead : {0, 1, 4, 100}) {
    EncodingQueue queue(all(), *layout_, {}, ahead);
    for (const SourceSample& sample : samples_) {
      const EncodedSample encoded = queue.next();
      EXPECT_EQ(encoded.sample.name, sample.name);
      EXPECT_EQ(encoded.coded, encode_sample(sample, *layout_, {}).coded);
    }
    EXPECT_THROW(queue.next(), InternalError);
  }
}

TEST_F(EncodingQueueTest, ThrowsWhatASampleThrewWhenThatIsAskedFor) {
  fs::remove(samples_[1].frame);
  EncodingQueue queue(all(), *layout_, {}, 4);
  EXPECT_EQ(queue.next().sample.name, samples_[0].name);
  EXPECT_THROW(queue.next(), MissingInput);
  EXPECT_EQ(queue.next().sample.name, samples_[2].name);
}

}  // namespace
}  // namespace strata::testing
