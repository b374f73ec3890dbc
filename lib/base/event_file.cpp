#include "base/event_file.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/process_info.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <array>
#include <bit>

namespace strata {

namespace {

// Fields of tensorflow.Event, Summary, Summary.Value and SessionLog (tensorflow/core/util/event.proto, framework/summary.proto).
enum EventField { kWallTime = 1, kStep = 2, kFileVersion = 3, kSummary = 5, kSessionLog = 7 };
enum SummaryField { kValue = 1 };
enum ValueField { kTag = 1, kSimpleValue = 2 };
enum SessionLogField { kStatus = 1 };
constexpr uint64_t kSessionStart = 1;

// Builds a protobuf message field by field.
class Message {
 public:
  Message& number(int field, uint64_t value) {
    varint(static_cast<uint64_t>(field) << 3);
    varint(value);
    return *this;
  }
  Message& bytes(int field, std::string_view value) {
    varint(static_cast<uint64_t>(field) << 3 | 2);
    varint(value.size());
    text_ += value;
    return *this;
  }
  Message& real(int field, double value) { return fixed(field, 1, std::bit_cast<uint64_t>(value)); }
  Message& real(int field, float value) { return fixed(field, 5, std::bit_cast<uint32_t>(value)); }
  const std::string& text() const { return text_; }

 private:
  void varint(uint64_t value) {
    for (; value >= 0x80; value >>= 7) text_ += static_cast<char>(value | 0x80);
    text_ += static_cast<char>(value);
  }
  template <typename Bits>
  Message& fixed(int field, uint64_t wire_type, Bits bits) {
    varint(static_cast<uint64_t>(field) << 3 | wire_type);
    for (size_t i = 0; i < sizeof bits; ++i) text_ += static_cast<char>(bits >> (8 * i));
    return *this;
  }
  std::string text_;
};

template <typename Bits>
std::string little_endian(Bits bits) {
  std::string text;
  for (size_t i = 0; i < sizeof bits; ++i) text += static_cast<char>(bits >> (8 * i));
  return text;
}

constexpr std::array<uint32_t, 256> make_crc_table() {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0x82F63B78u : 0);
    table[i] = crc;
  }
  return table;
}

// TFRecord stores CRCs so that a CRC over data that holds CRCs stays useful.
std::string masked_crc(std::string_view text) {
  const uint32_t crc = crc32c(std::as_bytes(std::span(text)));
  return little_endian((crc >> 15 | crc << 17) + 0xA282EAD8u);
}

std::string record_of(const std::string& event) {
  const std::string length = little_endian(static_cast<uint64_t>(event.size()));
  return length + masked_crc(length) + event + masked_crc(event);
}

std::filesystem::path new_file_in(const std::filesystem::path& directory) {
  for (uint64_t seconds = static_cast<uint64_t>(unix_seconds());;
       ++seconds) {  // TensorBoard reads files in the order of this number
    const auto path = directory / fmt::format("events.out.tfevents.{:010}.{}.{}", seconds, host_name(), getpid());
    if (!std::filesystem::exists(path)) return path;
  }
}

}  // namespace

EventFile::EventFile(const std::filesystem::path& directory, uint64_t first_step)
    : path_(new_file_in(directory)), file_(FileDescriptor::open_to_write(path_, O_WRONLY | O_CREAT | O_EXCL | O_APPEND)) {
  append(Message().real(kWallTime, unix_seconds()).bytes(kFileVersion, "brain.Event:2").text());
  const Message start = Message().number(kStatus, kSessionStart);
  append(Message().real(kWallTime, unix_seconds()).number(kStep, first_step).bytes(kSessionLog, start.text()).text());
}

void EventFile::add(std::string_view tag, uint64_t step, double value) {
  const Message scalar = Message().bytes(kTag, tag).real(kSimpleValue, static_cast<float>(value));
  const Message summary = Message().bytes(kValue, scalar.text());
  append(Message().real(kWallTime, unix_seconds()).number(kStep, step).bytes(kSummary, summary.text()).text());
}

void EventFile::append(const std::string& event) {
  if (!file_) return;
  const std::string record = record_of(event);
  try {
    write_all(file_, std::as_bytes(std::span(record)), path_);
  } catch (const Error& e) {
    log_warning("TensorBoard curves end here: {}", e.what());
    file_.reset();
  }
}

uint32_t crc32c(std::span<const std::byte> bytes) {
  static constexpr std::array<uint32_t, 256> kTable = make_crc_table();
  uint32_t crc = ~0u;
  for (std::byte byte : bytes) crc = kTable[(crc ^ static_cast<uint32_t>(byte)) & 0xFF] ^ crc >> 8;
  return ~crc;
}

}  // namespace strata
