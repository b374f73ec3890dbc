#include "data/hdf5_strict.h"

#include "base/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace strata {

namespace {

constexpr size_t kMaxAttributeBytes = 64;
constexpr size_t kMaxMembers = 100;

struct Members {
  std::vector<std::string> names;
  bool all_hard_links = true;
};

Members members_of(hid_t file) {
  Members members;
  const auto collect = [](hid_t, const char* name, const H5L_info_t* info,
                          void* out) -> herr_t {  // called from C: must not throw
    auto& found = *static_cast<Members*>(out);
    found.all_hard_links = found.all_hard_links && info->type == H5L_TYPE_HARD;
    if (found.names.size() < kMaxMembers) found.names.emplace_back(name);
    return 0;
  };
  require_hdf5(H5Literate(file, H5_INDEX_NAME, H5_ITER_INC, nullptr, collect, &members), "listing the file");
  return members;
}

void require_plain_storage(hid_t properties, const char* name) {
  if (H5Pget_layout(properties) != H5D_CHUNKED) throw FormatError(fmt::format("'{}' is not stored in chunks", name));
  const int filters = require_hdf5(H5Pget_nfilters(properties), "counting filters");
  unsigned flags = 0, settings = 0;
  size_t values = 0;
  const bool checksum =
      filters == 1 && H5Pget_filter2(properties, 0, &flags, &values, nullptr, 0, nullptr, &settings) == H5Z_FILTER_FLETCHER32;
  if (!checksum) throw FormatError(fmt::format("'{}' has other filters than fletcher32", name));
}

PlainDataset open_chunked(hid_t file, const char* name, int dimensions) {
  PlainDataset plain;
  plain.dataset = Hdf5Handle(H5Dopen2(file, name, H5P_DEFAULT), H5Dclose, name);
  const Hdf5Handle properties(H5Dget_create_plist(plain.dataset.id()), H5Pclose, name);
  require_plain_storage(properties.id(), name);
  const Hdf5Handle space(H5Dget_space(plain.dataset.id()), H5Sclose, name);
  if (require_hdf5(H5Sget_simple_extent_ndims(space.id()), name) != dimensions) {
    throw FormatError(fmt::format("'{}' does not have {} dimension(s)", name, dimensions));
  }
  plain.extent.resize(dimensions);
  plain.chunk.resize(dimensions);
  require_hdf5(H5Sget_simple_extent_dims(space.id(), plain.extent.data(), nullptr), name);
  require_hdf5(H5Pget_chunk(properties.id(), dimensions, plain.chunk.data()), name);
  return plain;
}

// Nothing is compressed, so no dataset is larger than its file: refused before anything is allocated.
void require_fits(const PlainDataset& plain, const char* name, size_t row_bytes, uint64_t file_bytes) {
  if (std::find(plain.extent.begin(), plain.extent.end(), 0) != plain.extent.end()) return;
  uint64_t limit = file_bytes / row_bytes;
  for (const hsize_t extent : plain.extent) {
    if (extent > limit) throw FormatError(fmt::format("'{}' claims more data than the file has bytes", name));
    limit /= extent;
  }
}

Hdf5Handle open_attribute(hid_t file, const char* name) {
  if (require_hdf5(H5Aexists(file, name), "looking for an attribute") == 0) {
    throw FormatError(fmt::format("it has no attribute '{}'", name));
  }
  Hdf5Handle attribute(H5Aopen(file, name, H5P_DEFAULT), H5Aclose, name);
  const Hdf5Handle space(H5Aget_space(attribute.id()), H5Sclose, name);
  if (H5Sget_simple_extent_type(space.id()) != H5S_SCALAR)
    throw FormatError(fmt::format("attribute '{}' is not one value", name));
  return attribute;
}

}  // namespace

void require_only_members(hid_t file, std::vector<std::string> names) {
  std::sort(names.begin(), names.end());
  const Members members = members_of(file);
  if (!members.all_hard_links) throw FormatError("it holds links to elsewhere");
  if (members.names != names) throw FormatError(fmt::format("it does not hold exactly {}", fmt::join(names, ", ")));
}

PlainDataset open_plain_dataset(hid_t file, const char* name, hid_t type, int dimensions, uint64_t file_bytes) {
  PlainDataset plain = open_chunked(file, name, dimensions);
  const Hdf5Handle found(H5Dget_type(plain.dataset.id()), H5Tclose, name);
  if (require_hdf5(H5Tequal(found.id(), type), name) == 0)
    throw FormatError(fmt::format("'{}' has another type than expected", name));
  require_fits(plain, name, H5Tget_size(type), file_bytes);
  return plain;
}

PlainDataset open_plain_text(hid_t file, const char* name, size_t max_bytes, uint64_t file_bytes, size_t& bytes) {
  PlainDataset plain = open_chunked(file, name, 1);
  const Hdf5Handle type(H5Dget_type(plain.dataset.id()), H5Tclose, name);
  const bool text = H5Tget_class(type.id()) == H5T_STRING && H5Tis_variable_str(type.id()) == 0;
  bytes = text ? H5Tget_size(type.id()) : 0;
  if (bytes == 0 || bytes > max_bytes)
    throw FormatError(fmt::format("'{}' is not fixed-length text of at most {} bytes", name, max_bytes));
  require_fits(plain, name, bytes, file_bytes);
  return plain;
}

void read_all(const PlainDataset& dataset, hid_t memory_type, void* out) {
  if (std::find(dataset.extent.begin(), dataset.extent.end(), 0) != dataset.extent.end()) return;
  require_hdf5(H5Dread(dataset.dataset.id(), memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, out), "reading the index");
}

std::string read_text_attribute(hid_t file, const char* name) {
  const Hdf5Handle attribute = open_attribute(file, name);
  const Hdf5Handle type(H5Aget_type(attribute.id()), H5Tclose, name);
  const size_t size = H5Tget_size(type.id());
  if (H5Tget_class(type.id()) != H5T_STRING || H5Tis_variable_str(type.id()) != 0 || size == 0 || size > kMaxAttributeBytes) {
    throw FormatError(fmt::format("attribute '{}' is not short fixed-length text", name));
  }
  std::string text(size, '\0');
  require_hdf5(H5Aread(attribute.id(), type.id(), text.data()), name);
  text.resize(strnlen(text.data(), size));
  return text;
}

int32_t read_int_attribute(hid_t file, const char* name) {
  const Hdf5Handle attribute = open_attribute(file, name);
  const Hdf5Handle type(H5Aget_type(attribute.id()), H5Tclose, name);
  if (require_hdf5(H5Tequal(type.id(), H5T_STD_I32LE), name) == 0) {
    throw FormatError(fmt::format("attribute '{}' is not a 32-bit integer", name));
  }
  int32_t value = 0;
  require_hdf5(H5Aread(attribute.id(), H5T_NATIVE_INT32, &value), name);
  return value;
}

}  // namespace strata
