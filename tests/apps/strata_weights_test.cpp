// Weight files as a user handles them: looked at, converted, compared; trained from, continued, evaluated.

#include "base/files.h"
#include "lib/models/reference_checkpoint.h"
#include "models/weight_file.h"
#include "pipeline/pipeline.h"
#include "support/paths.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <optional>

namespace strata {
namespace {

using ::testing::AllOf;
using testing::CommandResult;
using ::testing::HasSubstr;
using testing::ScratchDirectory;

constexpr int kDone = 0, kUsage = 64, kDiffer = 65, kMissingInput = 66, kFormat = 76, kConfig = 78;

CommandResult weights(const std::string& arguments) {
  return testing::run_command(testing::program("strata-weights") + arguments);
}

class StrataWeights : public ::testing::Test {
 protected:
  // A run from the seed, with a checkpoint after each of its 4 steps (2 an epoch).
  static void SetUpTestSuite() {
    scratch_.emplace();
    const CommandResult straight = train("straight", "");
    ASSERT_EQ(straight.exit_code, kDone) << straight.errors;
  }
  static void TearDownTestSuite() { scratch_.reset(); }

  static std::string path(const std::string& name) { return (*scratch_ / name).string(); }

  static CommandResult train(const std::string& run, const std::string& more) {
    return testing::run_command(testing::program("strata-train", 1) +
                                fmt::format("--config '{}' --data '{}' --run '{}' --schedule.epochs 2 --checkpoint.every_steps 1 "
                                            "--checkpoint.keep 10 --validation.every_epochs 2 {}",
                                            testing::tiny_config().string(), testing::tiny_dataset().data.string(), path(run),
                                            more));
  }

  // The run's checkpoint after this step.
  static fs::path generation_of(int step) {
    for (const auto& entry : fs::directory_iterator(*scratch_ / "straight/checkpoints")) {
      const fs::path state = entry.path() / "state.json";
      if (fs::exists(state) && nlohmann::json::parse(read_text_file(state))["step"] == step) return entry.path();
    }
    throw std::runtime_error("no checkpoint of that step");
  }

  // What the reference would have saved there after `epoch`.
  static void put_checkpoint(int step, int64_t epoch, const std::string& file) {
    const fs::path generation = generation_of(step);
    write_file_atomically(*scratch_ / file, std::string_view(testing::reference_checkpoint(
                                                {.epoch = epoch,
                                                 .state = in_module_order(read_safetensors(generation / "model.safetensors")),
                                                 .momenta = read_safetensors(generation / "optimizer.safetensors")})));
  }

  static NamedTensors in_module_order(const NamedTensors& state) {
    ModelOptions options;
    options.width = Width::kW16Tiny;
    options.ocr_channels = 16;
    options.attention_channels = 8;
    NamedTensors ordered = state_of(*make_model(options));
    for (auto& [name, tensor] : ordered.tensors) tensor = *state.find(name);
    return ordered;
  }

