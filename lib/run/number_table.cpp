#include "run/number_table.h"

#include "base/csv_file.h"
#include "base/files.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>

namespace strata {

const std::vector<double>& NumberTable::column(const std::string& name) const {
  static const std::vector<double> none;
  const auto found = columns.find(name);
  return found == columns.end() ? none : found->second;
}

NumberTable read_numbers(const fs::path& csv) {
  NumberTable table;
  if (!fs::exists(csv)) return table;
  const std::vector<std::vector<std::string>> lines = read_csv(csv);
  if (lines.empty()) return table;
  table.rows = lines.size() - 1;
  for (size_t column = 0; column < lines[0].size(); ++column) {
    std::vector<double>& numbers = table.columns[lines[0][column]];
    for (size_t row = 1; row < lines.size(); ++row) {
      const std::string cell = column < lines[row].size() ? lines[row][column] : "";
      numbers.push_back(cell.empty() ? std::numeric_limits<double>::quiet_NaN() : std::strtod(cell.c_str(), nullptr));
    }
  }
  return table;
}

double seconds_per_step(const NumberTable& timing, size_t steps) {
  const size_t rows = std::min(steps, timing.rows);
  if (rows == 0) return 0;
  double seconds = 0;
  for (const char* name : {"seconds", "checkpoint_seconds", "validation_seconds"}) {
    const std::vector<double>& column = timing.column(name);
    for (size_t i = column.size() - std::min(rows, column.size()); i < column.size(); ++i)
      seconds += std::isfinite(column[i]) ? column[i] : 0;
  }
  return seconds / static_cast<double>(rows);
}

}  // namespace strata
