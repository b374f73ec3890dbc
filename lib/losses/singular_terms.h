#pragma once
// What the log says of RMI terms that cannot be computed as they are.

#include <cstdint>
#include <limits>

namespace strata {

class SingularTerms {
 public:
  // At most one line in `interval_seconds`: a network that saturates would fill the log with one a step.
  explicit SingularTerms(double interval_seconds = 60) : interval_seconds_(interval_seconds) {}

  // Of one forward pass. `retried`: were given a larger diagonal; `replaced`: of those, the ones that took BCE in the end.
  void note(int64_t retried, int64_t replaced);

 private:
  double interval_seconds_;
  double said_ = -std::numeric_limits<double>::infinity();  // monotonic
  int64_t retried_ = 0, replaced_ = 0;                      // not said yet
};

}  // namespace strata
