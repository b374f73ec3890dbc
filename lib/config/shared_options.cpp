#include "config/shared_options.h"

namespace strata {

namespace {

// A text that is empty or passes the check, which throws.
void add_checked_text(OptionSet& options, std::string key, std::string& field, std::string accepted,
                      void (*check)(const std::string&), OptionInfo info) {
  options.add_option({.key = std::move(key),
                      .accepted = std::move(accepted),
                      .info = std::move(info),
                      .read =
                          [&field, check](std::string_view text) {
                            if (!text.empty()) check(std::string(text));
                            field = text;
                          },
                      .write = [&field] { return field; }});
}

}  // namespace

void add_stop_options(OptionSet& options, StopOptions& stop) {
  add_checked_text(
      options, "time-limit", stop.time_limit, "TIME", [](const std::string& text) { parse_duration(text); },
      {.effect = "stop early, ready to be continued (code 75), before this much time has passed; D-HH:MM:SS, H:MM:SS or MM:SS"});
  add_checked_text(options, "stop-at", stop.stop_at, "TIME", [](const std::string& text) { parse_point_in_time(text); },
                   {.effect = "the same before this point in time; UNIX seconds or YYYY-MM-DDTHH:MM:SS"});
}

void add_watch_options(OptionSet& options, WatchdogOptions& watchdog) {
  options.add("watch.stall_seconds", watchdog.stall_seconds,
              {.effect = "end the job (code 71) naming the rank that has not moved for this long; longer than the slowest read "
                         "or write; 0: never",
               .unit = "s",
               .min = 0});
  options.add("watch.straggler_ratio", watchdog.straggler_ratio,
              {.effect = "name a rank that works this many times as long on a step as the others", .min = 1});
}

void add_compute_options(OptionSet& options, std::string& device, int& threads) {
  options.add_choice<std::string>("device", device, {{"auto", "auto"}, {"cpu", "cpu"}, {"cuda", "cuda"}},
                                  {.effect = "where to compute; auto: a GPU where one can be used"});
  options.add("threads", threads, {.effect = "threads of LibTorch on each rank; 0: the cores that the rank may use", .min = 0});
}

}  // namespace strata
