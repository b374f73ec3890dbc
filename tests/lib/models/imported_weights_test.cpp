// Weights under others' names: recognised, renamed, loaded strictly or in part, converted, compared.

#include "models/imported_weights.h"

#include "base/error.h"
#include "lib/models/pth_writer.h"
#include "lib/models/reference_checkpoint.h"
#include "lib/models/small_model.h"
#include "models/name_map.h"
#include "models/weight_comparison.h"
#include "models/weight_conversion.h"
#include "models/weight_loading.h"
#include "models/weight_report.h"
#include "support/message_of.h"
#include "support/paths.h"

#include <gmock/gmock.h>

#include <cmath>
#include <fstream>

namespace strata::testing {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

NamedTensors small_state(ModelOptions options = small_options()) {
  NamedTensors state = state_of(*make_model(options));
  for (auto& [name, tensor] : state.tensors) tensor = tensor.clone();
  return state;
}

// Our names back to those of HRNet-OCR's releases.
std::string hrnet_ocr_name(const std::string& name) {
  const std::vector<std::pair<std::string, std::string>> rules = {{"backbone.", ""},
                                                                  {"ocr.conv3x3_ocr.1.0.", "conv3x3_ocr.1."},
                                                                  {"ocr.aux_head.1.0.", "aux_head.1."},
                                                                  {"ocr.aux_head.2.", "aux_head.3."},
                                                                  {"ocr.", ""}};
  for (const auto& [own, theirs] : rules) {
    if (name.starts_with(own)) return "model." + theirs + name.substr(own.size());
  }
  return name;
}

ModelOptions single_scale() {
  ModelOptions options = small_options();
  options.name = "ocrnet.HRNet";
  return options;
}

void expect_same(const NamedTensors& first, const NamedTensors& second) {
  const WeightComparison comparison = compare_weights(first, second);
  EXPECT_TRUE(comparison.same(0)) << comparison_text(comparison);
}

TEST(NameMap, takes_module_off_the_references_names) {
  NamedTensors foreign = small_state();
  for (auto& [name, tensor] : foreign.tensors) name = "module." + name;
  const RenamedTensors renamed = rename_tensors(foreign);
  EXPECT_EQ(renamed.map->name, "reference");
  expect_same(renamed.state, small_state());
}

TEST(NameMap, knows_the_releases_of_hrnet_ocr) {
  NamedTensors foreign = small_state(single_scale());
  for (auto& [name, tensor] : foreign.tensors) name = hrnet_ocr_name(name);
  foreign.tensors.emplace_back("loss.criterion.weight", torch::ones(5));
  const RenamedTensors renamed = rename_tensors(foreign);
  ASSERT_NE(renamed.map, nullptr);
  EXPECT_EQ(renamed.map->name, "hrnet-ocr");
  EXPECT_TRUE(renamed.map->align_corners);
  EXPECT_THAT(renamed.not_needed, ElementsAre("loss.criterion.weight"));
  expect_same(renamed.state, small_state(single_scale()));
}

TEST(NameMap, knows_hrnets_imagenet_weights_and_leaves_their_classifier) {
  NamedTensors foreign;
  for (const auto& [name, tensor] : small_state().tensors)
    if (name.starts_with("backbone.")) foreign.tensors.emplace_back(name.substr(9), tensor);
  const size_t trunk = foreign.tensors.size();
  for (const char* name :
       {"incre_modules.0.0.conv1.weight", "downsamp_modules.0.0.weight", "final_layer.0.weight", "classifier.weight"})
    foreign.tensors.emplace_back(name, torch::zeros(1));
  const RenamedTensors renamed = rename_tensors(foreign);
  EXPECT_EQ(renamed.map->name, "hrnet-imagenet");
  EXPECT_EQ(renamed.not_needed.size(), 4u);
  EXPECT_EQ(renamed.state.tensors.size(), trunk);
  const WeightMatch match = match_weights(*make_model(small_options()), renamed.state);
  EXPECT_THAT(match.unexpected, IsEmpty());
  EXPECT_GT(match.share, 0.5);
  EXPECT_LT(match.share, 1);
}

TEST(NameMap, knows_torchvisions_resnets) {
  NamedTensors foreign;
  for (const char* name :
       {"conv1.weight", "bn1.running_mean", "layer1.0.conv3.weight", "layer4.2.downsample.0.weight", "fc.bias"})
    foreign.tensors.emplace_back(name, torch::zeros(1));
  const RenamedTensors renamed = rename_tensors(foreign);
  EXPECT_EQ(renamed.map->name, "torchvision-resnet");
  std::vector<std::string> names;
  for (const auto& [name, tensor] : renamed.state.tensors) names.push_back(name);
  EXPECT_THAT(names, ElementsAre("backbone.layer0.0.weight", "backbone.layer0.1.running_mean", "backbone.layer1.0.conv3.weight",
                                 "backbone.layer4.2.downsample.0.weight"));
  EXPECT_THAT(renamed.not_needed, ElementsAre("fc.bias"));
}

TEST(NameMap, refuses_two_tensors_with_one_name) {
  NamedTensors foreign;
  foreign.tensors = {{"module.backbone.a", torch::zeros(1)}, {"backbone.a", torch::zeros(1)}};
  EXPECT_THAT(message_of<FormatError>([&] { rename_tensors(foreign); }), HasSubstr("'backbone.a'"));
}

TEST(Loading, is_strict_and_lists_what_does_not_fit) {
  const auto model = make_model(small_options());
  NamedTensors state = small_state();
  state.tensors[0].first = "backbone.other";
  state.tensors[1].second = torch::zeros({7});
  EXPECT_THAT(message_of<FormatError>([&] { load_weights(*model, state, {}); }),
              AllOf(HasSubstr("1 missing: backbone.conv1.weight;"),
                    HasSubstr("1 of another shape: backbone.bn1.weight (network 32, weights 7);"),
                    HasSubstr("1 unknown to the network: backbone.other;")));
}

TEST(Loading, does_without_the_counters_that_older_files_lack) {
  const auto model = make_model(small_options());
  NamedTensors state = small_state(), without;
  for (const auto& [name, tensor] : state.tensors)
    if (!name.ends_with("num_batches_tracked")) without.tensors.emplace_back(name, tensor + 1);
  const WeightMatch match = load_weights(*model, without, {});
  EXPECT_FALSE(match.counters.empty());
  EXPECT_EQ(match.share, 1);
  EXPECT_TRUE(torch::equal(*state_of(*model).find("scale_attn.conv2.weight"), *without.find("scale_attn.conv2.weight")));
}

TEST(Loading, in_part_says_the_share_and_refuses_a_smaller_one) {
  const auto model = make_model(small_options());
  NamedTensors trunk;
  for (const auto& [name, tensor] : small_state().tensors)
    if (name.starts_with("backbone.")) trunk.tensors.emplace_back(name, tensor + 1);
  const double share = match_weights(*model, trunk).share;
  EXPECT_THAT(message_of<FormatError>([&] { load_weights(*model, trunk, {.partial = share + 0.01}); }),
              AllOf(HasSubstr("% of the network's numbers are in the file"), HasSubstr("missing: ocr.")));
  EXPECT_TRUE(torch::equal(*state_of(*model).find("backbone.bn1.bias"), torch::zeros(32))) << "it was touched";
  load_weights(*model, trunk, {.partial = share});
  EXPECT_TRUE(torch::equal(*state_of(*model).find("backbone.bn1.bias"), torch::ones(32)));
}

TEST(Loading, gives_other_classes_new_heads_where_that_is_allowed) {
  ModelOptions other = small_options();
  other.num_classes = 7;
  const NamedTensors state = small_state(other);
  const auto model = make_model(small_options());
  const torch::Tensor head = state_of(*model).find("ocr.cls_head.weight")->clone();
  EXPECT_THAT(message_of<FormatError>([&] { load_weights(*model, state, {}); }),
              HasSubstr("4 for another number of classes: ocr.cls_head.weight (network 5x16x1x1, weights 7x16x1x1)"));
  const WeightMatch match = load_weights(*model, state, {.other_classes = LoadRules::OtherClasses::kNewHeads});
  EXPECT_EQ(match.heads.size(), 4u);
  EXPECT_TRUE(torch::equal(*state_of(*model).find("ocr.cls_head.weight"), head));
}

void put_pth(const NamedTensors& state, const std::filesystem::path& file) {
  std::ofstream(file, std::ios::binary) << reference_checkpoint({.epoch = 3, .state = state});
}

WeightDescription five_classes() {
  return {.class_names = {"a", "b", "c", "d", "e"}, .class_colors = {{{1, 1, 1}, {2, 2, 2}, {3, 3, 3}, {4, 4, 4}, {5, 5, 5}}}};
}

TEST(Import, tells_the_network_from_the_tensors) {
  const ScratchDirectory scratch;
  put_pth(small_state(), scratch / "x.pth");
  const ImportedWeights weights = import_weights(scratch / "x.pth");
  ASSERT_TRUE(weights.model) << weights.why_no_model;
  EXPECT_EQ(network_text(*weights.model),
            "ocrnet.HRNet_Mscale, w16-tiny, 5 classes, 16 OCR channels, 8 attention channels, align_corners false");
  EXPECT_EQ(weights.epoch, 3);
  EXPECT_THAT(weight_report(weights, TensorList::kShown),
              AllOf(HasSubstr("epoch          3\n"), HasSubstr("backbone.conv1.weight F32 32x3x3x3\n")));
}

TEST(Import, gives_momenta_under_the_parameters_names) {
  const ScratchDirectory scratch;
  const SmallCheckpoint small = small_checkpoint(PthForm::kLegacy);
  std::ofstream(scratch / "x.pth", std::ios::binary) << pth_of(small.pickle, small.storages, PthForm::kLegacy);
  const ImportedWeights weights = import_weights(scratch / "x.pth");
  ASSERT_EQ(weights.momenta.tensors.size(), 2u) << weights.why_no_momenta;
  EXPECT_EQ(weights.momenta.tensors[1].first, "backbone.conv1.bias");
  EXPECT_TRUE(torch::equal(weights.momenta.tensors[1].second, torch::tensor({0.25f, 0.75f})));
  EXPECT_EQ(weights.epoch, 44);
  EXPECT_EQ(weights.mean_iu, 0.46038);
  EXPECT_FALSE(weights.model);
}

TEST(Conversion, describes_a_whole_network_and_keeps_its_bits) {
  const ScratchDirectory scratch;
  put_pth(small_state(), scratch / "x.pth");
  const WeightConversion made =
      convert_weights({.input = scratch / "x.pth", .output = scratch / "x.safetensors"}, five_classes());
  EXPECT_TRUE(made.model);
  const OpenedWeights opened = open_weights(scratch / "x.safetensors");
  expect_same(opened.state, small_state());
  EXPECT_EQ(opened.model.num_classes, 5);
  EXPECT_THAT(opened.description.class_names, ElementsAre("a", "b", "c", "d", "e"));
  EXPECT_EQ(opened.description.provenance.at("epoch"), "3");
  EXPECT_EQ(opened.description.provenance.at("source.format"), "PyTorch (zip)");
  EXPECT_EQ(opened.description.provenance.at("source.sha256").size(), 64u);
}

TEST(Conversion, without_classes_leaves_them_unknown) {
  const ScratchDirectory scratch;
  put_pth(small_state(), scratch / "x.pth");
  convert_weights({.input = scratch / "x.pth", .output = scratch / "x.safetensors"}, {});
  EXPECT_THAT(open_weights(scratch / "x.safetensors").description.class_names, IsEmpty());
  WeightDescription short_one = five_classes();
  short_one.class_names.pop_back();
  EXPECT_THAT(message_of<ConfigError>(
                  [&] { convert_weights({.input = scratch / "x.pth", .output = scratch / "y.safetensors"}, short_one); }),
              HasSubstr("has 5 classes, but --labels names 4"));
  EXPECT_FALSE(std::filesystem::exists(scratch / "y.safetensors"));
}

TEST(Conversion, of_a_part_is_bare_or_strict_or_counted) {
  const ScratchDirectory scratch;
  NamedTensors state = small_state();
  state.tensors.erase(state.tensors.begin() + 1);
  put_pth(state, scratch / "x.pth");
  WeightConversionOptions options = {.input = scratch / "x.pth", .output = scratch / "x.safetensors"};
  EXPECT_THAT(convert_weights(options, {}).why_bare, HasSubstr("1 missing: backbone.bn1.weight"));
  expect_same(import_weights(options.output).state, state);
  EXPECT_EQ(import_weights(options.output).description.provenance.at("epoch"), "3");
  options.output = scratch / "y.safetensors";
  options.network = "ocrnet.HRNet_Mscale";
  EXPECT_THAT(message_of<FormatError>([&] { convert_weights(options, {}); }), AllOf(HasSubstr("x.pth"), HasSubstr("1 missing")));
  EXPECT_FALSE(std::filesystem::exists(options.output));
  options.partial = 0.9;
  EXPECT_TRUE(convert_weights(options, {}).model);
  EXPECT_THAT(open_weights(options.output).description.provenance.at("source.share"), StartsWith("0.99"));
}

TEST(Comparison, counts_differences_and_names_the_largest) {
  NamedTensors first, second;
  first.tensors = {{"same", torch::ones(2)},
                   {"near", torch::tensor({1.0, 2.0})},
                   {"nan", torch::tensor({std::nan(""), 1.0})},
                   {"type", torch::ones(1)},
                   {"one", torch::ones(1)}};
  second.tensors = {{"same", torch::ones(2)},
                    {"near", torch::tensor({1.0, 2.5})},
                    {"nan", torch::tensor({1.0, 1.0})},
                    {"type", torch::ones(1).to(torch::kFloat16)},
                    {"two", torch::ones(1)}};
  const WeightComparison comparison = compare_weights(first, second);
  EXPECT_EQ(comparison.equal, 1u);
  ASSERT_EQ(comparison.different.size(), 2u);
  EXPECT_EQ(comparison.different[0].name, "nan");
  EXPECT_EQ(comparison.different[1].largest, 0.5);
  EXPECT_THAT(comparison_text(comparison), AllOf(HasSubstr("near: 1 numbers, by 0.5 at most"), HasSubstr("type (F32 1, F16 1)"),
                                                 HasSubstr("first file only\n  one"), HasSubstr("second file only\n  two")));
  EXPECT_FALSE(comparison.same(1));
  NamedTensors near;
  near.tensors = {{"x", torch::ones(3) + 1e-3}};
  NamedTensors base;
  base.tensors = {{"x", torch::ones(3)}};
  EXPECT_FALSE(compare_weights(base, near).same(0));
  EXPECT_TRUE(compare_weights(base, near).same(0.01));
}

TEST(Models, are_listed_with_their_names) {
  EXPECT_THAT(known_models_report(),
              AllOf(HasSubstr("ocrnet.HRNet_Mscale"), HasSubstr("w48        720"), HasSubstr("torchvision-resnet")));
}

}  // namespace
}  // namespace strata::testing
