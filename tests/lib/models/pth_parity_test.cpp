// The checkpoints that the reference's PyTorch wrote: read exactly, or refused with a reason.

#include "base/error.h"
#include "models/foreign_weights.h"
#include "support/hdf5_file.h"
#include "support/paths.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace strata::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

std::filesystem::path checkpoint(const std::string& name) { return shared_dir() / "parity/checkpoints" / (name + ".pth"); }

// Of the file's type: half types round what the numbers are in single precision.
void expect_tensors(const ForeignWeights& weights, const std::string& group, const std::string& prefix) {
  const Hdf5File expected(shared_dir() / "parity/checkpoints/expected.h5");
  for (const auto& [name, tensor] : weights.state.tensors) {
    ASSERT_TRUE(name.starts_with(prefix)) << name;
    const std::string dataset = group + name.substr(prefix.size());
    const std::vector<int64_t> shape = expected.shape(dataset);
    ASSERT_EQ(tensor.sizes(), torch::IntArrayRef(shape)) << name;
    const torch::Tensor wanted = torch::tensor(expected.doubles(dataset), torch::kFloat64).view(shape).to(tensor.scalar_type());
    EXPECT_TRUE(torch::equal(tensor, wanted)) << name;
  }
}

struct Readable {
  const char* file;
  const char* group;
  const char* prefix;
  size_t tensors;
  torch::ScalarType type;
};
class ReadableCheckpoint : public ::testing::TestWithParam<Readable> {};

TEST_P(ReadableCheckpoint, is_read_exactly) {
  const Readable& known = GetParam();
  const ForeignWeights weights = read_foreign_weights(checkpoint(known.file));
  ASSERT_EQ(weights.state.tensors.size(), known.tensors);
  EXPECT_EQ(weights.state.tensors.front().second.scalar_type(), known.type);
  expect_tensors(weights, known.group, known.prefix);
}

INSTANTIATE_TEST_SUITE_P(File, ReadableCheckpoint,
                         ::testing::Values(Readable{"plain_zip", "", "", 8, torch::kFloat32},
                                           Readable{"plain_legacy", "", "", 8, torch::kFloat32},
                                           Readable{"full_zip", "", "module.", 8, torch::kFloat32},
                                           Readable{"full_legacy", "", "module.", 8, torch::kFloat32},
                                           Readable{"half_zip", "", "", 8, torch::kFloat16},
                                           Readable{"bfloat16_zip", "", "", 8, torch::kBFloat16},
                                           Readable{"views_zip", "views/", "", 3, torch::kFloat32},
                                           Readable{"views_legacy", "views/", "", 3, torch::kFloat32}),
                         [](const auto& test) { return std::string(test.param.file); });

TEST(FullCheckpoint, gives_its_facts) {
  for (const char* file : {"full_zip", "full_legacy"}) {
    const ForeignWeights weights = read_foreign_weights(checkpoint(file));
    EXPECT_EQ(weights.epoch, 44);
    EXPECT_EQ(weights.architecture, "ocrnet.HRNet_Mscale");
    EXPECT_EQ(weights.num_classes, 65);
    EXPECT_EQ(weights.mean_iu, 0.46038);
  }
}

TEST(MaliciousCheckpoint, is_refused_by_what_it_names_and_nothing_is_run) {
  for (const char* file : {"malicious_zip", "malicious_legacy"}) {
    const ScratchDirectory scratch;
    const CommandResult result =
        run_command(fmt::format("cd '{0}' && '{1}' convert '{2}' out.safetensors && exit 0; code=$?; ls -A; exit $code",
                                scratch.path().string(), executable("strata-weights").string(), checkpoint(file).string()));
    EXPECT_EQ(result.exit_code, 76);
    EXPECT_EQ(result.output, "") << "a file was created";
    EXPECT_THAT(result.errors, AllOf(HasSubstr(file), HasSubstr("'posix'.'system'"), HasSubstr("Nothing in it was run")));
  }
}

TEST(TruncatedCheckpoint, is_refused) {
  for (const char* file : {"truncated_zip", "truncated_legacy"}) {
    try {
      read_foreign_weights(checkpoint(file));
      FAIL() << file;
    } catch (const FormatError& error) {
      EXPECT_THAT(error.what(), AllOf(HasSubstr(file), HasSubstr("cut short")));
    }
  }
}

}  // namespace
}  // namespace strata::testing
