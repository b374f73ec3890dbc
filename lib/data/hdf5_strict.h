#pragma once
// Opening datasets of files that others may have made: only plain ones, of exactly the kind expected. No link, filter, external
// storage or virtual dataset is followed. The caller holds the HDF5 lock; FormatError for anything unexpected, Hdf5Failure for
// anything damaged.

#include "data/hdf5.h"

#include <string>
#include <string_view>
#include <vector>

namespace strata {

// The root group holds hard links of exactly these names.
void require_only_members(hid_t file, std::vector<std::string> names);

struct PlainDataset {
  Hdf5Handle dataset;
  std::vector<hsize_t> extent;
  std::vector<hsize_t> chunk;
};
// A chunked dataset with fletcher32 and no other filter, of exactly this type and number of dimensions, whose rows could fit in
// `file_bytes`.
PlainDataset open_plain_dataset(hid_t file, const char* name, hid_t type, int dimensions, uint64_t file_bytes);
// Same, for fixed-length text of 1 to max_bytes bytes; sets `bytes` to its length.
PlainDataset open_plain_text(hid_t file, const char* name, size_t max_bytes, uint64_t file_bytes, size_t& bytes);

// Reads everything; `out` has room for the whole extent in `memory_type`.
void read_all(const PlainDataset& dataset, hid_t memory_type, void* out);

// Attributes of the root group; FormatError where missing or of another type.
std::string read_text_attribute(hid_t file, const char* name);
int32_t read_int_attribute(hid_t file, const char* name);

}  // namespace strata
