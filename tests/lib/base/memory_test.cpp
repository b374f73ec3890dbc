#include "base/memory.h"

#include <gmock/gmock.h>
#include <malloc.h>

#include <array>
#include <cstdlib>

namespace strata {
namespace {

TEST(ReuseFreedMemory, KeepsBlocksOfTensorsSizeInTheHeap) {
  constexpr size_t kBytes = 20 << 20, kBlocks = 6;
  reuse_freed_memory();
  const size_t mapped = mallinfo2().hblkhd;
  std::array<void*, kBlocks> blocks{};
  for (void*& block : blocks) block = std::malloc(kBytes);
  EXPECT_EQ(mallinfo2().hblkhd, mapped);
  for (void* block : blocks) std::free(block);
  EXPECT_GE(mallinfo2().arena, kBlocks * kBytes);
}

}  // namespace
}  // namespace strata
