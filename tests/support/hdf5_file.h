#pragma once
// Reads datasets of an HDF5 file into vectors: parity numbers and, as a second look, what Strata wrote.

#include <hdf5.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace strata::testing {

// Throws std::runtime_error naming file and dataset where anything is not there.
class Hdf5File {
 public:
  explicit Hdf5File(const std::filesystem::path& file);
  ~Hdf5File();
  Hdf5File(const Hdf5File&) = delete;
  Hdf5File& operator=(const Hdf5File&) = delete;

  bool has(const std::string& path) const;
  std::vector<std::string> children(const std::string& group) const;  // link names, sorted
  std::vector<int64_t> shape(const std::string& dataset) const;
  std::vector<double> doubles(const std::string& dataset) const;  // converted from whatever number type
  std::vector<int64_t> ints(const std::string& dataset) const;
  std::vector<uint8_t> bytes(const std::string& dataset) const;
  std::vector<std::string> strings(const std::string& dataset) const;  // fixed or variable length
  double attribute(const std::string& object, const std::string& name) const;

 private:
  hid_t open(const std::string& dataset) const;
  template <typename T>
  std::vector<T> read(const std::string& dataset, hid_t type) const;
  std::string name_;
  hid_t file_;
};

}  // namespace strata::testing
