#include "config/value_text.h"

#include <gmock/gmock.h>

namespace strata {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

template <typename T>
T value_of(std::string_view text) {
  T value{};
  read_value(text, value);
  return value;
}

template <typename T>
std::string accepted_instead_of(std::string_view text) {
  try {
    value_of<T>(text);
  } catch (const BadValue& e) {
    return e.what();
  }
  return "nothing: it was accepted";
}

TEST(ValueText, NumbersAreReadWhole) {
  EXPECT_EQ(value_of<int>("-12"), -12);
  EXPECT_EQ(value_of<uint64_t>("18446744073709551615"), UINT64_MAX);
  EXPECT_EQ(value_of<double>("1e-4"), 1e-4);
  for (const char* text : {"", "1.5", "12 ", "0x10", "9999999999"})
    EXPECT_THAT(accepted_instead_of<int>(text), HasSubstr("a whole number")) << text;
  for (const char* text : {"", "fast", "1,5", "nan", "inf", "1e999"})
    EXPECT_THAT(accepted_instead_of<double>(text), HasSubstr("a number such as")) << text;
  EXPECT_THAT(accepted_instead_of<uint64_t>("-1"), HasSubstr("from 0"));
}

TEST(ValueText, NumbersComeBackExactly) {
  for (double value : {0.1, 1.0 / 3, 1e-300, 123456789.0, -0.0}) EXPECT_EQ(value_of<double>(write_value(value)), value);
}

TEST(ValueText, TruthHasManyWords) {
  for (const char* text : {"true", "yes", "on", "1"}) EXPECT_TRUE(value_of<bool>(text));
  for (const char* text : {"false", "no", "off", "0"}) EXPECT_FALSE(value_of<bool>(text));
  EXPECT_THAT(accepted_instead_of<bool>("maybe"), HasSubstr("true or false"));
}

TEST(ValueText, ListsAreSeparatedByCommas) {
  EXPECT_THAT(value_of<std::vector<double>>("0.5, 1,2"), ElementsAre(0.5, 1, 2));
  EXPECT_THAT(value_of<std::vector<std::string>>("train,val"), ElementsAre("train", "val"));
  EXPECT_EQ(write_value(std::vector<double>{0.5, 1, 2}), "0.5,1,2");
  EXPECT_THAT(accepted_instead_of<std::vector<double>>("0.5,,2"), HasSubstr("list of numbers"));
  EXPECT_THAT(value_of<std::vector<std::string>>(""), ::testing::IsEmpty());
  EXPECT_THAT(accepted_instead_of<std::vector<std::string>>("train,,val"), HasSubstr("list of names"));
}

TEST(ValueText, SizesAreWidthTimesHeight) {
  const SizeHW size = value_of<SizeHW>("512x256");
  EXPECT_EQ(size.width, 512);
  EXPECT_EQ(size.height, 256);
  EXPECT_EQ(write_value(size), "512x256");
  EXPECT_EQ(value_of<SizeHW>("64").height, 64);
  for (const char* text : {"", "x", "512x", "0x5", "5x-1", "1x2x3", "512*256"})
    EXPECT_THAT(accepted_instead_of<SizeHW>(text), HasSubstr("1024x512")) << text;
}

TEST(ValueText, BytesHaveUnits) {
  EXPECT_EQ(value_of<ByteSize>("2GiB").bytes, 2ull << 30);
  EXPECT_EQ(value_of<ByteSize>("500MB").bytes, 500'000'000u);
  EXPECT_EQ(value_of<ByteSize>("1048576").bytes, 1048576u);
  EXPECT_EQ(value_of<ByteSize>("3 kB").bytes, 3000u);
  for (uint64_t bytes : {0ull, 1ull, 1024ull, 2ull << 30, 123'456'000ull, UINT64_MAX + 0ull}) {
    EXPECT_EQ(value_of<ByteSize>(write_value(ByteSize{bytes})).bytes, bytes);
  }
  EXPECT_EQ(write_value(ByteSize{2ull << 30}), "2GiB");
  for (const char* text : {"", "GiB", "2gb", "1.5GB", "-1", "99999999TiB"})
    EXPECT_THAT(accepted_instead_of<ByteSize>(text), HasSubstr("2GiB")) << text;
}

}  // namespace
}  // namespace strata
