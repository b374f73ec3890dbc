#include "base/process_info.h"

#include <gmock/gmock.h>

namespace strata {
namespace {

TEST(ProcessInfo, CoresAreWrittenAsRanges) {
  EXPECT_EQ(core_list_text({0, 1, 2, 5}), "0-2,5");
  EXPECT_EQ(core_list_text({7}), "7");
  EXPECT_EQ(core_list_text({}), "");
}

TEST(ProcessInfo, KnowsItsMachine) {
  EXPECT_FALSE(host_name().empty());
  EXPECT_EQ(boot_id().size(), 36u);
  EXPECT_FALSE(usable_cores().empty());
  EXPECT_THAT(cpu_info().isa, testing::AnyOf("avx512", "avx2", "baseline"));
}

TEST(ProcessInfo, PeakMemoryGrowsWithWhatIsTouched) {
  const uint64_t before = peak_resident_bytes();
  std::vector<char> block(64 << 20, 1);
  EXPECT_GE(peak_resident_bytes(), before + (50 << 20)) << static_cast<int>(block[1000]);
}

}  // namespace
}  // namespace strata
