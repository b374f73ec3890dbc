#include "models/pth_file.h"

#include "models/byte_reader.h"
#include "models/foreign_text.h"
#include "models/pickle_machine.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <string_view>

namespace strata {

namespace {

constexpr std::string_view kZipMagic = "PK\x03\x04";
// Two pickles: the number 0x1950a86a20f9469cfc6c, and 1001, the version of the format.
constexpr std::string_view kLegacyMagic("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.\x80\x02M\xe9\x03.", 21);
constexpr uint64_t kMostInformationBytes = 64;  // of the small records beside pickle and storages
constexpr uint64_t kMostStorages = 100'000;

std::string first_bytes(const RandomAccessFile& file, uint64_t bytes) { return file.read_text(0, std::min(file.size(), bytes)); }

uint64_t bytes_of(const PickleStorage& storage) { return storage.elements * element_bytes(storage.type); }

// "NAME/" of "NAME/data.pkl", which all records share.
std::string prefix_of(const StoredZip& zip) {
  constexpr std::string_view kPickle = "/data.pkl";
  for (const ZipRecord& record : zip.records()) {
    if (record.name.ends_with(kPickle) && std::count(record.name.begin(), record.name.end(), '/') == 1)
      return record.name.substr(0, record.name.size() - kPickle.size() + 1);
  }
  throw FormatError("its zip archive has no NAME/data.pkl: torch.save did not write it");
}

bool is_number(std::string_view text) {
  const bool digits = std::all_of(text.begin(), text.end(), [](char c) { return std::isdigit(static_cast<unsigned char>(c)); });
  return !text.empty() && digits;
}

// The records beside pickle and storages say how the file was written.
void check_information(const StoredZip& zip, const ZipRecord& record, const std::string& name) {
  if (name.starts_with("code/") || name == "constants.pkl" || name.starts_with("constants/"))
    throw FormatError("it is a TorchScript program, not weights. Save the state dictionary of its network with torch.save");
  std::string text = zip.read_text(record, kMostInformationBytes);
  if (name == "version" && text.ends_with('\n')) text.pop_back();
  if (name == "byteorder") {
    if (text != "little") throw FormatError("its byte order is " + printable(text) + "; only little is read here");
    return;
  }
  const bool known =
      name == "version" || name == ".format_version" || name == ".storage_alignment" || name == ".data/serialization_id";
  if (!known) throw FormatError("its zip archive has the record " + printable(name) + ", which is not part of weights");
  if (!is_number(text)) throw FormatError("its zip archive has " + printable(text) + " as " + name);
}

void check_system(const Pickle& pickle) {
  const auto little = PickleValue(pickle).entry("little_endian");
  const bool* value = little ? little->as<bool>() : nullptr;
  if (!value) throw FormatError("it does not say its byte order");
  if (!*value) throw FormatError("its numbers have their highest byte first; only the other order is read here");
}

}  // namespace

PthFile::PthFile(const std::filesystem::path& file, const PickleLimits& limits) : file_(file) {
  try {
    const std::string magic = first_bytes(file_, kLegacyMagic.size());
    if (magic.starts_with(kZipMagic)) {
      open_zip(limits);
    } else if (magic == kLegacyMagic) {
      open_legacy(limits);
    } else {
      throw FormatError("it does not begin as torch.save's files do");
    }
  } catch (const FormatError& error) {
    refuse(error);
  }
}

void PthFile::refuse(const FormatError& reason) const {
  throw FormatError(
      fmt::format("{} is not a .pth file of weights that can be read safely: {}. Nothing in it was run. Fetch it again "
                  "from where you trust it, or save only its state dictionary with torch.save",
                  path().string(), reason.what()));
}

void PthFile::open_zip(const PickleLimits& limits) {
  form_ = Form::kZip;
  zip_ = std::make_unique<StoredZip>(file_);
  const std::string prefix = prefix_of(*zip_);
  const std::string pickle = zip_->read_text(*zip_->find(prefix + "data.pkl"), limits.bytes);
  PickleRun run = read_pickle(std::as_bytes(std::span(pickle)), limits);
  if (run.bytes != pickle.size()) throw FormatError(fmt::format("its pickle is followed by {} bytes", pickle.size() - run.bytes));
  content_ = std::move(run.pickle);
  size_t used = 1;
  for (const PickleStorage& storage : content_.storages) {
    const ZipRecord* record = zip_->find(prefix + "data/" + storage.key);
    if (!record) throw FormatError("the storage " + storage.key + " of a tensor is missing");
    if (record->bytes != bytes_of(storage))
      throw FormatError(fmt::format("the storage {} has {} bytes instead of {}", storage.key, record->bytes, bytes_of(storage)));
    storages_.push_back(*record);
    ++used;
  }
  for (const ZipRecord& record : zip_->records()) {
    if (!record.name.starts_with(prefix)) throw FormatError("its zip archive has a record outside of " + printable(prefix));
    const std::string name = record.name.substr(prefix.size());
    if (name == "data.pkl" || name.starts_with("data/")) continue;
    check_information(*zip_, record, name);
    ++used;
  }
  if (used != zip_->records().size()) throw FormatError("it has storages that no tensor lies in");
}

void PthFile::open_legacy(const PickleLimits& limits) {
  form_ = Form::kLegacy;
  const std::string bytes = first_bytes(file_, kLegacyMagic.size() + limits.bytes);
  std::span<const std::byte> left = std::as_bytes(std::span(bytes)).subspan(kLegacyMagic.size());
  const auto next_pickle = [&] {
    PickleRun run = read_pickle(left, limits);
    left = left.subspan(run.bytes);
    return std::move(run.pickle);
  };
  check_system(next_pickle());
  content_ = next_pickle();
  const Pickle keys = next_pickle();

  // Each storage is its number of elements and its bytes, in the order of the list of keys, up to the end of the file.
  std::map<std::string, size_t> index;
  for (size_t i = 0; i < content_.storages.size(); ++i) index[content_.storages[i].key] = i;
  if (index.size() > kMostStorages) throw FormatError(fmt::format("it has {} storages", index.size()));
  storages_.resize(index.size());
  uint64_t at = bytes.size() - left.size();
  for (const PickleValue& item : PickleValue(keys).items()) {
    const auto found = index.find(item.text().value_or(""));
    if (found == index.end()) throw FormatError("it has a storage that no tensor lies in, or one twice");
    const PickleStorage& storage = content_.storages[found->second];
    const std::string count = file_.read_text(at, sizeof(uint64_t));
    if (ByteReader(std::as_bytes(std::span(count)), "its storage").number<uint64_t>() != storage.elements)
      throw FormatError("the storage " + storage.key + " has another number of elements than its tensors say");
    at += sizeof(uint64_t);
    if (bytes_of(storage) > file_.size() - at)
      throw FormatError("it is cut short: the storage " + storage.key + " is not complete");
    storages_[found->second] = {.name = storage.key, .offset = at, .bytes = bytes_of(storage)};
    at += bytes_of(storage);
    index.erase(found);
  }
  if (!index.empty()) throw FormatError("the storage " + index.begin()->first + " of a tensor is missing");
  if (at != file_.size()) throw FormatError(fmt::format("its storages are followed by {} bytes", file_.size() - at));
}

void PthFile::read_storage(size_t storage, std::span<std::byte> to) const {
  const ZipRecord& record = storages_.at(storage);
  if (to.size() != record.bytes) throw InternalError("a storage of another size was asked for");
  try {
    if (zip_) {
      zip_->read(record, to);
    } else {
      file_.read(record.offset, to);
    }
  } catch (const FormatError& error) {
    refuse(error);
  }
}

bool looks_like_pth(const std::filesystem::path& file) {
  try {
    const std::string magic = first_bytes(RandomAccessFile(file), kLegacyMagic.size());
    return magic.starts_with(kZipMagic) || magic == kLegacyMagic;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace strata
