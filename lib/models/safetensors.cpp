#include "models/safetensors.h"

#include "base/error.h"
#include "base/files.h"
#include "models/safetensors_header.h"

#include <fmt/format.h>
#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <set>
#include <span>

namespace strata {

static_assert(std::endian::native == std::endian::little, "tensors are written as they lie in memory");

namespace {

constexpr uint64_t kLengthBytes = sizeof(uint64_t);
constexpr uint64_t kMaximumHeaderBytes = 100'000'000;  // as in the format's own library

std::span<const std::byte> bytes_of(const torch::Tensor& tensor) {
  return {static_cast<const std::byte*>(tensor.const_data_ptr()), tensor.nbytes()};
}

TensorEntry describe(const std::string& name, const torch::Tensor& tensor, uint64_t begin) {
  if (type_name(tensor.scalar_type()) == nullptr) {
    throw InternalError(
        fmt::format("tensor {} of type {} cannot be written as safetensors", name, torch::toString(tensor.scalar_type())));
  }
  return {name, tensor.scalar_type(), tensor.sizes().vec(), begin, begin + tensor.nbytes()};
}

}  // namespace

void write_safetensors(const NamedTensors& content, const std::filesystem::path& file) {
  auto tensors = content.tensors;
  std::stable_sort(tensors.begin(), tensors.end(),
                   [](const auto& a, const auto& b) { return a.second.element_size() > b.second.element_size(); });
  SafetensorsHeader header{.entries = {}, .metadata = content.metadata};
  std::set<std::string> names;
  uint64_t end = 0;
  for (const auto& [name, tensor] : tensors) {
    if (!names.insert(name).second) throw InternalError("two tensors called " + name + " cannot be written to one file");
    header.entries.push_back(describe(name, tensor, end));
    end = header.entries.back().end;
  }
  const std::string text = header_text(header);
  const uint64_t length = text.size();
  AtomicFile output(file);
  output.write(std::as_bytes(std::span(&length, 1)));
  output.write(text);
  for (const auto& [name, tensor] : tensors) output.write(bytes_of(tensor.cpu().contiguous()));
  output.commit();
}

namespace {

// A file read from front to end; what is short or unreadable has a name.
class Input {
 public:
  explicit Input(const std::filesystem::path& file) : file_(file), stream_(file, std::ios::binary) {
    if (!stream_) throw_read_errno(errno, file);
    if (std::filesystem::is_directory(file)) throw_read_errno(EISDIR, file);
    size_ = std::filesystem::file_size(file);
  }

  uint64_t size() const { return size_; }

  void read(void* to, uint64_t bytes) {
    if (stream_.read(static_cast<char*>(to), static_cast<std::streamsize>(bytes))) return;
    throw IoError(fmt::format("{}: reading {} bytes failed, though the file is said to be long enough; is it being changed?",
                              file_.string(), bytes));
  }

 private:
  std::filesystem::path file_;
  std::ifstream stream_;
  uint64_t size_ = 0;
};

SafetensorsHeader read_header(Input& input) {
  if (input.size() < kLengthBytes) throw FormatError(fmt::format("it has only {} bytes", input.size()));
  uint64_t length = 0;
  input.read(&length, kLengthBytes);
  if (length > kMaximumHeaderBytes)
    throw FormatError(fmt::format("its header claims {} bytes, more than the allowed 100 MB", length));
  const uint64_t rest = input.size() - kLengthBytes;
  if (length > rest) throw FormatError(fmt::format("its header claims {} bytes, the file has {} after the length", length, rest));
  std::string text(length, '\0');
  input.read(text.data(), length);
  return parse_header(text, rest - length);
}

torch::Tensor read_tensor(Input& input, const TensorEntry& entry) {
  torch::Tensor tensor = torch::empty(entry.shape, entry.type);
  input.read(tensor.mutable_data_ptr(), entry.end - entry.begin);
  if (entry.type == torch::kBool) {
    const torch::Tensor raw = tensor.view(torch::kUInt8);
    if (raw.numel() > 0 && raw.max().item<int>() > 1) throw FormatError("a truth value in it is neither 0 nor 1");
  }
  return tensor;
}

}  // namespace

NamedTensors read_safetensors(const std::filesystem::path& file) {
  Input input(file);
  try {
    const SafetensorsHeader header = read_header(input);
    NamedTensors content;
    content.metadata = header.metadata;
    for (const auto& entry : header.entries) content.tensors.emplace_back(entry.name, read_tensor(input, entry));
    return content;
  } catch (const FormatError& error) {
    throw FormatError(
        fmt::format("{} is not a sound .safetensors file: {}; fetch or write it again", file.string(), error.what()));
  }
}

}  // namespace strata
