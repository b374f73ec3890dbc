#include "models/name_map.h"

#include "base/error.h"
#include "models/foreign_text.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>

namespace strata {

namespace {

constexpr auto kNotNeeded = NameRule::Use::kNotNeeded;

// Before the names of a network in DataParallel, DistributedDataParallel, or a network with its loss.
constexpr std::array<std::string_view, 2> kWrappers = {"module.", "model."};

constexpr std::array<std::string_view, 1> kReferenceSigns = {"backbone."};
constexpr std::array<std::string_view, 1> kReferenceTrunkSigns = {"trunk."};  // deeper.*

// The reference puts batch norm and ReLU into a sequence of their own, HRNet-OCR's own heads do not everywhere.
constexpr std::array<std::string_view, 3> kHrnetOcrSigns = {"stage4.", "ocr_distri_head.", "cls_head."};
constexpr std::array<NameRule, 9> kHrnetOcrRules = {{{"loss.", "", kNotNeeded},
                                                     {"ocr_distri_head.", "ocr.ocr_distri_head."},
                                                     {"conv3x3_ocr.0.", "ocr.conv3x3_ocr.0."},
                                                     {"conv3x3_ocr.1.", "ocr.conv3x3_ocr.1.0."},
                                                     {"cls_head.", "ocr.cls_head."},
                                                     {"aux_head.0.", "ocr.aux_head.0."},
                                                     {"aux_head.1.", "ocr.aux_head.1.0."},
                                                     {"aux_head.3.", "ocr.aux_head.2."},
                                                     {"", "backbone."}}};

constexpr std::array<std::string_view, 2> kHrnetImagenetSigns = {"stage4.", "classifier."};
constexpr std::array<std::string_view, 2> kHrnetSigns = {"stage4.", "last_layer."};
constexpr std::array<NameRule, 7> kHrnetTrunkRules = {{{"incre_modules.", "", kNotNeeded},
                                                       {"downsamp_modules.", "", kNotNeeded},
                                                       {"final_layer.", "", kNotNeeded},
                                                       {"classifier.", "", kNotNeeded},
                                                       {"last_layer.", "", kNotNeeded},
                                                       {"loss.", "", kNotNeeded},
                                                       {"", "backbone."}}};

// The reference's stem is one sequence: convolution 0, norm 1.
constexpr std::array<std::string_view, 3> kResnetSigns = {"conv1.", "layer1.0.conv3.", "layer4."};
constexpr std::array<NameRule, 4> kResnetRules = {
    {{"conv1.", "backbone.layer0.0."}, {"bn1.", "backbone.layer0.1."}, {"fc.", "", kNotNeeded}, {"layer", "backbone.layer"}}};

constexpr std::array<NameMap, 6> kMaps = {
    {{"reference", "NVIDIA/semantic-segmentation, and Strata", kReferenceSigns, {}},
     {"reference", "NVIDIA/semantic-segmentation, networks deeper.*", kReferenceTrunkSigns, {}},
     {"hrnet-ocr", "HRNet/HRNet-Semantic-Segmentation, branch HRNet-OCR", kHrnetOcrSigns, kHrnetOcrRules, true},
     {"hrnet-imagenet", "HRNet's ImageNet weights (the trunk alone)", kHrnetImagenetSigns, kHrnetTrunkRules},
     {"hrnet", "HRNet/HRNet-Semantic-Segmentation without OCR (the trunk alone)", kHrnetSigns, kHrnetTrunkRules, true},
     {"torchvision-resnet", "torchvision's ResNet-50 and deeper (the trunk alone)", kResnetSigns, kResnetRules}}};

std::string_view without_wrappers(std::string_view name) {
  for (bool found = true; found;) {
    found = false;
    for (const std::string_view wrapper : kWrappers) {
      if (!name.starts_with(wrapper)) continue;
      name.remove_prefix(wrapper.size());
      found = true;
    }
  }
  return name;
}

const NameMap* recognise(const NamedTensors& foreign) {
  const auto has = [&](std::string_view sign) {
    return std::any_of(foreign.tensors.begin(), foreign.tensors.end(),
                       [&](const auto& tensor) { return without_wrappers(tensor.first).starts_with(sign); });
  };
  for (const NameMap& map : kMaps) {
    if (std::all_of(map.signs.begin(), map.signs.end(), has)) return &map;
  }
  return nullptr;
}

const NameRule* rule_for(std::string_view name, const NameMap* map) {
  if (!map) return nullptr;
  const auto found =
      std::find_if(map->rules.begin(), map->rules.end(), [&](const NameRule& rule) { return name.starts_with(rule.from); });
  return found == map->rules.end() ? nullptr : &*found;
}

}  // namespace

std::span<const NameMap> name_maps() { return kMaps; }

std::string renamed(std::string_view name, const NameMap* map) {
  name = without_wrappers(name);
  const NameRule* rule = rule_for(name, map);
  if (!rule) return std::string(name);
  return std::string(rule->to) + std::string(name.substr(rule->from.size()));
}

RenamedTensors rename_tensors(const NamedTensors& foreign) {
  RenamedTensors result;
  result.map = recognise(foreign);
  result.state.metadata = foreign.metadata;
  std::set<std::string> names;
  for (const auto& [name, tensor] : foreign.tensors) {
    const NameRule* rule = rule_for(without_wrappers(name), result.map);
    if (rule && rule->use == kNotNeeded) {
      result.not_needed.push_back(name);
      continue;
    }
    std::string own = renamed(name, result.map);
    if (!names.insert(own).second)
      throw FormatError(printable(name) + " and another tensor of the file are both " + printable(own) + " to this network");
    result.state.tensors.emplace_back(std::move(own), tensor);
  }
  return result;
}

}  // namespace strata
