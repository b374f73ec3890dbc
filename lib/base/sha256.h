#pragma once
// SHA-256 (FIPS 180-4) through libcrypto. Digests are 64 lower-case hexadecimal characters.

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

namespace strata {

class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;

  Sha256& update(std::span<const std::byte> bytes);
  Sha256& update(const void* data, size_t size) { return update({static_cast<const std::byte*>(data), size}); }
  std::string finish();  // ends the digest; the object must not be used again

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

std::string sha256_of(std::span<const std::byte> bytes);
std::string sha256_of(const std::string& text);
// MissingInput where there is no such file, IoError where reading fails.
std::string sha256_of_file(const std::filesystem::path& path);

}  // namespace strata
