#include "distributed/torch_warnings.h"

#include <c10/util/Exception.h>
#include <gmock/gmock.h>

namespace strata {
namespace {

using ::testing::HasSubstr;

std::string logged(const char* warning) {
  log_torch_warnings();
  ::testing::internal::CaptureStderr();
  TORCH_WARN(warning);
  return ::testing::internal::GetCapturedStderr();
}

TEST(TorchWarnings, BecomeWarningsOfTheProgram) {
  EXPECT_THAT(logged("this kernel is not deterministic"), HasSubstr("warning LibTorch: this kernel is not deterministic"));
}

TEST(TorchWarnings, ThatNobodyCanActOnAreSilent) {
  EXPECT_EQ(logged("Warning: Grad strides do not match bucket view strides. This may indicate ..."), "");
}

}  // namespace
}  // namespace strata
