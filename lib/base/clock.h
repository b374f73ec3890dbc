#pragma once
// Time: monotonic seconds to measure with, wall-clock text to read.

#include <string>

namespace strata {

// Seconds of CLOCK_MONOTONIC: for intervals and deadlines; no jump of the wall clock touches it.
double monotonic_seconds();
// monotonic_seconds() when this process was loaded.
double process_start_seconds();
// Processor time of the calling thread; of all threads of this process.
double thread_cpu_seconds();
double process_cpu_seconds();
// Seconds since 1970 (UTC).
double unix_seconds();

std::string utc_time_text();  // "2026-01-31T12:00:00Z"
std::string utc_time_text(double unix_seconds);
std::string local_time_text();  // "2026-01-31 12:00:00"

// 3725 -> "1:02:05", 90061 -> "1-01:01:01" (days), 59.6 -> "0:01:00"; for people and Slurm. Negative: "0:00:00".
std::string readable_duration(double seconds);

}  // namespace strata
