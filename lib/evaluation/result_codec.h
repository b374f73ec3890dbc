#pragma once
// Image results as bytes: between ranks, and on disk while an evaluation is not complete.

#include "evaluation/evaluator.h"

#include <string>
#include <string_view>
#include <vector>

namespace strata {

// Little-endian; of a confusion matrix only the cells that are not zero.
std::string encode_results(const std::vector<ImageResult>& results);
// FormatError where the bytes are not what encode_results() gives for this number of classes.
std::vector<ImageResult> decode_results(std::string_view bytes, int num_classes);

}  // namespace strata
