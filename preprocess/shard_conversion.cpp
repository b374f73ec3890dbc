#include "preprocess/shard_conversion.h"

#include "base/error.h"
#include "base/files.h"
#include "comm/agreement.h"
#include "data/shard_writer.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace strata {

namespace {

// The owner's side: the file, and what the manifest will say of it.
class ShardFile {
 public:
  explicit ShardFile(const ShardTask& task) : task_(task), writer_(task.directory / task.shard.file, task.labels.num_classes()) {
    entry_.labelled = !task.shard.samples.front().labels.empty();
    entry_.class_pixels.assign(task.labels.classes.size(), 0);
    entry_.class_images.assign(task.labels.classes.size(), 0);
  }

  void add(const EncodedSample& encoded) {
    if (encoded.bad) {
      entry_.skipped.push_back(encoded.sample.name);
      return;
    }
    naming_the_need([&] { writer_.add(encoded.sample, encoded.coded); });
    entry_.ignored_pixels += encoded.sample.ignored_pixels;
    for (size_t c = 0; c < entry_.class_pixels.size(); ++c) {
      entry_.class_pixels[c] += encoded.sample.class_pixels[c];
      entry_.class_images[c] += encoded.sample.class_pixels[c] > 0;
    }
  }

  SplitEntry finish() {
    naming_the_need([&] { entry_.shards = {writer_.finish()}; });
    return entry_;
  }

 private:
  template <typename Write>
  void naming_the_need(Write write) const {
    try {
      write();
    } catch (const IoError& error) {
      throw IoError(fmt::format(
          "{}. This shard needs about {}; {} free in {}. Finished shards are kept: the same command continues", error.what(),
          readable_bytes(task_.shard.source_bytes()), readable_bytes(free_bytes(task_.directory)), task_.directory.string()));
    }
  }

  const ShardTask& task_;
  ShardWriter writer_;
  SplitEntry entry_;
};

}  // namespace

std::vector<const SourceSample*> own_share(const std::vector<const PlannedShard*>& shards, const Communicator& comm) {
  std::vector<const SourceSample*> share;
  const size_t ranks = static_cast<size_t>(comm.size()), rank = static_cast<size_t>(comm.rank());
  for (const PlannedShard* shard : shards) {
    for (size_t i = rank; i < shard->samples.size(); i += ranks) share.push_back(&shard->samples[i]);
  }
  return share;
}

std::optional<FinishedShard> convert_shard(const ShardTask& task, const Communicator& comm, BadFiles& bad_files) {
  const bool is_owner = comm.rank() == task.owner;
  std::optional<ShardFile> file;
  agree(comm, [&] {
    if (is_owner) file.emplace(task);
  });
  const size_t samples = task.shard.samples.size(), ranks = static_cast<size_t>(comm.size());
  for (size_t first = 0; first < samples; first += ranks) {
    if (task.stop()) return std::nullopt;
    std::optional<EncodedSample> own;
    agree(comm, [&] {
      if (first + static_cast<size_t>(comm.rank()) < samples) own = task.encoded.next();
    });
    bad_files.report(comm, own ? own->bad : std::nullopt);
    const std::vector<std::string> packets = comm.gather(own && !is_owner ? to_packet(*own) : "", task.owner);
    agree(comm, [&] {
      for (size_t rank = 0; rank < packets.size() && first + rank < samples; ++rank) {
        file->add(packets[rank].empty() ? *own : sample_from_packet(packets[rank]));
      }
    });
    task.advance(std::min(ranks, samples - first));
  }
  std::string entry;
  agree(comm, [&] {
    if (is_owner) entry = to_json(file->finish()).dump();
  });
  return FinishedShard{task.shard.fingerprint, split_from_json(nlohmann::json::parse(comm.broadcast(entry, task.owner)))};
}

}  // namespace strata
