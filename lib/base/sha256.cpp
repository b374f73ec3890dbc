#include "base/sha256.h"

#include "base/error.h"
#include "base/file_descriptor.h"

#include <openssl/evp.h>

#include <array>
#include <new>
#include <vector>

namespace strata {

namespace {

void require(int status) {
  if (status != 1)
    throw InternalError("libcrypto refuses SHA-256; nothing can be verified without it. Check the OpenSSL installation");
}

}  // namespace

struct Sha256::Context {
  EVP_MD_CTX* evp = EVP_MD_CTX_new();
  ~Context() { EVP_MD_CTX_free(evp); }
};

Sha256::Sha256() : context_(std::make_unique<Context>()) {
  if (!context_->evp) throw std::bad_alloc();
  require(EVP_DigestInit_ex(context_->evp, EVP_sha256(), nullptr));
}

Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

Sha256& Sha256::update(std::span<const std::byte> bytes) {
  require(EVP_DigestUpdate(context_->evp, bytes.data(), bytes.size()));
  return *this;
}

std::string Sha256::finish() {
  std::array<unsigned char, 32> digest{};
  require(EVP_DigestFinal_ex(context_->evp, digest.data(), nullptr));
  std::string text;
  text.reserve(2 * digest.size());
  for (unsigned char byte : digest) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

std::string sha256_of(std::span<const std::byte> bytes) { return Sha256().update(bytes).finish(); }
std::string sha256_of(const std::string& text) { return Sha256().update(text.data(), text.size()).finish(); }

std::string sha256_of_file(const std::filesystem::path& path) {
  const FileDescriptor file = FileDescriptor::open_to_read(path);
  Sha256 digest;
  std::vector<std::byte> block(1 << 20);
  while (const size_t got = read_some(file, block, path)) digest.update(block.data(), got);
  return digest.finish();
}

}  // namespace strata
