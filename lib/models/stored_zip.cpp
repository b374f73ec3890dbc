#include "models/stored_zip.h"

#include "models/byte_reader.h"
#include "models/foreign_text.h"

#include <zlib.h>

namespace strata {

namespace {

constexpr uint32_t kRecordSign = 0x04034b50, kDescriptorSign = 0x08074b50, kDirectorySign = 0x02014b50;
constexpr uint32_t kEndSign = 0x06054b50, kEnd64Sign = 0x06064b50, kLocatorSign = 0x07064b50;
constexpr uint64_t kRecordHeaderBytes = 30, kEndBytes = 22, kLocatorBytes = 20, kEnd64Bytes = 56;
constexpr uint64_t kDescriptorBytes = 16, kDescriptor64Bytes = 24;
constexpr uint16_t kDescriptorFlag = 0x0008, kUtf8Flag = 0x0800;
constexpr uint32_t kIn64 = 0xFFFFFFFF;  // the true value stands in the 64-bit part
constexpr uint64_t kMostDirectoryBytes = 64 << 20, kMostNameBytes = 1024;

[[noreturn]] void refuse(const std::string& what) { throw FormatError("its zip archive " + what); }
void require(bool holds, const char* what) {
  if (!holds) refuse(what);
}

ByteReader part(const std::string& bytes) { return {std::as_bytes(std::span(bytes)), "its zip archive's part"}; }

struct Directory {
  uint64_t records = 0, bytes = 0, offset = 0;
};

// The 64-bit end record, where a locator before the end record points to it.
Directory read_end64(const RandomAccessFile& file, uint64_t locator_at, ByteReader locator, const Directory& small) {
  require(locator.number<uint32_t>() == kLocatorSign && locator.number<uint32_t>() == 0, "has a damaged 64-bit locator");
  const uint64_t at = locator.number<uint64_t>();
  require(locator.number<uint32_t>() == 1, "is spread over several disks");
  require(locator_at >= kEnd64Bytes && at == locator_at - kEnd64Bytes, "has a gap before its end");
  const std::string bytes = file.read_text(at, kEnd64Bytes);
  ByteReader end = part(bytes);
  require(end.number<uint32_t>() == kEnd64Sign && end.number<uint64_t>() == kEnd64Bytes - 12, "has a damaged 64-bit end");
  end.number<uint32_t>();  // versions of the writer
  require(end.number<uint64_t>() == 0, "is spread over several disks");
  Directory directory;
  directory.records = end.number<uint64_t>();
  require(end.number<uint64_t>() == directory.records, "is spread over several disks");
  directory.bytes = end.number<uint64_t>();
  directory.offset = end.number<uint64_t>();
  const bool same = (small.records == directory.records || small.records == 0xFFFF) &&
                    (small.bytes == directory.bytes || small.bytes == kIn64) &&
                    (small.offset == directory.offset || small.offset == kIn64);
  require(same, "has two ends that contradict each other");
  require(directory.bytes <= at && directory.offset == at - directory.bytes, "does not end with its directory");
  return directory;
}

Directory find_directory(const RandomAccessFile& file) {
  require(file.size() >= kEndBytes, "is too short");
  const uint64_t end_at = file.size() - kEndBytes;
  const std::string bytes = file.read_text(end_at, kEndBytes);
  ByteReader end = part(bytes);
  require(end.number<uint32_t>() == kEndSign, "has no end: the file is cut short, or something follows");
  require(end.number<uint32_t>() == 0, "is spread over several disks");
  Directory directory;
  directory.records = end.number<uint16_t>();
  require(end.number<uint16_t>() == directory.records, "is spread over several disks");
  directory.bytes = end.number<uint32_t>();
  directory.offset = end.number<uint32_t>();
  require(end.number<uint16_t>() == 0, "has a comment");
  if (end_at >= kLocatorBytes) {
    const std::string locator = file.read_text(end_at - kLocatorBytes, kLocatorBytes);
    if (part(locator).number<uint32_t>() == kLocatorSign)
      return read_end64(file, end_at - kLocatorBytes, part(locator), directory);
  }
  require(directory.bytes <= end_at && directory.offset == end_at - directory.bytes, "does not end with its directory");
  return directory;
}

struct Listed {
  ZipRecord record;
  uint16_t flags = 0;
  uint64_t header = 0;  // offset of the record's own header
};

// Sizes and offset that do not fit 32 bits stand in an extra field of type 1, in this order.
void read_extra(std::string_view extra, Listed& listed, uint64_t& stored_bytes) {
  ByteReader fields(std::as_bytes(std::span(extra)), "its zip archive's extra field");
  while (fields.left() > 0) {
    const auto type = fields.number<uint16_t>();
    const auto bytes = fields.number<uint16_t>();
    const std::string_view content = fields.text(bytes);
    require(type == 1, "has a directory entry with an unknown extra field");
    ByteReader values(std::as_bytes(std::span(content)), "its zip archive's 64-bit field");
    if (listed.record.bytes == kIn64) listed.record.bytes = values.number<uint64_t>();
    if (stored_bytes == kIn64) stored_bytes = values.number<uint64_t>();
    if (listed.header == kIn64) listed.header = values.number<uint64_t>();
    require(values.left() == 0, "has a directory entry with a long 64-bit field");
  }
}

Listed read_entry(ByteReader& directory) {
  require(directory.number<uint32_t>() == kDirectorySign, "has a damaged directory");
  directory.number<uint32_t>();  // versions
  Listed listed;
  listed.flags = directory.number<uint16_t>();
  require((listed.flags & ~(kDescriptorFlag | kUtf8Flag)) == 0, "has an encrypted or otherwise unusual record");
  require(directory.number<uint16_t>() == 0, "has a compressed record, which PyTorch never writes");
  directory.number<uint32_t>();  // time and date
  listed.record.crc = directory.number<uint32_t>();
  uint64_t stored_bytes = directory.number<uint32_t>();
  listed.record.bytes = directory.number<uint32_t>();
  const auto name_bytes = directory.number<uint16_t>(), extra_bytes = directory.number<uint16_t>();
  require(directory.number<uint16_t>() == 0, "has a record with a comment");
  require(directory.number<uint16_t>() == 0, "is spread over several disks");
  directory.number<uint16_t>();  // attributes
  directory.number<uint32_t>();
  listed.header = directory.number<uint32_t>();
  listed.record.name = directory.text(name_bytes);
  require(name_bytes > 0 && name_bytes <= kMostNameBytes && is_plain_text(listed.record.name),
          "has a record without a usable name");
  read_extra(directory.text(extra_bytes), listed, stored_bytes);
  require(stored_bytes == listed.record.bytes, "has a record of two sizes");
  return listed;
}

// Sizes and checksum once more behind the content.
void check_descriptor(const RandomAccessFile& file, const ZipRecord& record, uint64_t at, uint64_t bytes) {
  require(bytes == kDescriptorBytes || bytes == kDescriptor64Bytes, "has a gap between its records");
  const std::string text = file.read_text(at, bytes);
  ByteReader descriptor = part(text);
  const bool wide = bytes == kDescriptor64Bytes;
  const auto size = [&] { return wide ? descriptor.number<uint64_t>() : descriptor.number<uint32_t>(); };
  bool same = descriptor.number<uint32_t>() == kDescriptorSign && descriptor.number<uint32_t>() == record.crc;
  same = size() == record.bytes && same;
  same = size() == record.bytes && same;
  require(same, "says two things about the size or checksum of one record");
}

// The record's own header must say what the directory says, and the record must end where the next one begins.
ZipRecord locate(const RandomAccessFile& file, const Listed& listed, uint64_t end) {
  const uint64_t header_bytes = kRecordHeaderBytes + listed.record.name.size();
  require(listed.header < end && header_bytes <= end - listed.header, "has overlapping records");
  const std::string text = file.read_text(listed.header, header_bytes);
  ByteReader header = part(text);
  require(header.number<uint32_t>() == kRecordSign, "has a directory entry that points to no record");
  header.number<uint16_t>();  // version
  require(header.number<uint16_t>() == listed.flags, "has a record whose header contradicts the directory");
  require(header.number<uint16_t>() == 0, "has a compressed record, which PyTorch never writes");
  header.number<uint32_t>();  // time and date
  const bool described = (listed.flags & kDescriptorFlag) != 0;
  const auto agrees = [&](uint32_t here, uint64_t there) { return here == there || here == kIn64 || (described && here == 0); };
  bool same = agrees(header.number<uint32_t>(), listed.record.crc);
  same = agrees(header.number<uint32_t>(), listed.record.bytes) && same;
  same = agrees(header.number<uint32_t>(), listed.record.bytes) && same;
  const auto name_bytes = header.number<uint16_t>(), extra_bytes = header.number<uint16_t>();
  same = name_bytes == listed.record.name.size() && header.text(listed.record.name.size()) == listed.record.name && same;
  require(same, "has a record whose header contradicts the directory");

  ZipRecord record = listed.record;
  record.offset = listed.header + header_bytes + extra_bytes;
  require(record.offset <= end && record.bytes <= end - record.offset, "has overlapping records");
  const uint64_t rest = end - record.offset - record.bytes;
  if (described) {
    check_descriptor(file, record, record.offset + record.bytes, rest);
  } else {
    require(rest == 0, "has a gap between its records");
  }
  return record;
}

uint32_t checksum(std::span<const std::byte> bytes) {
  return static_cast<uint32_t>(crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

}  // namespace

StoredZip::StoredZip(const RandomAccessFile& file) : file_(file) {
  const Directory found = find_directory(file);
  require(found.bytes <= kMostDirectoryBytes, "has a directory of more than 64 MiB");
  const std::string bytes = file.read_text(found.offset, found.bytes);
  ByteReader directory(std::as_bytes(std::span(bytes)), "its zip archive's directory");
  std::vector<Listed> listed;
  while (directory.left() > 0) listed.push_back(read_entry(directory));
  require(listed.size() == found.records, "has another number of records than its end says");
  require(listed.empty() || listed.front().header == 0, "does not begin with its first record");
  for (size_t i = 0; i < listed.size(); ++i) {
    records_.push_back(locate(file, listed[i], i + 1 < listed.size() ? listed[i + 1].header : found.offset));
    if (!index_.emplace(records_[i].name, i).second) refuse("has two records called " + printable(records_[i].name));
  }
}

const ZipRecord* StoredZip::find(const std::string& name) const {
  const auto found = index_.find(name);
  return found == index_.end() ? nullptr : &records_[found->second];
}

void StoredZip::read(const ZipRecord& record, std::span<std::byte> to) const {
  if (to.size() != record.bytes) throw InternalError("a zip record of another size was asked for");
  file_.read(record.offset, to);
  if (checksum(to) != record.crc) refuse("has a damaged record: the checksum of " + printable(record.name) + " differs");
}

std::string StoredZip::read_text(const ZipRecord& record, uint64_t most) const {
  if (record.bytes > most) {
    refuse(fmt::format("has {} bytes in {}, more than the allowed {}", record.bytes, printable(record.name), most));
  }
  std::string text(static_cast<size_t>(record.bytes), '\0');
  read(record, std::as_writable_bytes(std::span(text)));
  return text;
}

}  // namespace strata
