#include "preprocess/workload.h"

#include "base/clock.h"
#include "base/files.h"
#include "base/log.h"
#include "comm/agreement.h"

#include <fmt/format.h>

#include <algorithm>

namespace strata {

namespace {

constexpr double kBusy = 0.85;  // share of the processors' time from which on they are what limits

double per_second(double amount, double seconds) { return seconds > 0 ? amount / seconds : 0; }

}  // namespace

WorkloadClock::WorkloadClock() : wall_(monotonic_seconds()), processor_(process_cpu_seconds()) {}

Workload WorkloadClock::stop(const Communicator& comm, uint64_t images, uint64_t source_bytes, uint64_t stored_bytes) const {
  constexpr double kMicro = 1e-6;
  const int64_t wall = static_cast<int64_t>((monotonic_seconds() - wall_) / kMicro);
  int64_t sums[] = {static_cast<int64_t>(images), static_cast<int64_t>(source_bytes), static_cast<int64_t>(stored_bytes),
                    static_cast<int64_t>((process_cpu_seconds() - processor_) / kMicro)};
  comm.sum(sums);
  Workload all{static_cast<uint64_t>(sums[0]),        static_cast<uint64_t>(sums[1]),
               static_cast<uint64_t>(sums[2]),        0,
               static_cast<double>(sums[3]) * kMicro, comm.size()};
  for (const std::string& other : comm.all_gather(std::to_string(wall)))
    all.wall_seconds = std::max(all.wall_seconds, static_cast<double>(std::stoll(other)) * kMicro);
  return all;
}

Workload measure(const Plan& plan, const Layout& layout, const EncodeOptions& options, uint64_t images,
                 const Communicator& comm) {
  const WorkloadClock clock;
  uint64_t number = 0, own = 0, source_bytes = 0, stored_bytes = 0;
  agree(comm, [&] {
    for (const PlannedShard& shard : plan.shards) {
      for (const SourceSample& source : shard.samples) {
        if (number == images) return;
        if (number++ % static_cast<uint64_t>(comm.size()) != static_cast<uint64_t>(comm.rank())) continue;
        const EncodedSample encoded = encode_sample(source, layout, options);
        if (encoded.bad) log_warning("bad input: {}", encoded.bad->message);
        ++own;
        source_bytes += source.bytes();
        stored_bytes += encoded.coded.size();
      }
    }
  });
  return clock.stop(comm, own, source_bytes, stored_bytes);
}

std::string rate_text(const Workload& w) {
  const double busy = per_second(w.processor_seconds, w.wall_seconds * w.ranks);
  return fmt::format(
      "{} images, {} in {}: {:.1f} images/s, {:.1f} MB/s by {} rank{}; processors {:.0f} % busy: {} is what limits it", w.images,
      readable_bytes(w.source_bytes), readable_duration(w.wall_seconds),
      per_second(static_cast<double>(w.images), w.wall_seconds),
      per_second(static_cast<double>(w.source_bytes) / 1e6, w.wall_seconds), w.ranks, w.ranks == 1 ? "" : "s",
      100 * std::min(1.0, busy), busy >= kBusy ? "decoding" : "the disk (or other programs)");
}

std::string forecast_text(const Workload& measured, const Plan& plan) {
  uint64_t bytes = 0;
  for (const SplitTotals& split : plan.totals) bytes += split.bytes;
  const double scale = per_second(static_cast<double>(bytes), static_cast<double>(measured.source_bytes));
  return fmt::format("{} images, {}: about {} with {} rank{}, {} of shards", plan.images(), readable_bytes(bytes),
                     readable_duration(scale * measured.wall_seconds), measured.ranks, measured.ranks == 1 ? "" : "s",
                     readable_bytes(static_cast<uint64_t>(scale * static_cast<double>(measured.stored_bytes))));
}

}  // namespace strata
