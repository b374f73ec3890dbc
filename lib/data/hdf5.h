#pragma once
// The HDF5 C library with owned handles and checked results. Private to the layers that read or write HDF5 files.

#include <hdf5.h>

#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>

namespace strata {

// HDF5 built for MPI is not thread-safe: whoever calls it, or lets a Hdf5Handle go, holds this lock. The first call also sets the
// library up: nothing printed by it, no plugins loaded, no work at exit.
[[nodiscard]] std::unique_lock<std::recursive_mutex> lock_hdf5();

// A failed call: what was tried, the library's own words, and errno where the system refused (0 otherwise).
class Hdf5Failure : public std::runtime_error {
 public:
  Hdf5Failure(const std::string& message, int system_error) : std::runtime_error(message), system_error_(system_error) {}
  int system_error() const { return system_error_; }

 private:
  int system_error_;
};

[[noreturn]] void throw_hdf5_failure(const char* doing);

// The result of an HDF5 call that is negative on failure, checked.
template <typename Result>
Result require_hdf5(Result result, const char* doing) {
  if (result < 0) throw_hdf5_failure(doing);
  return result;
}

// Owns one identifier and closes it with the function given.
class Hdf5Handle {
 public:
  using Close = herr_t (*)(hid_t);

  Hdf5Handle() = default;
  // Throws Hdf5Failure for a negative id, naming what was being done.
  Hdf5Handle(hid_t id, Close closer, const char* doing) : id_(require_hdf5(id, doing)), close_(closer) {}
  Hdf5Handle(Hdf5Handle&& other) noexcept : id_(std::exchange(other.id_, -1)), close_(other.close_) {}
  Hdf5Handle& operator=(Hdf5Handle&& other) noexcept {
    std::swap(id_, other.id_);
    std::swap(close_, other.close_);
    return *this;
  }
  ~Hdf5Handle() {
    if (id_ >= 0) close_(id_);
  }

  hid_t id() const { return id_; }
  explicit operator bool() const { return id_ >= 0; }
  // Closes now, so that a failure is seen: files report a full disk here.
  void close(const char* doing) {
    if (id_ >= 0) require_hdf5(close_(std::exchange(id_, -1)), doing);
  }

 private:
  hid_t id_ = -1;
  Close close_ = nullptr;
};

}  // namespace strata
