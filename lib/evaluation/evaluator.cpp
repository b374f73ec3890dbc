#include "evaluation/evaluator.h"

#include "comm/agreement.h"
#include "evaluation/evaluation_mode.h"
#include "evaluation/result_codec.h"

#include <algorithm>
#include <array>
#include <set>
#include <span>

namespace strata {
namespace {

constexpr int64_t kBandPixels = 65'536;

torch::Tensor labels_HW(const Image& labels, torch::Device device) {
  const torch::Tensor view =
      torch::from_blob(const_cast<uint8_t*>(labels.pixels.data()), {labels.height, labels.width}, torch::kUInt8);
  return view.to(device).to(torch::kInt64);
}

// Cross entropy summed over the pixels whose label is a class, in double: the order of a float sum would show in the fifth digit.
double summed_cross_entropy(const torch::Tensor& logits_CHW, const torch::Tensor& truth_HW, const torch::Tensor& valid_HW) {
  const torch::Tensor true_logit =
      logits_CHW.gather(0, truth_HW.where(valid_HW, torch::zeros_like(truth_HW)).unsqueeze(0)).squeeze(0);
  const torch::Tensor loss_HW = torch::logsumexp(logits_CHW, 0) - true_logit;
  return loss_HW.masked_select(valid_HW).to(torch::kFloat64).sum().item<double>();
}

// Some rows at a time: class indices and exponentials of a whole image would be as large as its logits.
ImageResult result_of(uint32_t sample, const Image& labels, const torch::Tensor& logits_CHW) {
  const int64_t classes = logits_CHW.size(0), height = logits_CHW.size(1);
  const int64_t rows = std::max<int64_t>(1, kBandPixels / logits_CHW.size(2));
  const torch::Tensor truth_HW = labels_HW(labels, logits_CHW.device());
  ConfusionMatrix confusion(static_cast<int>(classes));
  double loss = 0;
  for (int64_t first = 0; first < height; first += rows) {
    const int64_t count = std::min(rows, height - first);
    const torch::Tensor band_ChW = logits_CHW.narrow(1, first, count), truth_hW = truth_HW.narrow(0, first, count);
    confusion.add(band_ChW.argmax(0), truth_hW);
    loss += summed_cross_entropy(band_ChW, truth_hW, truth_hW < classes);
  }
  ImageResult result;
  result.sample = sample;
  result.pixels = truth_HW.numel();
  result.valid_pixels = confusion.total();
  if (result.valid_pixels > 0) result.loss = loss / static_cast<double>(result.valid_pixels);
  result.confusion = std::move(confusion.counts());
  return result;
}

// Samples still to do, in order; the same on every rank.
std::vector<uint32_t> missing_samples(const Dataset& dataset, const std::vector<ImageResult>& finished,
                                      const Communicator& comm) {
  std::set<uint32_t> done;
  if (comm.is_root())
    for (const ImageResult& result : finished) done.insert(result.sample);
  std::string text(dataset.size(), '0');
  for (uint32_t sample : done) text.at(sample) = '1';
  text = comm.broadcast(text);
  std::vector<uint32_t> missing;
  for (uint32_t sample = 0; sample < text.size(); ++sample)
    if (text[sample] == '0') missing.push_back(sample);
  return missing;
}

// All results on root, by sample.
std::vector<ImageResult> gather_results(const std::vector<ImageResult>& own, std::vector<ImageResult> all, int classes,
                                        const Communicator& comm) {
  for (const std::string& bytes : comm.gather(encode_results(own)))
    for (ImageResult& result : decode_results(bytes, classes)) all.push_back(std::move(result));
  std::sort(all.begin(), all.end(), [](const ImageResult& a, const ImageResult& b) { return a.sample < b.sample; });
  return all;
}

// Sums in the order of samples on root, so that no bit depends on the number of ranks; then the same on all.
void add_up(SplitResult& result, const Communicator& comm) {
  double weighted_by_valid = 0, weighted_by_all = 0;
  int64_t valid = 0, all = 0;
  for (const ImageResult& image : result.images) {
    result.confusion.add(ConfusionMatrix(result.confusion.num_classes(), image.confusion));
    weighted_by_valid += image.loss * static_cast<double>(image.valid_pixels);
    weighted_by_all += image.loss * static_cast<double>(image.pixels);
    valid += image.valid_pixels;
    all += image.pixels;
  }
  std::array<double, 2> losses = {valid ? weighted_by_valid / static_cast<double>(valid) : 0.0,
                                  all ? weighted_by_all / static_cast<double>(all) : 0.0};
  comm.broadcast(std::as_writable_bytes(std::span(losses)));
  comm.broadcast(std::as_writable_bytes(std::span(result.confusion.counts())));
  result.val_loss = losses[0];
  result.val_loss_reference = losses[1];
}

}  // namespace

SplitResult evaluate_split(SegmentationModel& model, const Dataset& dataset, const InferenceOptions& options,
                           const Communicator& comm, torch::Device device, const EvaluationHooks& hooks) {
  const EvaluationMode evaluation_mode(model);
  const int classes = dataset.labels().num_classes();
  const auto ranks = static_cast<size_t>(comm.size());
  const std::vector<uint32_t> missing = missing_samples(dataset, hooks.finished, comm);
  const size_t already_done = dataset.size() - missing.size();

  SplitResult result{.images = {}, .confusion = ConfusionMatrix(classes)};
  std::vector<ImageResult> own;
  for (size_t first = 0; first < missing.size() && result.complete; first += ranks) {
    agree(comm, [&] {
      const size_t mine = first + static_cast<size_t>(comm.rank());
      if (mine >= missing.size()) return;
      const LabelledImage image = read_labelled(dataset, missing[mine], options);
      const ImageOutputs outputs = infer_image(model, image.frame, options, device);
      own.push_back(result_of(missing[mine], image.labels, outputs.logits_CHW));
      if (hooks.on_image) hooks.on_image(own.back(), outputs);
    });
    const size_t done = std::min(first + ranks, missing.size());
    if (comm.is_root() && hooks.on_progress) hooks.on_progress(already_done + done, dataset.size());
    if (hooks.stop && hooks.stop() && done < missing.size()) result.complete = false;
  }
  result.images = gather_results(own, comm.is_root() ? hooks.finished : std::vector<ImageResult>{}, classes, comm);
  add_up(result, comm);
  return result;
}

}  // namespace strata
