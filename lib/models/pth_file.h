#pragma once
// Files of torch.save: a pickle, and the storages that its tensors lie in. Both forms: the zip archive of PyTorch 1.6 and later,
// and the older sequence of pickles followed by raw storages.

#include "base/error.h"
#include "models/pickle.h"
#include "models/random_access_file.h"
#include "models/stored_zip.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace strata {

// Local. The pickle is read and every storage is found, with the size that the pickle says, when this is constructed.
class PthFile {
 public:
  // FormatError says why a file is refused and what to do: not of this kind, damaged, cut short, with anything that weights are
  // not made of, or beyond a limit. Nothing in it is run. MissingInput, IoError.
  explicit PthFile(const std::filesystem::path& file, const PickleLimits& limits = {});

  enum class Form { kZip, kLegacy };
  Form form() const { return form_; }
  const std::filesystem::path& path() const { return file_.path(); }
  uint64_t size() const { return file_.size(); }
  const Pickle& content() const { return content_; }

  // Fills `to`, which has the size of storage number `storage` of content(). FormatError where its checksum differs (zip);
  // IoError.
  void read_storage(size_t storage, std::span<std::byte> to) const;

 private:
  void open_zip(const PickleLimits& limits);
  void open_legacy(const PickleLimits& limits);
  [[noreturn]] void refuse(const FormatError& reason) const;

  RandomAccessFile file_;
  Form form_ = Form::kZip;
  std::unique_ptr<StoredZip> zip_;
  Pickle content_;
  std::vector<ZipRecord> storages_;  // one each of content_.storages; the old form has no names and checksums
};

// Is it one, by its first bytes? False also for files that cannot be read.
bool looks_like_pth(const std::filesystem::path& file);

}  // namespace strata
