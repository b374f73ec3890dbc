// A round trip through PyTorch and the safetensors library: what they save is read, written and read by them again with the same
// bits.

#include "models/foreign_weights.h"
#include "support/paths.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace strata::testing {
namespace {

using ::testing::HasSubstr;

CommandResult pickler(const std::string& what, const std::filesystem::path& directory) {
  return run_command(fmt::format("PYTHONDONTWRITEBYTECODE=1 PYTHONPATH='{}' '{}' '{}' {} '{}'", STRATA_TORCH_SITE,
                                 python().string(), (source_dir() / "tests/lib/models/second_pickler.py").string(), what,
                                 directory.string()));
}

TEST(PthRoundTrip, through_pytorch_and_safetensors_keeps_every_bit) {
  const ScratchDirectory scratch;
  const CommandResult written = pickler("write", scratch.path());
  ASSERT_EQ(written.exit_code, 0) << written.errors;
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(scratch.path())) {
    if (entry.path().extension() != ".pth") continue;
    ForeignWeights weights = read_foreign_weights(entry.path());
    if (entry.path().filename().string().starts_with("checkpoint")) {
      EXPECT_EQ(weights.epoch, 7);
      EXPECT_EQ(weights.architecture, "ocrnet.HRNet");
      EXPECT_EQ(weights.mean_iu, 0.25);
      EXPECT_EQ(weights.momenta.tensors.size(), 6u) << weights.why_no_momenta;
      for (const auto& [name, tensor] : weights.momenta.tensors) weights.state.tensors.emplace_back("momentum." + name, tensor);
    }
    write_safetensors(weights.state, entry.path().string() + ".safetensors");
    ++files;
  }
  EXPECT_EQ(files, 10);
  write_safetensors(read_safetensors(scratch / "types.safetensors"), scratch / "types.again");
  const CommandResult compared = pickler("compare", scratch.path());
  EXPECT_EQ(compared.exit_code, 0) << compared.errors;
  EXPECT_THAT(compared.output, HasSubstr("98 tensors have the same bits"));
}

}  // namespace
}  // namespace strata::testing
