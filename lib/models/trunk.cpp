#include "models/trunk.h"

#include "base/error.h"
#include "models/hrnet.h"
#include "models/resnet.h"
#include "models/wide_resnet.h"
#include "models/xception.h"

namespace strata {

std::shared_ptr<Trunk> make_trunk(TrunkName name, const ModelOptions& options, const NormFactory& norm) {
  switch (name) {
    case TrunkName::kHrnet:
      return std::make_shared<Hrnet>(hrnet_structure(options.width), norm, resize_of(options));
    case TrunkName::kResnet50:
      return std::make_shared<Resnet>(resnet50(), norm);
    case TrunkName::kResnet101:
      return std::make_shared<Resnet>(resnet101(), norm);
    case TrunkName::kSeResnext50:
      return std::make_shared<Resnet>(se_resnext50(), norm);
    case TrunkName::kSeResnext101:
      return std::make_shared<Resnet>(se_resnext101(), norm);
    case TrunkName::kWideResnet38:
      return std::make_shared<WideResnet38>(options, norm);
    case TrunkName::kXception71:
      return std::make_shared<Xception71>(norm);
  }
  throw InternalError("a trunk without a class");
}

}  // namespace strata
