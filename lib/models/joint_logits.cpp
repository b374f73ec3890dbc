#include "models/joint_logits.h"

#include <algorithm>

namespace strata {

namespace {

constexpr int64_t kBandBytes = 4 << 20;  // of the result: what is worked on stays in the cache

RowSource rows_of(const torch::Tensor& x_NCHW) {
  return [&x_NCHW](RowRange rows) { return x_NCHW.narrow(2, rows.first, rows.count); };
}

// attention mine + (1 - attention) other
torch::Tensor blend(const torch::Tensor& attention, const torch::Tensor& mine, const torch::Tensor& other) {
  return other.lerp(mine, attention.expand_as(mine));
}

// attended + (1 - attention) other
torch::Tensor blend_attended(const torch::Tensor& attention, const torch::Tensor& attended, const torch::Tensor& other) {
  return (attended + other).addcmul_(attention, other, -1);
}

}  // namespace

torch::Tensor at_least_fp32(const torch::Tensor& x) { return x.scalar_type() == torch::kFloat64 ? x : x.to(torch::kFloat32); }

void JointLogits::add(const ScaleLogits& one) {
  scales_.push_back(one);
  scales_.back().logits_NChw = at_least_fp32(one.logits_NChw).contiguous();
  if (one.attention_N1hw.defined()) scales_.back().attention_N1hw = at_least_fp32(one.attention_N1hw).contiguous();
}

torch::Tensor JointLogits::rows(RowRange wanted) const {
  const RowSource joint = [this](RowRange rows) { return joint_rows(scales_.size() - 1, rows); };
  return resized_rows(resize_, {joint, joint_size(scales_.size() - 1)}, image_, wanted);
}

torch::Tensor JointLogits::whole() const {
  const torch::Tensor& logits = scales_.front().logits_NChw;
  const torch::Tensor whole = torch::empty({logits.size(0), logits.size(1), image_[0], image_[1]}, logits.options());
  const int64_t row_bytes = std::max<int64_t>(1, logits.size(0) * logits.size(1) * image_[1] * logits.element_size());
  const int64_t band = std::clamp(kBandBytes / row_bytes, std::min<int64_t>(4, image_[0]), image_[0]);
  for (int64_t first = 0; first < image_[0]; first += band) {
    const RowRange range{first, std::min(band, image_[0] - first)};
    whole.narrow(2, range.first, range.count).copy_(rows(range));
  }
  return whole;
}

ImageSize JointLogits::joint_size(size_t last) const {
  return last == 0 || scales_[last].scale >= 1 ? scales_[last].input_size : joint_size(last - 1);
}

torch::Tensor JointLogits::logits_rows(size_t scale, RowRange rows) const {
  const torch::Tensor& logits = scales_[scale].logits_NChw;
  return resized_rows(resize_, {rows_of(logits), size_of(logits)}, scales_[scale].input_size, rows);
}

torch::Tensor JointLogits::attention_rows(size_t scale, RowRange rows) const {
  const torch::Tensor& attention = scales_[scale].attention_N1hw;
  return resized_rows(resize_, {rows_of(attention), size_of(attention)}, scales_[scale].input_size, rows);
}

torch::Tensor JointLogits::joint_rows(size_t last, RowRange rows) const {
  if (last == 0) return logits_rows(0, rows);
  const ScaleLogits& one = scales_[last];
  const ImageSize size = joint_size(last);
  const RowSource larger = [this, last](RowRange r) { return joint_rows(last - 1, r); };
  if (one.scale >= 1) {
    const torch::Tensor other = resized_rows(resize_, {larger, joint_size(last - 1)}, size, rows);
    return blend(attention_rows(last, rows), logits_rows(last, rows), other);
  }
  const RowSource attention = [this, last](RowRange r) { return attention_rows(last, r); };
  const RowSource attended = [this, last](RowRange r) { return attention_rows(last, r) * logits_rows(last, r); };
  return blend_attended(resized_rows(resize_, {attention, one.input_size}, size, rows),
                        resized_rows(resize_, {attended, one.input_size}, size, rows), larger(rows));
}

}  // namespace strata
