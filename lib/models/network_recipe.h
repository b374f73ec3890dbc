#pragma once
// Which parts make which network.

#include "models/decoder.h"
#include "models/scale_fusion.h"
#include "models/trunk.h"

#include <string>
#include <vector>

namespace strata {

struct NetworkRecipe {
  std::string name;  // the reference's: module.function
  TrunkName trunk;
  DecoderName decoder;
  FusionName fusion;
  std::string trunk_tensors = "backbone";  // under which the reference's tensors of the trunk are
  std::vector<std::string> he_parts;       // parts that the reference initialises after He et al. 2015 (Init::kReference)

  bool has_hrnet() const { return trunk == TrunkName::kHrnet; }
  bool has_ocr() const { return decoder == DecoderName::kOcr || decoder == DecoderName::kAsppOcr; }
  bool has_aspp() const {
    return decoder != DecoderName::kOcr && decoder != DecoderName::kSegHead && decoder != DecoderName::kClsHead;
  }
  bool has_fixed_scales() const { return fusion == FusionName::kExplicit || fusion == FusionName::kExplicitNorm; }
  // A head whose form [model] attention_head says.
  bool has_scale_attention() const;
};

// All networks, in the order of listings.
const std::vector<NetworkRecipe>& network_recipes();

// Null where there is none of that name.
const NetworkRecipe* find_network_recipe(const std::string& name);
// ConfigError naming the known ones where there is none of that name.
const NetworkRecipe& network_recipe(const std::string& name);

}  // namespace strata
