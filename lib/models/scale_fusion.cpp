#include "models/scale_fusion.h"

#include "base/error.h"
#include "models/explicit_fusion.h"
#include "models/hierarchical_fusion.h"
#include "models/paired_fusion.h"
#include "models/pyramid_fusion.h"
#include "models/single_scale.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>

namespace strata {

std::unique_ptr<ScaleFusion> make_fusion(FusionName name, const FusionSite& site) {
  switch (name) {
    case FusionName::kNone:
      return std::make_unique<SingleScale>(site);
    case FusionName::kHierarchical:
      return std::make_unique<HierarchicalFusion>(site, HierarchicalFusion::Reads::kOwn);
    case FusionName::kNeighbours:
      return std::make_unique<HierarchicalFusion>(site, HierarchicalFusion::Reads::kBoth);
    case FusionName::kContextPyramid:
      return std::make_unique<PyramidFusion>(site, PyramidFusion::ContextMap::kShared);
    case FusionName::kContextPyramid2:
      return std::make_unique<PyramidFusion>(site, PyramidFusion::ContextMap::kOwn);
    case FusionName::kExplicit:
      return std::make_unique<ExplicitFusion>(site, ExplicitFusion::Head::kPlain);
    case FusionName::kExplicitNorm:
      return std::make_unique<ExplicitFusion>(site, ExplicitFusion::Head::kNorm);
    case FusionName::kPairs:
      return std::make_unique<PairedFusion>(site);
  }
  throw InternalError("a scale fusion without a class");
}

std::string pass_name(double scale) { return fmt::format("{}", scale); }

std::vector<double> joining_order(std::vector<double> scales) {
  std::sort(scales.begin(), scales.end(), std::greater<>());
  const bool usable = scales.size() == 1 || std::find(scales.begin(), scales.end(), 1.0) != scales.end();
  if (scales.empty() || !(scales.back() > 0) || !usable) {
    throw ConfigError(fmt::format("scales {}: give positive ones with 1 among them, or a single one", fmt::join(scales, ",")));
  }
  return scales;
}

}  // namespace strata
