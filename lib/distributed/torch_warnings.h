#pragma once
// What LibTorch warns of, in this program's log.

namespace strata {

// From here on, for the whole process: warnings of LibTorch become warnings of ours. Those that a user can do nothing about, and
// that cost nothing worth saying, are kept for --log-level debug.
void log_torch_warnings();

}  // namespace strata
