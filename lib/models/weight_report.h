#pragma once
// What a weight file is and holds, for people.

#include "models/imported_weights.h"

#include <string>

namespace strata {

enum class TensorList { kLeftOut, kShown };

// Lines of "key   value". Texts of the file are shown without anything that a terminal would act upon.
std::string weight_report(const ImportedWeights& weights, TensorList list);

// The networks and widths that weights can be for, and whose tensor names are known.
std::string known_models_report();

}  // namespace strata
