// Any bytes as manifest.json: an Error, or a manifest that says the same when written and read again.

#include "base/error.h"
#include "data/manifest.h"
#include "fuzz/input_file.h"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  using namespace strata;
  try {
    const std::filesystem::path directory = fuzz::as_file(kManifestFile, bytes, size).parent_path();
    const std::string id = read_manifest(directory).dataset_id();
    write_manifest(read_manifest(directory), directory);
    if (read_manifest(directory).dataset_id() != id) std::abort();
  } catch (const Error&) {
  }
  return 0;
}
