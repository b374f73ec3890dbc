#pragma once
// Where the time of an epoch's steps goes.

#include "training/run_tables.h"

#include <cstdint>
#include <string>

namespace strata {

class EpochPace {
 public:
  void add(const StepTimes& times);
  double share_waiting_for_data() const { return total_ > 0 ? data_ / total_ : 0; }
  // "120 steps in 412 s, 1.2 % of it waiting for data, 3.4 % for gradients of other ranks". Of the steps that this start made.
  std::string text() const;

 private:
  uint64_t steps_ = 0;
  double total_ = 0, data_ = 0, gradients_ = 0;  // seconds
};

}  // namespace strata
