#pragma once
// Pictures of one evaluated image: what the network saw, what is right, what it said, where it errs, which scale it trusted.

#include "data/label_set.h"
#include "evaluation/evaluator.h"
#include "evaluation/inference.h"
#include "image/image.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace strata {

// At most `count` indices into `images`, from the lowest to the highest mean IoU, evenly spread by rank; images without a valid
// pixel are left out. Where none has one, evenly spread by index.
std::vector<size_t> spread_by_iou(const std::vector<ImageResult>& images, int num_classes, int count);

// RGB triples of all 256 ids: the classes' colours, black for the rest.
std::vector<uint8_t> palette_of(const LabelSet& labels);

// All of one size.
struct EvaluatedPictures {
  Image frame;       // RGB
  Image truth;       // train ids
  Image prediction;  // train ids
  Image errors;      // RGB: the frame in dark grey, wrong pixels red, pixels that do not count black
  std::vector<std::pair<double, Image>>
      attention;  // RGB per scale: yellow where this scale decides, dark blue where finer ones do
};
EvaluatedPictures draw_pictures(const LabelledImage& image, const ImageOutputs& outputs);

// Smaller or unchanged, for the page: the longer edge at most `edge` px.
EvaluatedPictures shrunk(const EvaluatedPictures& pictures, int edge);

// One coded picture and what it is called: "frame", "truth", "prediction", "errors", "attention-0.5".
struct CodedPicture {
  std::string kind;
  std::string media_type;  // "image/png" | "image/jpeg"
  std::vector<std::byte> bytes;
};
enum class Coding { kLossless, kSmall };  // kSmall: JPEG where there is no palette
std::vector<CodedPicture> coded(const EvaluatedPictures& pictures, const LabelSet& labels, Coding coding);

}  // namespace strata
