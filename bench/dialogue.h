#pragma once
// What bench/training_step.py asks of a program: "ready", and then for each line on stdin one round of its work, answered by the
// seconds by the clock, those on the cores (of all threads), and the number that came out.

#include <chrono>
#include <cstdio>
#include <ctime>
#include <functional>
#include <iostream>
#include <string>

namespace strata {

inline double seconds_on_cores() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

// Until stdin ends.
inline void work_on_request(const std::function<double()>& work) {
  std::puts("ready");
  std::fflush(stdout);
  for (std::string line; std::getline(std::cin, line);) {
    const auto begun = std::chrono::steady_clock::now();
    const double on_cores = seconds_on_cores();
    const double result = work();
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
    std::printf("%.4f %.4f %.6f\n", seconds, seconds_on_cores() - on_cores, result);
    std::fflush(stdout);
  }
}

}  // namespace strata
