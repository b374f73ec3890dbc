#include "base/memory.h"

#include <gmock/gmock.h>
#include <malloc.h>

#include <cstdlib>

namespace strata {
namespace {

TEST(ReuseFreedMemory, KeepsABlockOfATensorsSizeInTheHeap) {
  constexpr size_t kBytes = 20 << 20;
  reuse_freed_memory();
  const size_t mapped = mallinfo2().hblkhd;
  void* volatile block = std::malloc(kBytes);
  EXPECT_EQ(mallinfo2().hblkhd, mapped);
  std::free(block);
  EXPECT_GE(mallinfo2().arena, kBytes);
}

}  // namespace
}  // namespace strata
