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
  explicit ShardFile(const ShardTask& task)
      : task_(task), writer_(task.directory / task.shard.file, task.layout.labels().num_classes()) {
    entry_.labelled = !task.shard.samples.front().labels.empty();
    entry_.class_pixels.assign(task.layout.labels().classes.size(), 0);
    entry_.class_images.assign(task.layout.labels().classes.size(), 0);
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

// This rank's sample of the round that begins with sample `first`, if there is one.
std::optional<EncodedSample> encode_own(const ShardTask& task, size_t first, const Communicator& comm) {
  std::optional<EncodedSample> encoded;
  agree(comm, [&] {
    const size_t index = first + static_cast<size_t>(comm.rank());
    if (index < task.shard.samples.size()) encoded = encode_sample(task.shard.samples[index], task.layout, task.encode);
  });
  return encoded;
}

}  // namespace

std::optional<FinishedShard> convert_shard(const ShardTask& task, const Communicator& comm, BadFiles& bad_files) {
  const bool is_owner = comm.rank() == task.owner;
  std::optional<ShardFile> file;
  agree(comm, [&] {
    if (is_owner) file.emplace(task);
  });
  const size_t samples = task.shard.samples.size(), ranks = static_cast<size_t>(comm.size());
  for (size_t first = 0; first < samples; first += ranks) {
    if (task.stop()) return std::nullopt;
    const std::optional<EncodedSample> own = encode_own(task, first, comm);
    bad_files.report(comm, own ? own->bad : std::nullopt);
    const std::vector<std::string> packets = comm.gather(own ? to_packet(*own) : "", task.owner);
    agree(comm, [&] {
      for (const std::string& packet : packets) {
        if (!packet.empty()) file->add(sample_from_packet(packet));
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
