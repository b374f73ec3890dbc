#include "evaluation/per_image_file.h"

#include "base/error.h"
#include "base/files.h"
#include "data/hdf5.h"

#include <fmt/format.h>

#include <algorithm>

namespace strata {
namespace {

struct Column {
  const char* name;
  hid_t file_type, memory_type;
  std::vector<hsize_t> shape;
  const void* values;
};

// Chunks of one image, compressed: most cells of a confusion matrix are zero.
void write_column(const Hdf5Handle& file, const Column& column) {
  const int axes = static_cast<int>(column.shape.size());
  const Hdf5Handle space(H5Screate_simple(axes, column.shape.data(), nullptr), H5Sclose, "describe a shape");
  const Hdf5Handle creation(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, "make properties");
  require_hdf5(H5Pset_obj_track_times(creation.id(), false), "leave out times");
  const bool any = column.shape[0] > 0;
  if (axes > 1 && any) {
    std::vector<hsize_t> chunk = column.shape;
    chunk[0] = 1;
    require_hdf5(H5Pset_chunk(creation.id(), axes, chunk.data()), "set chunks");
    require_hdf5(H5Pset_deflate(creation.id(), 6), "set compression");
  }
  const Hdf5Handle dataset(
      H5Dcreate2(file.id(), column.name, column.file_type, space.id(), H5P_DEFAULT, creation.id(), H5P_DEFAULT), H5Dclose,
      "create a dataset");
  if (any)
    require_hdf5(H5Dwrite(dataset.id(), column.memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, column.values), "write a dataset");
}

void write_names(const Hdf5Handle& file, const std::vector<std::string>& names) {
  size_t width = 1;
  for (const std::string& name : names) width = std::max(width, name.size());
  std::string cells;
  for (const std::string& name : names) cells += name + std::string(width - name.size(), '\0');
  const Hdf5Handle type(H5Tcopy(H5T_C_S1), H5Tclose, "make a type");
  require_hdf5(H5Tset_size(type.id(), width), "size a type");
  require_hdf5(H5Tset_strpad(type.id(), H5T_STR_NULLPAD), "pad a type");
  require_hdf5(H5Tset_cset(type.id(), H5T_CSET_UTF8), "choose UTF-8");
  write_column(file, {"names", type.id(), type.id(), {names.size()}, cells.data()});
}

void write_numbers(const Hdf5Handle& file, const std::vector<ImageResult>& images, int num_classes) {
  std::vector<int64_t> confusion, pixels, valid;
  std::vector<double> loss;
  for (const ImageResult& image : images) {
    confusion.insert(confusion.end(), image.confusion.begin(), image.confusion.end());
    loss.push_back(image.loss);
    pixels.push_back(image.pixels);
    valid.push_back(image.valid_pixels);
  }
  const hsize_t n = images.size(), classes = static_cast<hsize_t>(num_classes);
  write_column(file, {"confusion", H5T_STD_I64LE, H5T_NATIVE_INT64, {n, classes, classes}, confusion.data()});
  write_column(file, {"loss", H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, {n}, loss.data()});
  write_column(file, {"pixels", H5T_STD_I64LE, H5T_NATIVE_INT64, {n}, pixels.data()});
  write_column(file, {"valid_pixels", H5T_STD_I64LE, H5T_NATIVE_INT64, {n}, valid.data()});
}

// HDF5's "core" driver makes the file in memory, so that one checked write brings it to disk.
std::vector<std::byte> file_image(const std::vector<ImageResult>& images, const std::vector<std::string>& names,
                                  int num_classes) {
  const auto lock = lock_hdf5();
  const Hdf5Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, "make properties");
  require_hdf5(H5Pset_fapl_core(access.id(), size_t{1} << 20, false), "work in memory");
  const Hdf5Handle file(H5Fcreate("per_image.h5", H5F_ACC_TRUNC, H5P_DEFAULT, access.id()), H5Fclose, "create a file");
  write_names(file, names);
  write_numbers(file, images, num_classes);
  require_hdf5(H5Fflush(file.id(), H5F_SCOPE_LOCAL), "flush a file");
  std::vector<std::byte> image(static_cast<size_t>(require_hdf5(H5Fget_file_image(file.id(), nullptr, 0), "size a file")));
  require_hdf5(H5Fget_file_image(file.id(), image.data(), image.size()), "copy a file");
  return image;
}

}  // namespace

void write_per_image_file(const std::vector<ImageResult>& images, const std::vector<std::string>& names, int num_classes,
                          const std::filesystem::path& path) {
  try {
    write_file_atomically(path, file_image(images, names, num_classes));
  } catch (const Hdf5Failure& failure) {
    throw IoError(fmt::format("{}: cannot be composed ({}); is there memory left?", path.string(), failure.what()));
  }
}

}  // namespace strata
