#include "data/hdf5.h"

#include <cstdio>
#include <cstring>

namespace strata {

namespace {

struct ErrorText {
  std::string text;
  int system_error = 0;
};

// Innermost entries come first; the first with an errno is the system's refusal.
herr_t collect_error(unsigned depth, const H5E_error2_t* entry, void* out) {
  auto& error = *static_cast<ErrorText*>(out);
  if (!entry->desc) return 0;
  if (depth == 0) error.text = entry->desc;
  const char* found = std::strstr(entry->desc, "errno = ");
  if (found && error.system_error == 0) std::sscanf(found, "errno = %d", &error.system_error);
  return 0;
}

void set_up_library() {
  H5dont_atexit();
  require_hdf5(H5open(), "starting HDF5");
  require_hdf5(H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr), "silencing HDF5");
  require_hdf5(H5PLset_loading_state(0), "switching HDF5 plugins off");
}

}  // namespace

std::unique_lock<std::recursive_mutex> lock_hdf5() {
  static std::recursive_mutex mutex;
  static std::once_flag once;
  std::unique_lock lock(mutex);
  std::call_once(once, set_up_library);
  return lock;
}

void throw_hdf5_failure(const char* doing) {
  ErrorText error;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, collect_error, &error);
  H5Eclear2(H5E_DEFAULT);
  throw Hdf5Failure(std::string(doing) + (error.text.empty() ? "" : ": " + error.text), error.system_error);
}

}  // namespace strata
