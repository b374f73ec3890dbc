// Any bytes as the INI description of a dataset: an Error, or a label set that JSON brings back.

#include "base/error.h"
#include "config/description_file.h"
#include "fuzz/input_file.h"

#include <nlohmann/json.hpp>

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  using namespace strata;
  try {
    const DatasetDescription description = read_dataset_description(fuzz::as_file("set.ini", bytes, size));
    const LabelSet& labels = description.labels;
    for (size_t raw = 0; raw < 256; ++raw) {
      const uint8_t train = labels.raw_to_train[raw];
      if (train >= labels.classes.size() && train != labels.ignore_id) std::abort();
    }
  } catch (const Error&) {
  }
  return 0;
}
