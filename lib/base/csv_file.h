#pragma once
// A table on disk that a resumed run cuts back: its bytes are a pure function of the run, however often that was interrupted.

#include "base/file_descriptor.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace strata {

// A cell: nothing, a whole number, a number (written with as many digits as bring it back exactly), or text.
class CsvValue {
 public:
  CsvValue() = default;
  CsvValue(std::monostate) {}
  CsvValue(int64_t number);
  CsvValue(double number);
  CsvValue(const std::string& text);  // quoted where it must be

  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

// RFC 4180 with "\n" and a header line; the first column is "step", and steps never decrease. Not for several processes at once.
class CsvFile {
 public:
  // Opens the table, or begins it. `last_step`: rows of later steps are removed, as is a last row that a kill left incomplete;
  // without it all complete rows stay. The file is always a new one: rows of whoever had it open before reach it no more.
  // FormatError where the file has other columns, IoError and CannotCreate as base/files.h.
  CsvFile(std::filesystem::path path, std::vector<std::string> columns, std::optional<uint64_t> last_step);

  // Appends a row: `cells` are those of the columns after "step". It reaches the operating system at once, the disk with sync().
  void add(uint64_t step, std::span<const CsvValue> cells);

  // To be called before a checkpoint is committed: rows up to its step must survive with it.
  void sync();

 private:
  void cut_back(std::optional<uint64_t> last_step);

  std::filesystem::path path_;
  std::vector<std::string> columns_;
  FileDescriptor file_;
};

// Rows of a table as text cells, the header first; quotes are undone. An incomplete last row is left out.
std::vector<std::vector<std::string>> read_csv(const std::filesystem::path& path);

}  // namespace strata
