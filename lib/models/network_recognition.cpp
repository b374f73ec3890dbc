#include "models/network_recognition.h"

#include "models/class_heads.h"
#include "models/foreign_text.h"
#include "models/hrnet.h"
#include "models/network_recipe.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <initializer_list>

namespace strata {

namespace {

constexpr std::array kWidths = {Width::kW16Tiny, Width::kW18Small, Width::kW18, Width::kW32, Width::kW48};
constexpr int64_t kMostChannels = 4096;  // a file that says more would make us build a network of terabytes

// Output channels of a convolution; 0 where it is not there or too large to be true.
int64_t channels_of(const NamedTensors& state, const std::string& name) {
  const torch::Tensor* weight = state.find(name);
  if (!weight || weight->dim() != 4 || weight->size(0) > kMostChannels) return 0;
  return weight->size(0);
}

std::optional<Width> width_of(const NamedTensors& state) {
  int64_t blocks = 0;
  while (channels_of(state, fmt::format("backbone.layer1.{}.conv1.weight", blocks)) > 0 && blocks < kMostChannels) ++blocks;
  for (const Width width : kWidths) {
    const HrnetStructure structure = hrnet_structure(width);
    if (channels_of(state, "backbone.conv1.weight") == structure.stem_channels && blocks == structure.stage1_blocks &&
        channels_of(state, "backbone.transition1.0.0.weight") == structure.branch_channels)
      return width;
  }
  return std::nullopt;
}

// Of the networks that have an OCR block.
std::string ocr_network(const NamedTensors& state) {
  if (channels_of(state, "ocr.cls_head.weight") == 0) return "";
  if (channels_of(state, "aspp.features.0.0.weight") > 0) return "ocrnet.OCRNetASPP";
  const bool attention = channels_of(state, "scale_attn.conv0.weight") > 0 || channels_of(state, "scale_attn.0.weight") > 0;
  return attention ? "ocrnet.HRNet_Mscale" : "ocrnet.HRNet";
}

// Networks without an OCR block look alike: the file must say which it is.
std::string named_network(const NamedTensors& state, const std::string& architecture) {
  const std::string ocr = ocr_network(state);
  return ocr.empty() ? architecture : ocr;
}

int64_t classes_of(const NamedTensors& state) {
  for (const std::string_view head : kClassHeads) {
    const int64_t classes = channels_of(state, std::string(head) + ".weight");
    if (classes > 0) return classes;
  }
  return 0;
}

void set_channels(const NamedTensors& state, ModelOptions& model) {
  const auto set = [&](int& channels, std::initializer_list<const char*> tensors) {
    for (const char* tensor : tensors) {
      if (const int64_t found = channels_of(state, tensor); found > 0) {
        channels = static_cast<int>(found);
        return;
      }
    }
  };
  set(model.ocr_channels, {"ocr.conv3x3_ocr.0.weight"});
  set(model.attention_channels,
      {"scale_attn.conv0.weight", "final.0.weight", "seg_head.0.weight", "cls_head.0.weight", "scale_attn.0.weight"});
  set(model.aspp_channels, {"aspp.features.0.0.weight"});
}

AttentionHead attention_head_of(const NamedTensors& state) {
  if (channels_of(state, "scale_attn.conv0.weight") > 0) {
    return channels_of(state, "scale_attn.conv1.weight") > 0 ? AttentionHead::kStandard : AttentionHead::kShallow;
  }
  return channels_of(state, "scale_attn.0.weight") > 0 ? AttentionHead::kOriginal : AttentionHead::kStandard;
}

// Of a network with a map for each of its scales; 0 of others.
int64_t explicit_maps(const NamedTensors& state, const std::string& name) {
  const NetworkRecipe* recipe = find_network_recipe(name);
  if (!recipe || !recipe->has_fixed_scales()) return 0;
  return channels_of(state, recipe->fusion == FusionName::kExplicit ? "scale_attn.2.weight" : "scale_attn.6.weight");
}

RecognisedNetwork not_recognised(std::string why) { return {std::nullopt, std::move(why)}; }

}  // namespace

RecognisedNetwork recognise_network(const NamedTensors& state, const std::string& architecture) {
  const bool trunk = std::any_of(state.tensors.begin(), state.tensors.end(),
                                 [](const auto& tensor) { return tensor.first.starts_with("backbone."); });
  const int64_t classes = classes_of(state);
  if (classes == 0) {
    return not_recognised(trunk ? "it holds a trunk, but no head that makes classes of it"
                                : "its tensors have names that no network here has");
  }
  ModelOptions model;
  model.name = named_network(state, architecture);
  if (model.name.empty()) return not_recognised("it does not say which network its tensors belong to");
  if (!architecture.empty() && architecture != model.name) {
    return not_recognised(
        fmt::format("it says that its network is {}, but its tensors are those of {}", printable(architecture), model.name));
  }
  model.num_classes = static_cast<int>(classes);
  const auto width = width_of(state);
  if (width) model.width = *width;
  if (!width && channels_of(state, "ocr.cls_head.weight") > 0)
    return not_recognised("its trunk is not that of HRNet in a known width");
  set_channels(state, model);
  model.attention_head = attention_head_of(state);
  if (const int64_t maps = explicit_maps(state, model.name);
      maps > 0 && maps != static_cast<int64_t>(model.fixed_scales.size())) {
    return not_recognised(fmt::format("its attention has {} maps, and the file does not say of which scales they are", maps));
  }
  return {model, ""};
}

}  // namespace strata
