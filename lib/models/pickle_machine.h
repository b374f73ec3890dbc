#pragma once
// Reads a pickle without running it: a stack machine that knows the few instructions which weights need, and hands every name to
// a table (pickle_calls.h). What the table lacks ends the reading; there is nothing to import and nothing to call.

#include "models/pickle.h"

#include <cstddef>
#include <span>

namespace strata {

struct PickleRun {
  Pickle pickle;     // its structure is checked
  size_t bytes = 0;  // up to and with the instruction that ends it
};

// Of the pickle that `bytes` begin with. FormatError names what is not allowed and where, and where a limit is exceeded. Local;
// time and memory are proportional to the bytes read.
PickleRun read_pickle(std::span<const std::byte> bytes, const PickleLimits& limits = {});

}  // namespace strata
