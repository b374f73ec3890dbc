#pragma once
// The convolutions that end in one channel a class.

#include <array>
#include <string_view>

namespace strata {

// By the reference's names, over all its networks; the main one first.
inline constexpr std::array<std::string_view, 6> kClassHeads = {"ocr.cls_head", "ocr.aux_head.2", "final.6",
                                                                "seg_head.6",   "cls_head.6",     "conv_up5"};

// Is the tensor called so the weight or bias of one?
constexpr bool is_class_head(std::string_view tensor) {
  for (const std::string_view head : kClassHeads) {
    if (!tensor.starts_with(head)) continue;
    const std::string_view rest = tensor.substr(head.size());
    if (rest == ".weight" || rest == ".bias") return true;
  }
  return false;
}

}  // namespace strata
