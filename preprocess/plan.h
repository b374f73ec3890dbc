#pragma once
// Which samples go into which shard: a pure function of the sorted list, the original file sizes and the options.

#include "preprocess/layout.h"

#include <cstdint>
#include <string>
#include <vector>

namespace strata {

struct ConversionOptions;

struct SourceSplit {
  std::string split;
  std::vector<SourceSample> samples;
};

// Reads the layout's directories (local). DataError for files outside the input directory, unless allowed; names that occur in
// several splits are warned of.
std::vector<SourceSplit> list_source(const Layout& layout, const ConversionOptions& options);

// The list as text and back, so that one rank reads the directories for all.
std::string to_text(const std::vector<SourceSplit>& source);
std::vector<SourceSplit> source_from_text(const std::string& text);

struct PlannedShard {
  std::string split;
  std::string file;  // "train-00000.h5"
  std::vector<SourceSample> samples;
  std::string fingerprint;  // SHA-256 of all that decides about the shard's bytes: labels, options, names and sizes

  uint64_t source_bytes() const;
};

struct SplitTotals {
  std::string split;
  uint64_t images = 0, files = 0, bytes = 0;
  bool labelled = true;
};

struct Plan {
  std::vector<PlannedShard> shards;
  std::vector<SplitTotals> totals;
  std::string source_sha256;  // of names and sizes of all files, in order

  uint64_t images() const;
};

// Every split is cut into ceil(bytes / shard_size_bytes) shards of nearly equal original bytes.
Plan make_plan(const std::vector<SourceSplit>& source, const Layout& layout, const ConversionOptions& options);

}  // namespace strata
