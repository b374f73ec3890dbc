#pragma once
// The command line of strata-dataset: a verb, its directories, options.

#include "curation/contact_sheet.h"
#include "curation/extraction.h"
#include "curation/subset.h"

#include <filesystem>
#include <optional>

namespace strata {

struct DatasetCommand {
  enum class Verb { kInfo, kVerify, kExtract, kSubset, kSheet } verb = Verb::kInfo;
  std::filesystem::path data;  // dataset directory
  int threads = 1;             // of verify
  ExtractionOptions extraction;
  SubsetOptions subset;
  SheetOptions sheet;
  std::filesystem::path page;  // of sheet
};

// As parse_training_options(); UsageError lists the verbs where there is none, and says which directories a verb wants.
std::optional<DatasetCommand> parse_dataset_command(int argc, const char* const* argv);

}  // namespace strata
