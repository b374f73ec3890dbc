#pragma once
// The one thing of EXIF that concerns pixels: how the camera was held.

#include <cstddef>
#include <span>

namespace strata {

// Orientation 1..8 of an APP1 segment's payload ("Exif\0\0" and a TIFF directory); 1, upright, where it says nothing
// intelligible.
int exif_orientation(std::span<const std::byte> segment);

}  // namespace strata
