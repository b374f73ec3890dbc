#include "base/csv_file.h"

#include "base/error.h"
#include "base/files.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <cerrno>
#include <charconv>

namespace strata {

namespace {

std::string quoted(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string result = "\"";
  for (char c : text) {
    if (c == '"') result += '"';
    result += c;
  }
  return result + '"';
}

std::string header_line(const std::vector<std::string>& columns) {
  std::string line = "step";
  for (const std::string& column : columns) {
    line += ',';
    line += quoted(column);
  }
  return line + "\n";
}

// One past the row's newline, or npos where the row is incomplete. Newlines within quotes belong to a cell.
size_t end_of_row(std::string_view text, size_t begin) {
  bool in_quotes = false;
  for (size_t i = begin; i < text.size(); ++i) {
    if (text[i] == '"') in_quotes = !in_quotes;
    if (text[i] == '\n' && !in_quotes) return i + 1;
  }
  return std::string_view::npos;
}

std::vector<std::string> cells_of(std::string_view row) {
  std::vector<std::string> cells(1);
  bool in_quotes = false;
  for (size_t i = 0; i < row.size() && (in_quotes || row[i] != '\n'); ++i) {
    if (row[i] == '"' && in_quotes && i + 1 < row.size() && row[i + 1] == '"') {
      cells.back() += row[++i];
    } else if (row[i] == '"') {
      in_quotes = !in_quotes;
    } else if (row[i] == ',' && !in_quotes) {
      cells.emplace_back();
    } else {
      cells.back() += row[i];
    }
  }
  return cells;
}

// Bytes of `text` that stay: the header and the rows up to last_step.
size_t length_to_keep(std::string_view text, size_t header, std::optional<uint64_t> last_step, const fs::path& path) {
  size_t kept = header;
  for (size_t end; (end = end_of_row(text, kept)) != std::string_view::npos; kept = end) {
    uint64_t step = 0;
    const char* row_end = text.data() + end;
    const auto [rest, error] = std::from_chars(text.data() + kept, row_end, step);
    if (error != std::errc() || (*rest != ',' && *rest != '\n')) {
      throw FormatError(
          fmt::format("{}: a row begins with no step but '{}'. The file was changed by hand; move it away to start a new one",
                      path.string(), text.substr(kept, std::min<size_t>(end - kept - 1, 40))));
    }
    if (last_step && step > *last_step) break;
  }
  return kept;
}

}  // namespace

CsvValue::CsvValue(int64_t number) : text_(fmt::format("{}", number)) {}
CsvValue::CsvValue(double number) : text_(fmt::format("{}", number)) {}
CsvValue::CsvValue(const std::string& text) : text_(quoted(text)) {}

CsvFile::CsvFile(fs::path path, std::vector<std::string> columns, std::optional<uint64_t> last_step)
    : path_(std::move(path)), columns_(std::move(columns)) {
  cut_back(last_step);
  file_ = FileDescriptor::open_to_write(path_, O_WRONLY | O_APPEND);
}

void CsvFile::cut_back(std::optional<uint64_t> last_step) {
  const std::string header = header_line(columns_);
  const std::string text = fs::exists(path_) ? read_text_file(path_) : "";
  if (!text.starts_with(header) && end_of_row(text, 0) != std::string::npos) {
    throw FormatError(
        fmt::format("{} has other columns than this version writes ({}). Continue with the version that began the run, or move "
                    "the file away to start a new one",
                    path_.string(), header.substr(0, header.size() - 1)));
  }
  const size_t kept = text.starts_with(header) ? length_to_keep(text, header.size(), last_step, path_) : 0;
  // Also where nothing is cut: an earlier owner that was only stopped still has the old file open.
  write_file_atomically(path_, kept == 0 ? header : text.substr(0, kept));
}

void CsvFile::add(uint64_t step, std::span<const CsvValue> cells) {
  if (cells.size() != columns_.size()) {
    throw InternalError(fmt::format("{}: a row of {} cells for {} columns", path_.string(), cells.size(), columns_.size()));
  }
  std::string row = fmt::format("{}", step);
  for (const CsvValue& cell : cells) row += "," + cell.text();
  row += "\n";
  write_all(file_, std::as_bytes(std::span(row)), path_);
}

void CsvFile::sync() {
  if (::fsync(file_.get()) != 0) throw_errno(errno, "sync", path_);
}

std::vector<std::vector<std::string>> read_csv(const fs::path& path) {
  const std::string text = read_text_file(path);
  std::vector<std::vector<std::string>> rows;
  size_t begin = 0;
  for (size_t end; (end = end_of_row(text, begin)) != std::string::npos; begin = end) {
    rows.push_back(cells_of(std::string_view(text).substr(begin, end - begin)));
  }
  return rows;
}

}  // namespace strata
