#include "base/error.h"
#include "lib/models/small_model.h"
#include "models/weight_file.h"
#include "support/message_of.h"
#include "support/paths.h"

#include <torch/types.h>

#include <gmock/gmock.h>
#include <fstream>
#include <iterator>

namespace strata {
namespace {

using namespace testing;
using ::testing::AllOf;
using ::testing::HasSubstr;

NamedTensors copy_of(const NamedTensors& state) {
  NamedTensors copy = state;
  for (auto& [name, tensor] : copy.tensors) tensor = tensor.clone();
  return copy;
}

TEST(State, HasTheOrderOfTheModules) {
  const NamedTensors state = state_of(*make_model(small_options()));
  std::vector<std::string> names;
  for (size_t i = 0; i < 7; ++i) names.push_back(state.tensors[i].first);
  EXPECT_THAT(names, ::testing::ElementsAre("backbone.conv1.weight", "backbone.bn1.weight", "backbone.bn1.bias",
                                            "backbone.bn1.running_mean", "backbone.bn1.running_var",
                                            "backbone.bn1.num_batches_tracked", "backbone.conv2.weight"));
  EXPECT_EQ(state.tensors.back().first, "scale_attn.conv2.weight");
}

TEST(State, LoadsIntoAnotherNetworkAsItWas) {
  ModelOptions options = small_options();
  const NamedTensors state = state_of(*make_model(options));
  options.seed = 99;
  const auto other = make_model(options);
  load_state(*other, state);
  const NamedTensors loaded = state_of(*other);
  for (size_t i = 0; i < state.tensors.size(); ++i) EXPECT_TRUE(torch::equal(state.tensors[i].second, loaded.tensors[i].second));
}

TEST(State, RefusalListsMissingMisshapenAndUnknownNames) {
  const auto model = make_model(small_options());
  NamedTensors state = copy_of(state_of(*model));
  state.tensors[0].first = "module.backbone.conv1.weight";
  state.tensors[1].second = torch::zeros({7});
  const std::string message = message_of<FormatError>([&] { load_state(*model, state); });
  EXPECT_THAT(message, AllOf(HasSubstr("1 missing: backbone.conv1.weight;"),
                             HasSubstr("1 of another shape: backbone.bn1.weight (network 32, weights 7);"),
                             HasSubstr("1 unknown to the network: module.backbone.conv1.weight;")));
}

TEST(State, RefusalNamesFiveAndCountsTheRest) {
  const auto model = make_model(small_options());
  const std::string message = message_of<FormatError>([&] { load_state(*model, {}); });
  EXPECT_THAT(message,
              HasSubstr("missing: backbone.conv1.weight, backbone.bn1.weight, backbone.bn1.bias, backbone.bn1.running_mean, "
                        "backbone.bn1.running_var, ...;"));
}

TEST(State, RefusedWeightsLeaveTheNetworkUntouched) {
  const auto model = make_model(small_options());
  const NamedTensors before = copy_of(state_of(*model));
  NamedTensors wrong = copy_of(before);
  for (auto& [name, tensor] : wrong.tensors) tensor = torch::zeros_like(tensor);
  wrong.tensors.pop_back();
  EXPECT_THROW(load_state(*model, wrong), FormatError);
  EXPECT_TRUE(torch::equal(before.tensors[0].second, state_of(*model).tensors[0].second));
}

WeightDescription description() {
  return {.class_names = {"road", "gr\xc3\xbcn", "c", "d", "e"},
          .class_colors = {{{128, 64, 128}, {0, 255, 0}, {1, 2, 3}, {4, 5, 6}, {7, 8, 9}}},
          .ignore_id = 255,
          .provenance = {{"seed", "3"}, {"dataset", "abc"}}};
}

std::string bytes_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(WeightFile, GivesBackNetworkClassesAndTensors) {
  const ScratchDirectory scratch;
  ModelOptions options = small_options();
  options.align_corners = true;
  const auto model = make_model(options);
  save_weights(*model, description(), scratch / "w.safetensors");
  const OpenedWeights opened = open_weights(scratch / "w.safetensors");
  EXPECT_EQ(opened.model.name, options.name);
  EXPECT_EQ(opened.model.width, options.width);
  EXPECT_EQ(opened.model.num_classes, options.num_classes);
  EXPECT_EQ(opened.model.ocr_channels, options.ocr_channels);
  EXPECT_EQ(opened.model.attention_channels, options.attention_channels);
  EXPECT_TRUE(opened.model.align_corners);
  EXPECT_EQ(opened.description.class_names, description().class_names);
  EXPECT_EQ(opened.description.class_colors, description().class_colors);
  EXPECT_EQ(opened.description.ignore_id, 255);
  EXPECT_EQ(opened.description.provenance, description().provenance);

  const auto other = make_model(opened.model);
  load_state(*other, opened.state);
  model->eval();
  other->eval();
  const torch::Tensor images = torch::ones({1, 3, 32, 48});
  EXPECT_TRUE(
      torch::equal(model->forward_inference(images, {0.5, 1}).pred_NCHW, other->forward_inference(images, {0.5, 1}).pred_NCHW));
}

TEST(WeightFile, SameWeightsGiveTheSameBytes) {
  const ScratchDirectory scratch;
  save_weights(*make_model(small_options()), description(), scratch / "1");
  save_weights(*make_model(small_options()), description(), scratch / "2");
  EXPECT_EQ(bytes_of(scratch / "1"), bytes_of(scratch / "2"));
}

TEST(WeightFile, OfAnotherProgramIsRefusedWithTheMissingKey) {
  const ScratchDirectory scratch;
  write_safetensors({.tensors = {{"a", torch::zeros(1)}}, .metadata = {{"format", "pt"}}}, scratch / "foreign.safetensors");
  const std::string message = message_of<FormatError>([&] { open_weights(scratch / "foreign.safetensors"); });
  EXPECT_THAT(message, AllOf(HasSubstr("foreign.safetensors"), HasSubstr("'strata_weights' is missing"),
                             HasSubstr("strata-weights convert")));
}

struct Damage {
  const char* what;
  const char* key;
  const char* value;
};
class DamagedMetadata : public ::testing::TestWithParam<Damage> {};

TEST_P(DamagedMetadata, IsRefusedByItsKey) {
  const ScratchDirectory scratch;
  save_weights(*make_model(small_options()), description(), scratch / "w");
  NamedTensors content = read_safetensors(scratch / "w");
  content.metadata[GetParam().key] = GetParam().value;
  write_safetensors(content, scratch / "damaged");
  EXPECT_THAT(message_of<FormatError>([&] { open_weights(scratch / "damaged"); }),
              HasSubstr("'" + std::string(GetParam().key) + "' "));
}

INSTANTIATE_TEST_SUITE_P(Key, DamagedMetadata,
                         ::testing::Values(Damage{"Version", "strata_weights", "2"}, Damage{"Width", "width", "w49"},
                                           Damage{"NegativeCount", "num_classes", "-5"}, Damage{"NoNumber", "ocr_channels", "x"},
                                           Damage{"HugeNumber", "attention_channels", "99999999999"},
                                           Damage{"NoTruth", "align_corners", "1"}, Damage{"NoList", "classes", "{"},
                                           Damage{"ShortList", "classes", "[]"},
                                           Damage{"NoColor", "classes", "[{\"name\":\"a\",\"color\":[1,2]}]"}),
                         [](const auto& test) { return std::string(test.param.what); });

TEST(WeightFile, WantsANameAndAColourForEveryClass) {
  const ScratchDirectory scratch;
  WeightDescription short_one = description();
  short_one.class_names.pop_back();
  EXPECT_THROW(save_weights(*make_model(small_options()), short_one, scratch / "w"), InternalError);
}

}  // namespace
}  // namespace strata
