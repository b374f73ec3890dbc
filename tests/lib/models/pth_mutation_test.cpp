// Thousands of changed files: each is read as it is, or refused with a reason, and none ends or stops the process.
// STRATA_TEST_MUTATIONS says how many, so that the long campaign (under AddressSanitizer) is the same test.

#include "lib/models/pth_mutation.h"
#include "base/error.h"
#include "lib/models/memory_file.h"
#include "models/foreign_weights.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <optional>

namespace strata::testing {
namespace {

int64_t mutations() {
  const char* text = std::getenv("STRATA_TEST_MUTATIONS");
  return text ? std::atoll(text) : 2000;
}

bool same_tensors(const NamedTensors& a, const NamedTensors& b) {
  if (a.tensors.size() != b.tensors.size()) return false;
  for (size_t i = 0; i < a.tensors.size(); ++i) {
    const auto& [name, first] = a.tensors[i];
    const auto& [other_name, second] = b.tensors[i];
    if (name != other_name || first.scalar_type() != second.scalar_type() || first.sizes() != second.sizes()) return false;
    if (std::memcmp(first.const_data_ptr(), second.const_data_ptr(), first.nbytes()) != 0) return false;
  }
  return true;
}

// Was the container sound, so that the instructions were read? What is wrong stands between these two.
bool past_the_header(const std::string& message) {
  const size_t begin = message.find("safely: "), end = message.find(". Nothing in it was run");
  if (begin == std::string::npos) return true;  // a refusal of what the instructions made
  const std::string reason = message.substr(begin, end - begin);
  return reason.find("its pickle") != std::string::npos || reason.find("storage") != std::string::npos;
}

struct Counts {
  int64_t equal = 0, different = 0, refused = 0, past_header = 0;
  double slowest_seconds = 0;
};

void read_one(const std::filesystem::path& file, const ForeignWeights& original, Counts& counts) {
  std::optional<ForeignWeights> read;
  std::string reason;
  try {
    read = read_foreign_weights(file);
  } catch (const FormatError& error) {
    reason = error.what();
  }
  if (!read) {
    ++counts.refused;
    counts.past_header += past_the_header(reason);
    return;
  }
  ++counts.past_header;
  ++(same_tensors(read->state, original.state) ? counts.equal : counts.different);
}

TEST(PthMutations, are_read_or_refused_and_never_end_or_stop_the_process) {
  MemoryFile file;
  Counts counts;
  for (const PthForm form : {PthForm::kZip, PthForm::kLegacy}) {
    const SmallCheckpoint checkpoint = small_checkpoint(form);
    file.put(pth_of(checkpoint.pickle, checkpoint.storages, form));
    const ForeignWeights original = read_foreign_weights(file.path());
    for (int64_t i = 0; i < mutations() / 2; ++i) {
      RandomStream random(
          {.seed = 1, .epoch = static_cast<uint64_t>(form), .sample = static_cast<uint64_t>(i), .purpose = Purpose::kInit});
      file.put(mutated_file(checkpoint, form, random));
      const auto begun = std::chrono::steady_clock::now();
      read_one(file.path(), original, counts);
      const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begun;
      counts.slowest_seconds = std::max(counts.slowest_seconds, taken.count());
    }
  }
  const int64_t all = counts.equal + counts.different + counts.refused;
  std::cout << all << " mutations: " << counts.equal << " accepted and equal, " << counts.different << " accepted and different, "
            << counts.refused << " refused; " << counts.past_header << " got past the header; the slowest took "
            << counts.slowest_seconds << " s\n";
  EXPECT_EQ(all, mutations() / 2 * 2);
  EXPECT_GE(3 * counts.past_header, all);
  EXPECT_GT(counts.equal, 0);
  EXPECT_GT(counts.refused, 0);
  EXPECT_LT(counts.slowest_seconds, 5);
}

}  // namespace
}  // namespace strata::testing
