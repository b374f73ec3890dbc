#pragma once
// Scalars for TensorBoard: one event file per start of a run, written without protobuf.
//
// A file is a sequence of records (TFRecord): u64 length, masked CRC-32C of it, bytes, masked CRC-32C of them; all little-endian.
// The bytes are a TensorFlow "Event" message, of which scalars need four fields.

#include "base/file_descriptor.h"

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace strata {

class EventFile {
 public:
  // A new file events.out.tfevents.TIME.HOST.PID in the directory. `first_step`: what earlier files say of this step and later
  // ones is dropped by TensorBoard: a resumed run repeats them. CannotCreate or IoError.
  EventFile(const std::filesystem::path& directory, uint64_t first_step);

  // Stored as float32, with the present time. Curves are a convenience: a write that fails is warned of once, and the file ends
  // there.
  void add(std::string_view tag, uint64_t step, double value);

 private:
  void append(const std::string& event);

  std::filesystem::path path_;
  FileDescriptor file_;
};

// CRC-32C (Castagnoli), reflected, polynomial 0x82F63B78.
uint32_t crc32c(std::span<const std::byte> bytes);

}  // namespace strata
