#pragma once
// Options that several programs have under the same keys.

#include "comm/stop.h"
#include "comm/watchdog.h"
#include "config/option_set.h"

#include <string>

namespace strata {

void add_stop_options(OptionSet& options, StopOptions& stop);                     // --time-limit, --stop-at
void add_watch_options(OptionSet& options, WatchdogOptions& watchdog);            // --watch.stall_seconds, ...
void add_compute_options(OptionSet& options, std::string& device, int& threads);  // --device, --threads

}  // namespace strata
