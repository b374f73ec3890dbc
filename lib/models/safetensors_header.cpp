#include "models/safetensors_header.h"

#include "base/error.h"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>
#include <utility>

namespace strata {

namespace {

using nlohmann::json;

constexpr const char* kMetadata = "__metadata__";
constexpr uint64_t kMaximumBytes = INT64_MAX;
constexpr int kMaximumDepth = 4;  // header, entry, list; one in reserve for the message about a deeper one

constexpr std::array<std::pair<torch::ScalarType, const char*>, 10> kTypes = {{{torch::kFloat64, "F64"},
                                                                               {torch::kFloat32, "F32"},
                                                                               {torch::kFloat16, "F16"},
                                                                               {torch::kBFloat16, "BF16"},
                                                                               {torch::kInt64, "I64"},
                                                                               {torch::kInt32, "I32"},
                                                                               {torch::kInt16, "I16"},
                                                                               {torch::kInt8, "I8"},
                                                                               {torch::kUInt8, "U8"},
                                                                               {torch::kBool, "BOOL"}}};

// A name of a foreign file in a message: quoted, without control characters, short.
std::string shown(const std::string& name) {
  constexpr size_t kLength = 100;
  const std::string quoted = json(name).dump(-1, ' ', true);
  return quoted.size() <= kLength ? quoted : quoted.substr(0, kLength) + "...";
}

[[noreturn]] void refuse(const std::string& what) { throw FormatError(what); }

// nlohmann keeps the last of repeated keys; other readers keep the first, so two programs would see two files.
json parse_without_repeats(const std::string& text) {
  std::vector<std::set<std::string>> keys;
  const auto watch = [&keys](int depth, json::parse_event_t event, json& value) {
    if (depth > kMaximumDepth) refuse("its header is nested too deeply");
    if (event == json::parse_event_t::object_start) keys.emplace_back();
    if (event == json::parse_event_t::object_end) keys.pop_back();
    if (event == json::parse_event_t::key && !keys.back().insert(value.get<std::string>()).second) {
      refuse("its header names " + shown(value.get<std::string>()) + " twice");
    }
    return true;
  };
  try {
    return json::parse(text, watch);
  } catch (const json::exception&) {
    refuse("its header is not JSON");
  }
}

torch::ScalarType parse_type(const json& value, const std::string& name) {
  if (!value.is_string()) refuse("the type of " + shown(name) + " is not a text");
  const auto text = value.get<std::string>();
  for (const auto& [type, its_name] : kTypes) {
    if (text == its_name) return type;
  }
  refuse("the type " + shown(text) + " of " + shown(name) + " is not known here");
}

std::vector<uint64_t> parse_numbers(const json& value, const std::string& what) {
  if (!value.is_array()) refuse(what + " is not a list");
  std::vector<uint64_t> numbers;
  for (const auto& number : value) {
    if (!number.is_number_unsigned()) refuse(what + " holds something that is not a whole number");
    numbers.push_back(number.get<uint64_t>());
  }
  return numbers;
}

// Refused also where a later extent of 0 would make it fit: strides would overflow.
uint64_t bytes_of(const TensorEntry& entry) {
  uint64_t bytes = torch::elementSize(entry.type);
  bool empty = false;
  for (const int64_t extent : entry.shape) {
    empty = empty || extent == 0;
    const auto factor = static_cast<uint64_t>(std::max<int64_t>(extent, 1));
    if (__builtin_mul_overflow(bytes, factor, &bytes) || bytes > kMaximumBytes)
      refuse("the size of " + shown(entry.name) + " overflows");
  }
  return empty ? 0 : bytes;
}

TensorEntry parse_entry(const std::string& name, const json& value) {
  const bool three_fields = value.is_object() && value.size() == 3;
  if (!three_fields || !value.contains("dtype") || !value.contains("shape") || !value.contains("data_offsets")) {
    refuse(shown(name) + " is not described by dtype, shape and data_offsets alone");
  }
  TensorEntry entry;
  entry.name = name;
  entry.type = parse_type(value["dtype"], name);
  for (const uint64_t extent : parse_numbers(value["shape"], "the shape of " + shown(name))) {
    if (extent > static_cast<uint64_t>(INT64_MAX)) refuse("the size of " + shown(name) + " overflows");
    entry.shape.push_back(static_cast<int64_t>(extent));
  }
  const auto offsets = parse_numbers(value["data_offsets"], "data_offsets of " + shown(name));
  if (offsets.size() != 2 || offsets[0] > offsets[1]) refuse("data_offsets of " + shown(name) + " are not [begin, end]");
  entry.begin = offsets[0];
  entry.end = offsets[1];
  if (entry.end - entry.begin != bytes_of(entry)) {
    refuse(fmt::format("{} has {} bytes of data, its type and shape want {}", shown(name), entry.end - entry.begin,
                       bytes_of(entry)));
  }
  return entry;
}

std::map<std::string, std::string> parse_metadata(const json& value) {
  if (!value.is_object()) refuse("its __metadata__ is not an object");
  std::map<std::string, std::string> metadata;
  for (const auto& [key, text] : value.items()) {
    if (!text.is_string()) refuse("its __metadata__ holds " + shown(key) + ", which is not a text");
    metadata[key] = text.get<std::string>();
  }
  return metadata;
}

void check_layout(const std::vector<TensorEntry>& entries, uint64_t data_bytes) {
  uint64_t reached = 0;
  for (const auto& entry : entries) {
    if (entry.begin < reached) refuse("the data of " + shown(entry.name) + " overlaps another tensor's");
    if (entry.begin > reached) refuse("there is a gap before the data of " + shown(entry.name));
    reached = entry.end;
  }
  if (reached != data_bytes) refuse(fmt::format("its tensors take {} bytes of data, the file has {}", reached, data_bytes));
}

}  // namespace

const char* type_name(torch::ScalarType type) {
  for (const auto& [known, name] : kTypes) {
    if (known == type) return name;
  }
  return nullptr;
}

std::string header_text(const SafetensorsHeader& header) {
  json root = json::object();
  if (!header.metadata.empty()) root[kMetadata] = header.metadata;
  for (const auto& entry : header.entries) {
    root[entry.name] = {{"dtype", type_name(entry.type)}, {"shape", entry.shape}, {"data_offsets", {entry.begin, entry.end}}};
  }
  std::string text = root.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');  // the data starts aligned
  return text;
}

SafetensorsHeader parse_header(const std::string& text, uint64_t data_bytes) {
  if (text.empty() || text.front() != '{') refuse("its header does not start with {");
  const json root = parse_without_repeats(text);
  SafetensorsHeader header;
  for (const auto& [name, value] : root.items()) {
    if (name == kMetadata) {
      header.metadata = parse_metadata(value);
    } else {
      header.entries.push_back(parse_entry(name, value));
    }
  }
  std::sort(header.entries.begin(), header.entries.end(),
            [](const TensorEntry& a, const TensorEntry& b) { return std::tie(a.begin, a.end) < std::tie(b.begin, b.end); });
  check_layout(header.entries, data_bytes);
  return header;
}

}  // namespace strata
