#include "comm/beats.h"

#include <fmt/format.h>

#include <algorithm>

namespace strata {
namespace {

constexpr uint64_t kFewestSteps = 5;          // of a window
constexpr double kSmallestDifference = 0.05;  // of a step, in seconds: below it nobody is slow

}  // namespace

Beats::Beats(std::vector<std::string> hosts, double now) : hosts_(std::move(hosts)), seen_(hosts_.size()) {
  for (size_t rank = 0; rank < seen_.size(); ++rank) {
    seen_[rank].newest.rank = static_cast<int64_t>(rank);
    seen_[rank].at = now;
  }
}

void Beats::add(const Beat& beat, double now) {
  if (beat.rank < 0 || beat.rank >= static_cast<int64_t>(seen_.size())) return;
  Seen& seen = seen_[static_cast<size_t>(beat.rank)];
  seen.newest = beat;
  seen.at = now;
  if (!seen.window_open) seen.window_begin = beat;
  seen.window_open = true;
}

void Beats::forgive(double now) {
  for (Seen& seen : seen_) {
    seen.at = now;
    seen.newest.idle_seconds = 0;
    seen.window_open = false;
  }
}

std::string Beats::name_of(int rank) const {
  const Seen& seen = seen_[static_cast<size_t>(rank)];
  const char* phase = seen.newest.phase.data();
  return fmt::format("rank {} on {} ({} step {})", rank, hosts_[static_cast<size_t>(rank)],
                     *phase ? std::string(phase) + "," : "starting,", seen.newest.step);
}

std::optional<std::string> Beats::silent(int rank, double seconds, double now) const {
  const double silence = now - seen_[static_cast<size_t>(rank)].at;
  if (silence < seconds) return std::nullopt;
  return fmt::format("{} has given no sign of life for {:.0f} s: its process is stopped, or its node or the network hangs",
                     name_of(rank), silence);
}

std::optional<std::string> Beats::stalled(double seconds, double now) const {
  for (size_t rank = 0; rank < seen_.size(); ++rank) {
    if (auto sentence = silent(static_cast<int>(rank), seconds, now)) return sentence;
  }
  bool all_wait = seen_.size() > 1;
  for (size_t rank = 0; rank < seen_.size(); ++rank) {
    const Beat& beat = seen_[rank].newest;
    const double idle = beat.idle_seconds + (now - seen_[rank].at);
    if (idle >= seconds && !beat.waiting) {
      return fmt::format("{} has not moved for {:.0f} s, as where a disk or file server does not answer",
                         name_of(static_cast<int>(rank)), idle);
    }
    all_wait = all_wait && idle >= seconds;
  }
  if (!all_wait) return std::nullopt;
  return fmt::format("all ranks have waited for each other for {:.0f} s, {} among them: the network lost a message", seconds,
                     name_of(0));
}

std::optional<std::string> Beats::straggler(double ratio) {
  struct Work {
    int rank;
    double seconds;  // a step
  };
  std::vector<Work> work;
  for (size_t rank = 0; rank < seen_.size(); ++rank) {
    const Seen& seen = seen_[rank];
    const uint64_t steps = seen.newest.step - seen.window_begin.step;
    if (!seen.window_open || seen.newest.step < seen.window_begin.step + kFewestSteps) return std::nullopt;
    const double ran = seen.newest.run_seconds - seen.window_begin.run_seconds,
                 waited = seen.newest.waited_seconds - seen.window_begin.waited_seconds;
    work.push_back({static_cast<int>(rank), (ran - waited) / static_cast<double>(steps)});
  }
  for (Seen& seen : seen_) seen.window_begin = seen.newest;
  if (work.size() < 2) return std::nullopt;
  std::sort(work.begin(), work.end(), [](const Work& a, const Work& b) { return a.seconds < b.seconds; });
  const Work& slowest = work.back();
  const double usual = work[(work.size() - 1) / 2].seconds;
  if (slowest.seconds < ratio * usual || slowest.seconds - usual < kSmallestDifference) return std::nullopt;
  return fmt::format(
      "{} is a straggler: it works {:.1f} times as long on a step as the others ({:.2f} s, usual {:.2f} s), and they wait for "
      "it. "
      "Another job on its cores, a slow disk, a throttled processor?",
      name_of(slowest.rank), slowest.seconds / std::max(usual, 1e-9), slowest.seconds, usual);
}

}  // namespace strata
