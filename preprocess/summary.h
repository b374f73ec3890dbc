#pragma once
// What a conversion did, as a table for people.

#include "data/manifest.h"
#include "preprocess/plan.h"

#include <string>
#include <vector>

namespace strata {

// Per split images, files and bytes before and after; per class pixels, their share, and images that hold it.
std::string summary_text(const std::vector<SplitTotals>& source, const Manifest& manifest);

}  // namespace strata