  static std::optional<ScratchDirectory> scratch_;
};
std::optional<ScratchDirectory> StrataWeights::scratch_;

TEST_F(StrataWeights, AReferencesTrainingGoesOnToTheBitsOfAStraightOne) {
  put_checkpoint(2, 0, "last_checkpoint_ep0.pth");
  const CommandResult continued =
      train("continued", fmt::format("--model.weights '{}' --model.use continue", path("last_checkpoint_ep0.pth")));
  ASSERT_EQ(continued.exit_code, kDone) << continued.errors;
  EXPECT_THAT(continued.errors, AllOf(HasSubstr("is continued after its epoch 0"), HasSubstr("goes on after step 2 of 4")));
  const CommandResult compared = weights(
      fmt::format("compare '{}' '{}'", path("straight/weights/last.safetensors"), path("continued/weights/last.safetensors")));
  EXPECT_EQ(compared.exit_code, kDone) << compared.output;

  put_checkpoint(4, 1, "done.pth");
  const CommandResult nothing_left = train("other", fmt::format("--model.weights '{}' --model.use continue", path("done.pth")));
  EXPECT_EQ(nothing_left.exit_code, kConfig);
  EXPECT_THAT(nothing_left.errors, HasSubstr("has done 2 epochs"));
}

TEST_F(StrataWeights, ARunKnowsItsFirstWeightsByContent) {
  put_checkpoint(2, 0, "a.pth");
  put_checkpoint(4, 1, "b.pth");
  const CommandResult begun = train("run", fmt::format("--model.weights '{}' --schedule.epochs 1", path("a.pth")));
  ASSERT_EQ(begun.exit_code, kDone) << begun.errors;
  EXPECT_THAT(begun.errors, HasSubstr("names of reference"));
  EXPECT_THAT(weights(fmt::format("info '{}'", path("run/weights/last.safetensors"))).output, HasSubstr("model.weights_sha256"));
  fs::rename(*scratch_ / "a.pth", *scratch_ / "moved.pth");
  EXPECT_EQ(train("run", fmt::format("--model.weights '{}'", path("moved.pth"))).exit_code, kDone);
  const CommandResult other = train("run", fmt::format("--model.weights '{}'", path("b.pth")));
  EXPECT_EQ(other.exit_code, kConfig);
  EXPECT_THAT(other.errors, HasSubstr("model.weights_sha256"));
}

TEST_F(StrataWeights, APthIsLookedAtConvertedComparedAndEvaluated) {
  put_checkpoint(4, 1, "x.pth");
  const CommandResult info = weights(fmt::format("info '{}' --tensors", path("x.pth")));
  EXPECT_EQ(info.exit_code, kDone) << info.errors;
  EXPECT_THAT(info.output, AllOf(HasSubstr("PyTorch (zip)"), HasSubstr("ocrnet.HRNet_Mscale, w16-tiny, 19 classes"),
                                 HasSubstr("epoch          1"), HasSubstr("backbone.conv1.weight F32 32x3x3x3")));

  const CommandResult converted =
      weights(fmt::format("convert '{}' '{}' --labels cityscapes", path("x.pth"), path("x.safetensors")));
  EXPECT_EQ(converted.exit_code, kDone) << converted.errors;
  EXPECT_EQ(open_weights(*scratch_ / "x.safetensors").description.class_names.front(), "road");
  EXPECT_EQ(weights(fmt::format("compare '{}' '{}'", path("x.safetensors"), path("straight/weights/last.safetensors"))).exit_code,
            kDone);
  put_checkpoint(3, 0, "earlier.pth");
  const CommandResult different = weights(fmt::format("compare '{}' '{}'", path("x.pth"), path("earlier.pth")));
  EXPECT_EQ(different.exit_code, kDiffer);
  EXPECT_THAT(different.output, HasSubstr("tensors differ"));

  const auto evaluate = [&](const std::string& file) {
    return testing::run_command(testing::program("strata-evaluate") +
                                fmt::format("--data '{}' --weights '{}' --output '{}' --scales 1 --threads 1 --device cpu",
                                            testing::tiny_dataset().data.string(), path(file), path("eval-" + file)));
  };
  const CommandResult evaluated = evaluate("x.pth");
  EXPECT_EQ(evaluated.exit_code, kDone) << evaluated.errors;
  EXPECT_THAT(evaluated.errors, HasSubstr("does not say what its classes are"));
  EXPECT_EQ(evaluate("x.safetensors").exit_code, kDone);
  EXPECT_EQ(read_text_file(*scratch_ / "eval-x.pth/metrics.json"), read_text_file(*scratch_ / "eval-x.safetensors/metrics.json"));
}

TEST_F(StrataWeights, SaysWhatIsWrongAndWritesNothing) {
  write_file_atomically(*scratch_ / "damaged.pth", std::string_view("PK\x03\x04 and nothing else"));
  const CommandResult damaged = weights(fmt::format("convert '{}' '{}'", path("damaged.pth"), path("y.safetensors")));
  EXPECT_EQ(damaged.exit_code, kFormat);
  EXPECT_THAT(damaged.errors, AllOf(HasSubstr("damaged.pth"), HasSubstr("its zip archive")));
  EXPECT_FALSE(fs::exists(*scratch_ / "y.safetensors"));
  EXPECT_EQ(weights("info /nowhere.pth").exit_code, kMissingInput);
  EXPECT_EQ(weights("").exit_code, kUsage);
  EXPECT_THAT(weights("inof x").errors, HasSubstr("did you mean 'info'?"));
  EXPECT_THAT(weights("convert x.pth").errors, HasSubstr("1 files were given, 2 are wanted"));
  EXPECT_THAT(weights("convert x.pth y.pth").errors, HasSubstr("does not end in .safetensors"));
  EXPECT_THAT(weights("models").output, HasSubstr("ocrnet.HRNet_Mscale"));
  EXPECT_THAT(weights("--help").output, HasSubstr("convert FILE.pth NEW.safetensors"));
}

}  // namespace
}  // namespace strata
