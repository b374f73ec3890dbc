#include "models/safetensors.h"

#include "base/error.h"
#include "base/file_descriptor.h"
#include "base/files.h"
#include "base/sha256.h"
#include "models/safetensors_header.h"

#include <fmt/format.h>
#include <algorithm>
#include <bit>
#include <cstring>
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

std::string write_safetensors(const NamedTensors& content, const std::filesystem::path& file) {
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
  Sha256 digest;
  const auto write = [&](std::span<const std::byte> bytes) {
    digest.update(bytes);
    output.write(bytes);
  };
  write(std::as_bytes(std::span(&length, 1)));
  write(std::as_bytes(std::span(text)));
  for (const auto& [name, tensor] : tensors) write(bytes_of(tensor.cpu().contiguous()));
  output.commit();
  return digest.finish();
}

namespace {

uint64_t size_of(const std::filesystem::path& file) {
  std::error_code error;
  const uint64_t size = std::filesystem::file_size(file, error);
  if (error) throw_read_errno(error.value(), file);
  return size;
}

// A file read from front to end; what is short or unreadable has a name.
class Input {
 public:
  Input(const std::filesystem::path& file, Sha256* digest)
      : path_(file), file_(FileDescriptor::open_to_read(file)), size_(size_of(file)), digest_(digest) {}

  uint64_t size() const { return size_; }

  void read(void* to, uint64_t bytes) {
    std::span<std::byte> rest(static_cast<std::byte*>(to), bytes);
    while (!rest.empty()) {
      const size_t got = read_some(file_, rest.first(std::min(rest.size(), kBlockBytes)), path_);
      if (got == 0) {
        throw IoError(fmt::format("{}: reading {} bytes failed, though the file is said to be long enough; is it being changed?",
                                  path_.string(), bytes));
      }
      if (digest_) digest_->update(rest.first(got));
      rest = rest.subspan(got);
    }
  }

 private:
  static constexpr size_t kBlockBytes = 1 << 20;  // still in the cache when it is hashed

  const std::filesystem::path& path_;
  FileDescriptor file_;
  uint64_t size_;
  Sha256* digest_;
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

NamedTensors read(const std::filesystem::path& file, Sha256* digest) {
  Input input(file, digest);
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

}  // namespace

NamedTensors read_safetensors(const std::filesystem::path& file) { return read(file, nullptr); }
NamedTensors read_safetensors(const std::filesystem::path& file, Sha256& digest) { return read(file, &digest); }

}  // namespace strata
