#pragma once
// When a run will be done, and how many jobs of a given length that takes.

#include <cstdint>
#include <string>

namespace strata {

// What is done and to do, in optimiser steps.
struct RunProgress {
  uint64_t done = 0;
  uint64_t total = 0;
  uint64_t steps_per_epoch = 0;
};

struct Pace {
  double seconds_per_step = 0;  // validations and checkpoints included; 0: not known
  double start_up_seconds = 0;  // of each job, before its first step
};

// Of steps alone, without start-up; 0 where the pace is not known.
double seconds_to_go(const RunProgress& progress, const Pace& pace);

// Steps that a job of this length gets done: 3 % of it is left for stopping.
uint64_t steps_in_job(double job_seconds, const Pace& pace);

// "44 of 175 epochs fit into 12:00:00; 4 more jobs of that length complete the run". Epochs are those still to do.
std::string forecast_text(const RunProgress& progress, const Pace& pace, double job_seconds);

}  // namespace strata
