#pragma once
// Zip archives as PyTorch writes them: records stored as they are, one after another, then the directory. Everything else that
// the zip format knows (compression, encryption, gaps, several disks, comments) is refused, so that there is one way to read a
// file, and what this reader sees is what every other one sees.

#include "models/random_access_file.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace strata {

struct ZipRecord {
  std::string name;
  uint64_t offset = 0, bytes = 0;  // of the content
  uint32_t crc = 0;
};

class StoredZip {
 public:
  // FormatError says what is not as it should be; the caller adds which file. `file` must outlive this.
  explicit StoredZip(const RandomAccessFile& file);

  const std::vector<ZipRecord>& records() const { return records_; }
  const ZipRecord* find(const std::string& name) const;  // nullptr where there is none

  // Fills `to`, which has the record's size. FormatError where the checksum differs; IoError.
  void read(const ZipRecord& record, std::span<std::byte> to) const;
  // FormatError also where the record is longer than `most` bytes.
  std::string read_text(const ZipRecord& record, uint64_t most) const;

 private:
  const RandomAccessFile& file_;
  std::vector<ZipRecord> records_;  // in file order
  std::map<std::string, size_t> index_;
};

}  // namespace strata
