#pragma once
// What a stopped evaluation has done already, kept in its output directory: at most one file per rank, whole or not there.

#include "evaluation/evaluator.h"

#include <filesystem>
#include <string>
#include <vector>

namespace strata {

// `key` names all that results depend on (weights, dataset, split, scales, ...); results under another key are not used.
struct PartialResultsOptions {
  std::filesystem::path directory;
  std::string key;
  int num_classes = 0;
  double save_every_seconds = 20;  // smaller: a kill costs less work; larger: fewer writes
};

// Root only. Results of earlier starts, by sample; gathers them in one file and removes the ranks' files of those starts. Damaged
// files and those of another key are dropped with a warning. Creates the directory where it is missing.
std::vector<ImageResult> collect_partial_results(const PartialResultsOptions& options);

// The results of one rank in this start. Local; create it after root has collected.
class PartialResults {
 public:
  PartialResults(PartialResultsOptions options, int rank);

  // Keeps a result and saves when the last save is long enough ago.
  void add(const ImageResult& result);
  // Brings all to disk; IoError, CannotCreate.
  void save();

 private:
  PartialResultsOptions options_;
  std::filesystem::path file_;
  std::vector<ImageResult> results_;
  bool saved_ = true;
  double last_save_;
};

}  // namespace strata
