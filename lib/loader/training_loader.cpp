#include "loader/training_loader.h"

#include "base/error.h"
#include "base/log.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <exception>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace strata {
namespace {

// A batch that workers fill, sample by sample.
struct UnfinishedBatch {
  Batch batch;
  std::vector<Draw> draws;
  uint64_t epoch = 0;
  size_t taken = 0, finished = 0;  // samples
  std::vector<std::exception_ptr> errors;

  size_t size() const { return draws.size(); }
};

std::shared_ptr<UnfinishedBatch> begin_batch(std::vector<Draw> draws, uint64_t epoch, size_t first_position,
                                             const ViewSize& view) {
  auto unfinished = std::make_shared<UnfinishedBatch>();
  const auto n = static_cast<int64_t>(draws.size());
  unfinished->epoch = epoch;
  unfinished->errors.resize(draws.size());
  Batch& batch = unfinished->batch;
  batch.images_NCHW = torch::empty({n, 3, view.height, view.width}, torch::kUInt8, at::MemoryFormat::ChannelsLast);
  batch.labels_NHW = torch::empty({n, view.height, view.width}, torch::kInt64);
  batch.names.resize(draws.size());
  for (size_t i = 0; i < draws.size(); ++i) {
    batch.positions.push_back(first_position + i);
    batch.samples.push_back(draws[i].sample);
  }
  unfinished->draws = std::move(draws);
  return unfinished;
}

void store(const AugmentedSample& view, size_t index, Batch& batch) {
  std::memcpy(batch.images_NCHW.mutable_data_ptr<uint8_t>() + index * view.frame.pixels.size(), view.frame.pixels.data(),
              view.frame.pixels.size());
  std::copy(view.labels.pixels.begin(), view.labels.pixels.end(),
            batch.labels_NHW.mutable_data_ptr<int64_t>() + index * view.labels.pixels.size());
}

ViewSize view_size(const AugmentOptions& augment, const Sample& sample) {
  return view_size(augment, static_cast<int>(sample.height), static_cast<int>(sample.width));
}

// Views of one batch lie in one tensor.
void require_one_view_size(const Dataset& dataset, const TrainingLoaderOptions& options) {
  if (options.global_batch == 1) return;
  const Sample& first = dataset.sample(0);
  const ViewSize wanted = view_size(options.augment, first);
  for (size_t i = 1; i < dataset.size(); ++i) {
    const Sample& other = dataset.sample(i);
    if (view_size(options.augment, other) == wanted) continue;
    throw ConfigError(fmt::format(
        "full_crop makes views as large as their frames, but {} has {}x{} px and {} has {}x{} px, which do not fit into one "
        "batch; give a crop instead, or use global_batch = 1",
        first.name, first.width, first.height, other.name, other.width, other.height));
  }
}

std::string divisors(size_t n) {
  std::string list;
  for (size_t d = 1; d <= n; ++d) {
    if (n % d == 0) list += (list.empty() ? "" : ", ") + std::to_string(d);
  }
  return list;
}

TrainingLoaderOptions checked(const TrainingLoaderOptions& options, TrainingLoader::Share share) {
  require_valid(options.augment);
  if (options.global_batch == 0 || options.global_batch % static_cast<size_t>(share.ranks) != 0) {
    throw ConfigError(fmt::format(
        "a global batch of {} samples cannot be shared by {} ranks evenly; start one of {} ranks, or change global_batch",
        options.global_batch, share.ranks, divisors(options.global_batch)));
  }
  if (options.threads < 1 || options.prefetch < 1) {
    throw ConfigError(
        fmt::format("loader: threads = {} and prefetch = {} must be at least 1", options.threads, options.prefetch));
  }
  return options;
}

}  // namespace

struct TrainingLoader::State {
  State(std::shared_ptr<const Dataset> the_dataset, const TrainingLoaderOptions& the_options, Share the_share)
      : dataset(std::move(the_dataset)),
        options(checked(the_options, the_share)),
        share(the_share),
        order(*dataset, options.sampling, options.seed),
        steps(order.steps_per_epoch(options.global_batch)) {
    require_one_view_size(*dataset, options);
    dataset->require_labels();
  }
  ~State() {
    {
      const std::scoped_lock lock(mutex);
      stopping = true;
    }
    work_to_do.notify_all();
    for (std::thread& worker : workers) worker.join();
  }

  // What a worker does next: sample `index` of `batch`.
  struct Task {
    std::shared_ptr<UnfinishedBatch> batch;
    size_t index = 0;
  };

  void work() {
    while (const std::optional<Task> task = take_task()) {
      std::exception_ptr error;
      try {
        make_sample(*task);
      } catch (...) {
        error = std::current_exception();
      }
      finish(*task, error);
    }
  }

  // The earliest sample nobody has begun; waits for one. Nothing: the loader is going.
  std::optional<Task> take_task() {
    std::unique_lock lock(mutex);
    while (!stopping) {
      for (const auto& batch : ahead) {
        if (batch->taken < batch->size()) return Task{batch, batch->taken++};
      }
      work_to_do.wait(lock);
    }
    return std::nullopt;
  }

