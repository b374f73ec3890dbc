#include "losses/singular_terms.h"

#include "base/clock.h"
#include "base/log.h"

namespace strata {

void SingularTerms::note(int64_t retried, int64_t replaced) {
  retried_ += retried;
  replaced_ += replaced;
  const double now = monotonic_seconds();
  if (retried_ == 0 || now < said_ + interval_seconds_) return;
  log_warning(
      "RMI: {} terms (a class in a sample) had a covariance that is not positive definite and were computed with a larger "
      "diagonal; for {} of them that was not enough and BCE stands in. The training goes on; if it keeps coming, the logits are "
      "saturated or not finite: lower [optimizer] lr",
      retried_, replaced_);
  said_ = now;
  retried_ = replaced_ = 0;
}

}  // namespace strata
