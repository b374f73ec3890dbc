#pragma once
// A JPEG cut into smaller ones without decoding its pixels: coefficients are moved, not computed again.

#include "image/image.h"

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace strata {

// A part of the picture as a JPEG of its own.
struct JpegTile {
  Window owned;    // px of the whole picture that decoding this tile gives exactly
  Window picture;  // what it decodes to: `owned` and a margin around it, in which colours may differ
  std::vector<std::byte> coded;
};

// Tiles of `side` px in row-major order, smaller at the right and bottom edge, that own every pixel once. The margin is one MCU
// and at least 16 px on every side that lies inside the picture: JPEG smooths colour over block borders. Deterministic. DataError
// as decode_frame(), for damaged files; no tiles for a kind of JPEG that cannot be cut (CMYK, or an MCU that does not divide
// `side`).
//
// Progressive files whose coefficients are incomplete decode to smoothed pixels that tiles do not give: whoever stores tiles
// compares their pixels with the whole picture's.
std::vector<JpegTile> cut_jpeg(std::span<const std::byte> coded, int side, const std::string& name);

}  // namespace strata
