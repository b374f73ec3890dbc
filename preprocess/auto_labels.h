#pragma once
// Labels that a network made for Cityscapes' train_extra: train_extra/<city>/<stem>_leftImg8bit.png and, where a confidence is
// asked for, its map <stem>_leftImg8bit_prob.png (255: sure).

#include "preprocess/layout.h"

namespace strata {

class AutoLabels {
 public:
  // ConfigError for a confidence outside 0 to 1 and for classes that the set does not have.
  AutoLabels(const AutoLabelOptions& options, const LabelSet& labels);

  // `coarse`: the frames with their hand-made coarse labels. Frames without a network's labels: DataError listing them.
  std::vector<SourceSample> samples(const std::vector<SourceSample>& coarse) const;
  // Raw ids in this order: the network's; the coarse ones where either says a dropout class; ignored where the network was not
  // sure and its label stands; ignored outside the mask. Thread-safe.
  Image read(const SourceSample& sample) const;

  std::map<std::string, std::string> settings() const;

 private:
  const AutoLabelOptions options_;
  std::array<bool, 256> dropped_{};  // raw ids of the dropout classes
};

}  // namespace strata
