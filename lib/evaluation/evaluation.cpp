#include "evaluation/evaluation.h"

#include "base/clock.h"
#include "base/files.h"
#include "base/fruitless_stops.h"
#include "base/log.h"
#include "base/progress.h"
#include "base/temporary_name.h"
#include "comm/agreement.h"
#include "distributed/device.h"
#include "evaluation/compute.h"
#include "evaluation/evaluator.h"
#include "evaluation/metrics_json.h"
#include "evaluation/network.h"
#include "evaluation/partial_results.h"
#include "evaluation/per_image_file.h"
#include "evaluation/report.h"
#include "evaluation/report_images.h"
#include "evaluation/run_history.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <optional>

namespace strata {
namespace {

// What all steps of an evaluation share.
struct Job {
  const EvaluationOptions& options;
  const Communicator& comm;
  torch::Device device;
  Dataset dataset;
  OpenedNetwork network;
};

Job open_job(const EvaluationOptions& options, const Communicator& comm) {
  on_root(comm, [&] { require_writable_directory(options.output); });
  const torch::Device device = choose_device(options.device, comm);
  prepare_compute(options.threads, device, comm);
  std::optional<Dataset> dataset;
  std::optional<OpenedNetwork> network;
  agree(comm, [&] {
    dataset.emplace(options.data, options.split);
    network = open_network(options.weights, dataset->labels(), device, options.inference.precision);
  });
  if (!dataset->manifest().splits.at(options.split).labelled) {
    log_warning(
        "split '{}' has no labels: predictions are drawn (--pictures), but IoU and every other number stay empty; for numbers "
        "take a "
        "split with labels",
        options.split);
  }
  return {options, comm, device, std::move(*dataset), std::move(*network)};
}

std::string scales_text(const InferenceOptions& inference) { return fmt::format("{:g}", fmt::join(inference.scales, ", ")); }

std::string size_text(const InferenceOptions& inference) {
  if (inference.centre_crop) return fmt::format("middle {0} x {0} px at a height of {0} px", inference.centre_crop);
  return inference.long_edge ? fmt::format("longer edge {} px", inference.long_edge) : "as stored";
}

std::string precision_text(const InferenceOptions& inference) { return precision_name(inference.precision); }

bool flips(const InferenceOptions& inference) { return inference.flip == InferenceOptions::Flip::kYes; }

PartialResultsOptions partial_options(const Job& job) {
  const InferenceOptions& inference = job.options.inference;
  return {
      .directory = job.options.output / "partial",
      .key = fmt::format("weights {} dataset {} split {} scales {} flip {} long_edge {} centre_crop {} precision {} device {}",
                         job.network.sha256, job.dataset.manifest().dataset_id(), job.options.split, scales_text(inference),
                         flips(inference), inference.long_edge, inference.centre_crop, precision_text(inference),
                         job.device.is_cuda() ? "cuda" : "cpu"),
      .num_classes = job.dataset.labels().num_classes()};
}

// Asks the stop conditions, leaving time for one more image and for writing.
class StopBetweenImages {
 public:
  StopBetweenImages(const StopOptions& options, const Communicator& comm)
      : conditions_(options, comm), last_(monotonic_seconds()) {}

  // Collective.
  bool operator()() {
    const double now = monotonic_seconds();
    longest_ = std::max(longest_, now - last_);
    last_ = now;
    reason_ = conditions_.reason_to_stop(1.5 * longest_ + kWriteSeconds);
    return reason_.has_value();
  }
  const std::string& reason() const { return *reason_; }

 private:
  static constexpr double kWriteSeconds = 2;
  StopConditions conditions_;
  double last_;
  double longest_ = 0;
  std::optional<std::string> reason_;
};

SplitResult evaluate_images(const Job& job, StopBetweenImages& stop) {
  const PartialResultsOptions partial = partial_options(job);
  EvaluationHooks hooks;
  on_root(job.comm, [&] { hooks.finished = collect_partial_results(partial); });
  if (!hooks.finished.empty())
    log_info("{} of {} images are done already (an earlier start was stopped)", hooks.finished.size(), job.dataset.size());
  PartialResults own(partial, job.comm.rank());
  hooks.on_image = [&own](const ImageResult& image, const ImageOutputs&) { own.add(image); };
  hooks.stop = [&stop] { return stop(); };
  Progress progress({.title = "evaluate",
                     .unit = "images",
                     .total = job.dataset.size(),
                     .done = hooks.finished.size(),
                     .show = job.comm.is_root() ? ProgressOptions::Show::kYes : ProgressOptions::Show::kNo});
  hooks.on_progress = [&progress](size_t done, size_t) { progress.update(done); };
  SplitResult result = evaluate_split(*job.network.model, job.dataset, job.options.inference, job.comm, job.device, hooks);
  agree(job.comm, [&own] { own.save(); });
  if (result.complete) progress.finish();
  return result;
}

std::optional<int64_t> epoch_of(const WeightDescription& weights) {
  const auto found = weights.provenance.find("epoch");
  if (found == weights.provenance.end()) return std::nullopt;
  int64_t epoch = 0;
  const std::string& text = found->second;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), epoch);
  return error == std::errc{} && end == text.data() + text.size() ? std::optional(epoch) : std::nullopt;
}

