#include "fuzz/input_file.h"

#include <cstdio>
#include <cstdlib>
#include <stdexcept>

namespace strata::fuzz {

namespace {

class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "strata-fuzz-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot create " + name);
    path_ = name;
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace

const std::filesystem::path& as_file(const std::string& name, const uint8_t* bytes, size_t size) {
  static const Folder folder;
  static std::filesystem::path file;
  file = folder.path() / name;
  std::FILE* stream = std::fopen(file.c_str(), "wb");
  if (stream == nullptr) throw std::runtime_error("cannot write " + file.string());
  const bool written = std::fwrite(bytes, 1, size, stream) == size;
  if (std::fclose(stream) != 0 || !written) throw std::runtime_error("cannot write " + file.string());
  return file;
}

}  // namespace strata::fuzz
