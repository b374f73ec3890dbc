#pragma once
// One outcome for all ranks: where one fails, all throw the same error.

#include "base/error.h"
#include "comm/communicator.h"

#include <exception>
#include <functional>
#include <optional>

namespace strata {

// Collective. Runs `work` on every rank; if it threw anywhere, every rank throws the Error of the lowest failing rank (its code
// and text, with "rank N on HOST: " before it where there are several ranks). `work` must not itself be collective after a point
// where it can fail on one rank only.
void agree(const Communicator& comm, const std::function<void()>& work);

// Same, for work done by rank 0 alone.
void on_root(const Communicator& comm, const std::function<void()>& work);

}  // namespace strata
