#include "config/nearest.h"

#include <algorithm>

namespace strata {

size_t edit_distance(std::string_view a, std::string_view b) {
  // d[i][j]: distance of the first i characters of a and the first j of b.
  std::vector<std::vector<size_t>> d(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
  for (size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    for (size_t j = 1; j <= b.size(); ++j) {
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] != b[j - 1])});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
    }
  }
  return d[a.size()][b.size()];
}

std::optional<std::string> nearest_key(std::string_view unknown, const std::vector<std::string>& known) {
  const auto last_part = [](std::string_view key) { return key.substr(key.rfind('.') + 1); };
  std::optional<std::string> nearest;
  size_t smallest = std::max<size_t>(1, last_part(unknown).size() / 3) + 1;  // a third of its letters may be wrong
  for (const std::string& key : known) {
    size_t distance = edit_distance(unknown, key);
    // The right name without its section, or in another one.
    if (edit_distance(last_part(unknown), last_part(key)) == 0) distance = std::min<size_t>(distance, 1);
    if (distance < smallest) {
      smallest = distance;
      nearest = key;
    }
  }
  return nearest;
}

}  // namespace strata