  void make_sample(const Task& task) const {
    UnfinishedBatch& unfinished = *task.batch;
    const Draw& draw = unfinished.draws[task.index];
    const Sample& sample = dataset->sample(draw.sample);
    const AugmentKey key{options.seed, unfinished.epoch, unfinished.batch.positions[task.index]};
    const AugmentPlan plan =
        plan_augmentation(options.augment, static_cast<int>(sample.height), static_cast<int>(sample.width), draw.centroid, key);
    store(read_augmented(*dataset, draw.sample, plan), task.index, unfinished.batch);
    unfinished.batch.names[task.index] = sample.name;
  }

  void finish(const Task& task, const std::exception_ptr& error) {
    const std::scoped_lock lock(mutex);
    task.batch->errors[task.index] = error;
    if (++task.batch->finished == task.batch->size()) batch_finished.notify_all();
  }

  // With the mutex held: opens the batches of the next steps, up to `prefetch` of them.
  void look_ahead() {
    const size_t ranks_batch = options.global_batch / static_cast<size_t>(share.ranks);
    for (; ahead.size() < static_cast<size_t>(options.prefetch) && next_step < steps; ++next_step) {
      const size_t first = next_step * options.global_batch + static_cast<size_t>(share.rank) * ranks_batch;
      const auto begin = draws.begin() + static_cast<ptrdiff_t>(first);
      const ViewSize view = view_size(options.augment, dataset->sample(begin->sample));
      ahead.push_back(begin_batch({begin, begin + static_cast<ptrdiff_t>(ranks_batch)}, epoch, first, view));
    }
    work_to_do.notify_all();
  }

  const std::shared_ptr<const Dataset> dataset;
  const TrainingLoaderOptions options;
  const Share share;
  const EpochOrder order;
  const size_t steps;

  std::mutex mutex;  // guards everything below but `workers` and `waited`
  std::condition_variable work_to_do, batch_finished;
  std::deque<std::shared_ptr<UnfinishedBatch>> ahead;  // the next step's batch first
  std::vector<Draw> draws;                             // of the epoch
  uint64_t epoch = 0;
  size_t next_step = 0;  // to be opened
  bool stopping = false;

  std::chrono::duration<double> waited{0};
  std::vector<std::thread> workers;
};

TrainingLoader::TrainingLoader(std::shared_ptr<const Dataset> dataset, const TrainingLoaderOptions& options, Share share)
    : state_(std::make_unique<State>(std::move(dataset), options, share)) {
  for (int i = 0; i < options.threads; ++i) state_->workers.emplace_back([state = state_.get()] { state->work(); });
}
TrainingLoader::~TrainingLoader() = default;

size_t TrainingLoader::steps_per_epoch() const { return state_->steps; }
double TrainingLoader::waited_seconds() const { return state_->waited.count(); }

uint64_t TrainingLoader::most_bytes() const {
  constexpr uint64_t kBatchBytes = 11, kColors = 3, kViewBytes = 7, kTileBytes = 4 << 20;  // the first three a pixel
  const Dataset& dataset = *state_->dataset;
  const TrainingLoaderOptions& options = state_->options;
  uint64_t frame = 0, narrowed = 0, view = 0;  // px
  for (size_t i = 0; i < dataset.size_with_further(); ++i) {
    const Sample& sample = dataset.sample(i);
    const ViewSize size = view_size(options.augment, sample);
    frame = std::max(frame, uint64_t{sample.height} * sample.width);
    narrowed = std::max(narrowed, uint64_t{sample.height} * static_cast<uint64_t>(size.width));
    view = std::max(view, static_cast<uint64_t>(size.height) * static_cast<uint64_t>(size.width));
  }
  const uint64_t tile = dataset.manifest().keep == "original" ? kTileBytes + 2 * kColors * frame : kTileBytes;
  const uint64_t batch = kBatchBytes * view * (options.global_batch / static_cast<uint64_t>(state_->share.ranks));
  return static_cast<uint64_t>(options.prefetch) * batch +
         static_cast<uint64_t>(options.threads) * (kColors * frame + kColors * narrowed + kViewBytes * view + tile);
}

void TrainingLoader::start(uint64_t epoch, size_t first_step) {
  std::vector<Draw> draws = state_->order.epoch(epoch);
  const size_t classes = state_->dataset->labels().classes.size();
  log_info("epoch {} draws {}", epoch, statistics_text(statistics_of(draws, classes), state_->dataset->size()));
  const std::scoped_lock lock(state_->mutex);
  state_->ahead.clear();  // samples under way end in batches that nobody reads
  state_->draws = std::move(draws);
  state_->epoch = epoch;
  state_->next_step = first_step;
  state_->look_ahead();
}

Batch TrainingLoader::next() {
  const auto begin = std::chrono::steady_clock::now();
  std::unique_lock lock(state_->mutex);
  if (state_->ahead.empty()) {
    throw InternalError(fmt::format("the loader was asked for a batch outside an epoch of {} steps", state_->steps));
  }
  const std::shared_ptr<UnfinishedBatch> unfinished = state_->ahead.front();
  state_->batch_finished.wait(lock, [&] { return unfinished->finished == unfinished->size(); });
  state_->ahead.pop_front();
  state_->look_ahead();
  lock.unlock();
  state_->waited += std::chrono::steady_clock::now() - begin;
  for (const std::exception_ptr& error : unfinished->errors) {
    if (error) std::rethrow_exception(error);
  }
  return std::move(unfinished->batch);
}

}  // namespace strata
