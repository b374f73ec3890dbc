#include "base/memory.h"

#include <malloc.h>

#include <limits>

namespace strata {
namespace {

constexpr int kMiB = 1 << 20;

}  // namespace

void reuse_freed_memory() {
  mallopt(M_MMAP_THRESHOLD, 32 * kMiB);  // the largest that the C library takes
  mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
  mallopt(M_TOP_PAD, 64 * kMiB);
}

void give_back_freed_memory() { malloc_trim(0); }

}  // namespace strata