std::string table_text(const Job& job, const SplitResult& result) {
  if (result.confusion.total() == 0) {
    return fmt::format("No pixel of split '{}' has a label: there is no IoU to say. {} images were segmented\n",
                       job.options.split, result.images.size());
  }
  std::vector<std::string> names;
  for (const LabelClass& one : job.dataset.labels().classes) names.push_back(one.name);
  const Metrics metrics = metrics_of(result.confusion);
  return iou_table(metrics, names, job.options.table) +
         summary_lines(metrics, {epoch_of(job.network.description), result.val_loss});
}

ReportContent report_content(const Job& job, const SplitResult& result, std::vector<ReportImage> images) {
  const LabelSet& labels = job.dataset.labels();
  const InferenceOptions& inference = job.options.inference;
  const ModelOptions& model = job.network.model->options();
  ReportContent content{.title = fmt::format("{}, {}", labels.name, job.options.split),
                        .facts = {},
                        .labels = labels,
                        .confusion = result.confusion,
                        .val_loss = result.val_loss,
                        .image_count = result.images.size(),
                        .curves = {},
                        .images = std::move(images)};
  content.facts = {
      {"Network", model.name},
      {"Weights", fmt::format("{} (SHA-256 {}…)", job.network.file.filename().string(), job.network.sha256.substr(0, 12))},
      {"Scales", scales_text(inference)},
      {"Mirrored too", flips(inference) ? "yes" : "no"},
      {"Size", size_text(inference)},
      {"Computed in", precision_text(inference)},
      {"Dataset", job.dataset.manifest().dataset_id().substr(0, 12) + "…"}};
  const auto& provenance = job.network.description.provenance;
  content.provenance.assign(provenance.begin(), provenance.end());
  if (std::filesystem::is_directory(job.options.weights)) content.curves = read_run_curves(job.options.weights / "metrics.csv");
  return content;
}

// What killed starts left, now that the results are there. Left-overs are harmless.
void sweep(const fs::path& output) {
  std::error_code ignored;
  fs::remove_all(output / "partial", ignored);
  for (const fs::path& directory : {output, output / "images", output / "report"}) {
    for (const fs::directory_entry& entry : fs::directory_iterator(directory, ignored)) {
      if (is_temporary(entry.path())) fs::remove(entry.path(), ignored);
    }
  }
}

// Root only.
void write_results(const Job& job, const SplitResult& result, std::vector<ReportImage> images) {
  const fs::path& output = job.options.output;
  std::vector<std::string> names;
  for (const ImageResult& image : result.images) names.push_back(job.dataset.sample(image.sample).name);
  write_per_image_file(result.images, names, job.dataset.labels().num_classes(), output / "per_image.h5");
  require_writable_directory(output / "report");
  write_file_atomically(output / "report" / "index.html", report_page(report_content(job, result, std::move(images))));
  const std::string table = table_text(job, result);
  write_file_atomically(output / "iou.txt", table);
  write_file_atomically(output / "metrics.json",
                        metrics_json(result, job.dataset.labels(), job.options.inference).dump(1) + "\n");
  sweep(output);
  std::fputs(table.c_str(), stdout);
  std::fflush(stdout);
}

}  // namespace

ExitCode evaluate(const EvaluationOptions& options, const Communicator& comm) {
  const Job job = open_job(options, comm);
  StopBetweenImages stop(options.stop, comm);
  const auto stopped = [&](size_t done) {
    log_warning("stopped ({}) with {} of {} images done; their results are kept: the same command goes on from here",
                stop.reason(), done, job.dataset.size());
    on_root(comm, [&] {
      count_stop(options.output / "partial" / "stops", done,
                 "an image takes longer than the job has: give it a longer time limit");
    });
    return ExitCode::kResume;
  };
  const SplitResult result = evaluate_images(job, stop);
  if (!result.complete) return stopped(result.images.size());
  std::optional<std::vector<ReportImage>> images =
      make_report_images(*job.network.model, job.dataset, result.images,
                         {.directory = options.output / "images", .count = options.pictures, .inference = options.inference},
                         comm, job.device, [&stop] { return stop(); });
  if (!images) return stopped(result.images.size());
  on_root(comm, [&] { write_results(job, result, std::move(*images)); });
  log_info("the report is {}", (options.output / "report" / "index.html").string());
  return ExitCode::kDone;
}

}  // namespace strata
