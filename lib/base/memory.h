#pragma once
// How this process gets memory from the system.

namespace strata {

// Memory that is freed stays with the process and is used again: tensors of the same sizes come and go in every step, and the
// kernel would clear their pages each time (a sixth of the time of a small network's step, BENCHMARKS.md). Blocks above 32 MiB,
// which the C library maps one by one, go back as before. Call once, before much was allocated; does nothing with other
// allocators.
void reuse_freed_memory();

// Gives what is free now back to the system: before something large is asked for, or after much was freed that will not be
// needed again. Its pages are cleared anew when they come back.
void give_back_freed_memory();

}  // namespace strata
