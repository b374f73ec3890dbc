#include "support/hdf5_file.h"

#include <cstring>
#include <stdexcept>

namespace strata::testing {

Hdf5File::Hdf5File(const std::filesystem::path& file) : name_(file.string()) {
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  file_ = H5Fopen(name_.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT);
  if (file_ < 0) throw std::runtime_error("cannot open " + name_);
}

Hdf5File::~Hdf5File() { H5Fclose(file_); }

bool Hdf5File::has(const std::string& path) const {
  for (size_t slash = path.find('/', 1);; slash = path.find('/', slash + 1)) {  // H5Lexists wants every parent to exist
    if (H5Lexists(file_, path.substr(0, slash).c_str(), H5P_DEFAULT) <= 0) return false;
    if (slash == std::string::npos) return true;
  }
}

std::vector<std::string> Hdf5File::children(const std::string& group) const {
  const hid_t id = H5Gopen2(file_, group.c_str(), H5P_DEFAULT);
  if (id < 0) throw std::runtime_error(name_ + ": no group " + group);
  std::vector<std::string> names;
  H5Literate(
      id, H5_INDEX_NAME, H5_ITER_INC, nullptr,
      [](hid_t, const char* name, const H5L_info_t*, void* out) -> herr_t {
        static_cast<std::vector<std::string>*>(out)->emplace_back(name);
        return 0;
      },
      &names);
  H5Gclose(id);
  return names;
}

hid_t Hdf5File::open(const std::string& dataset) const {
  const hid_t id = H5Dopen2(file_, dataset.c_str(), H5P_DEFAULT);
  if (id < 0) throw std::runtime_error(name_ + ": no dataset " + dataset);
  return id;
}

std::vector<int64_t> Hdf5File::shape(const std::string& dataset) const {
  const hid_t id = open(dataset), space = H5Dget_space(id);
  std::vector<hsize_t> extents(static_cast<size_t>(H5Sget_simple_extent_ndims(space)));
  H5Sget_simple_extent_dims(space, extents.data(), nullptr);
  H5Sclose(space);
  H5Dclose(id);
  return {extents.begin(), extents.end()};
}

template <typename T>
std::vector<T> Hdf5File::read(const std::string& dataset, hid_t type) const {
  const hid_t id = open(dataset), space = H5Dget_space(id);
  std::vector<T> values(static_cast<size_t>(H5Sget_simple_extent_npoints(space)));
  const herr_t status = values.empty() ? 0 : H5Dread(id, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data());
  H5Sclose(space);
  H5Dclose(id);
  if (status < 0) throw std::runtime_error(name_ + ": cannot read " + dataset);
  return values;
}

std::vector<double> Hdf5File::doubles(const std::string& dataset) const { return read<double>(dataset, H5T_NATIVE_DOUBLE); }
std::vector<int64_t> Hdf5File::ints(const std::string& dataset) const { return read<int64_t>(dataset, H5T_NATIVE_INT64); }
std::vector<uint8_t> Hdf5File::bytes(const std::string& dataset) const { return read<uint8_t>(dataset, H5T_NATIVE_UINT8); }

std::vector<std::string> Hdf5File::strings(const std::string& dataset) const {
  const hid_t id = open(dataset), space = H5Dget_space(id), type = H5Dget_type(id);
  const size_t n = static_cast<size_t>(H5Sget_simple_extent_npoints(space));
  std::vector<std::string> values(n);
  if (H5Tis_variable_str(type) > 0) {
    const hid_t memory = H5Tcopy(H5T_C_S1);
    H5Tset_size(memory, H5T_VARIABLE);
    H5Tset_cset(memory, H5Tget_cset(type));
    std::vector<char*> pointers(n, nullptr);
    H5Dread(id, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, pointers.data());
    for (size_t i = 0; i < n; ++i) values[i] = pointers[i] ? pointers[i] : "";
    H5Dvlen_reclaim(memory, space, H5P_DEFAULT, pointers.data());
    H5Tclose(memory);
  } else {
    const size_t width = H5Tget_size(type);
    std::vector<char> raw(n * width);
    H5Dread(id, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, raw.data());
    for (size_t i = 0; i < n; ++i) values[i].assign(raw.data() + i * width, strnlen(raw.data() + i * width, width));
  }
  H5Tclose(type);
  H5Sclose(space);
  H5Dclose(id);
  return values;
}

double Hdf5File::attribute(const std::string& object, const std::string& name) const {
  const hid_t id = H5Aopen_by_name(file_, object.c_str(), name.c_str(), H5P_DEFAULT, H5P_DEFAULT);
  if (id < 0) throw std::runtime_error(name_ + ": no attribute " + name + " at " + object);
  double value = 0;
  H5Aread(id, H5T_NATIVE_DOUBLE, &value);
  H5Aclose(id);
  return value;
}

}  // namespace strata::testing
