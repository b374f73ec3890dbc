#pragma once
// metrics.csv and timing.csv of a run, as numbers.

#include "run/forecast.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace strata {

// Columns by name, all of one length; empty cells are NaN.
struct NumberTable {
  std::map<std::string, std::vector<double>> columns;
  size_t rows = 0;

  // Empty where there is no such column.
  const std::vector<double>& column(const std::string& name) const;
};

// No rows where the file is not there.
NumberTable read_numbers(const std::filesystem::path& csv);

// Seconds a step of the last `steps` rows of timing.csv, what was spent beside steps included.
double seconds_per_step(const NumberTable& timing, size_t steps);

}  // namespace strata
