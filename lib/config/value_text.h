#pragma once
// Values as people write them in command lines and INI files, and back.
//
// read_value() throws BadValue saying what is accepted; read_value(write_value(v)) gives v back exactly.

#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace strata {

// The message completes "'fast' is not ...": what a right value looks like.
class BadValue : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Height and width in px, written "WxH"; a single number is a square.
struct SizeHW {
  int height = 0, width = 0;
};

// A number of bytes, written with a unit: 500MB, 2GiB, 1048576.
struct ByteSize {
  uint64_t bytes = 0;
};

void read_value(std::string_view text, int& value);
void read_value(std::string_view text, int64_t& value);
void read_value(std::string_view text, uint64_t& value);
void read_value(std::string_view text, double& value);  // finite
void read_value(std::string_view text, bool& value);    // true|false, yes|no, on|off, 1|0
void read_value(std::string_view text, std::string& value);
void read_value(std::string_view text, std::filesystem::path& value);
void read_value(std::string_view text, std::vector<double>& value);       // 0.5,1,2
void read_value(std::string_view text, std::vector<std::string>& value);  // train,val; "": none
void read_value(std::string_view text, SizeHW& value);
void read_value(std::string_view text, ByteSize& value);

std::string write_value(int value);
std::string write_value(int64_t value);
std::string write_value(uint64_t value);
std::string write_value(double value);
std::string write_value(bool value);
std::string write_value(const std::string& value);
std::string write_value(const std::filesystem::path& value);
std::string write_value(const std::vector<double>& value);
std::string write_value(const std::vector<std::string>& value);
std::string write_value(SizeHW value);
std::string write_value(ByteSize value);

}  // namespace strata
