#pragma once
// The header of a .safetensors file, checked before any tensor is made of it.

#include <torch/types.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace strata {

struct TensorEntry {
  std::string name;
  torch::ScalarType type = torch::kFloat32;
  std::vector<int64_t> shape;
  uint64_t begin = 0, end = 0;  // bytes of the data section
};

struct SafetensorsHeader {
  std::vector<TensorEntry> entries;  // in order of their data
  std::map<std::string, std::string> metadata;
};

// "F32" for kFloat32, ...; nullptr for types that the format lacks or we do not write.
const char* type_name(torch::ScalarType type);

std::string header_text(const SafetensorsHeader& header);

// Of a data section of data_bytes. FormatError says what is wrong; the caller adds which file.
SafetensorsHeader parse_header(const std::string& text, uint64_t data_bytes);

}  // namespace strata
