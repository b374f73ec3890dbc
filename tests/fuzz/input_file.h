#pragma once
// The bytes under test as a file, where what is tested reads files.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

namespace strata::fuzz {

// A file of this name in a folder of this process's own, removed at exit; each call replaces its content.
const std::filesystem::path& as_file(const std::string& name, const uint8_t* bytes, size_t size);

}  // namespace strata::fuzz
