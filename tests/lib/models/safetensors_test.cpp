#include "models/safetensors.h"

#include "base/error.h"
#include "base/sha256.h"
#include "support/paths.h"

#include <torch/types.h>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <cstring>
#include <fstream>
#include <iterator>

namespace strata {
namespace {

using namespace testing;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string bytes_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void put(const std::filesystem::path& file, const std::string& bytes) { std::ofstream(file, std::ios::binary) << bytes; }

std::string safetensors(const std::string& header, const std::string& data, uint64_t claimed) {
  std::string bytes(8, '\0');
  std::memcpy(bytes.data(), &claimed, 8);
  return bytes + header + data;
}
std::string safetensors(const std::string& header, const std::string& data) { return safetensors(header, data, header.size()); }

NamedTensors one_of_each_type() {
  NamedTensors content;
  for (const auto type : {torch::kBool, torch::kUInt8, torch::kInt8, torch::kInt16, torch::kFloat16, torch::kBFloat16,
                          torch::kInt32, torch::kFloat32, torch::kInt64, torch::kFloat64}) {
    content.tensors.emplace_back(fmt::format("of.{}", torch::toString(type)), torch::tensor({0, 1, 1}).to(type));
  }
  content.tensors.emplace_back("empty", torch::empty({3, 0, 2}));
  content.tensors.emplace_back("scalar", torch::tensor(1.5));
  content.tensors.emplace_back("channels_last",
                               torch::arange(48.0).reshape({1, 3, 4, 4}).contiguous(torch::MemoryFormat::ChannelsLast));
  content.tensors.emplace_back("view", torch::arange(10).slice(0, 1, 10, 3));
  content.metadata = {{"b", "2"}, {"a", "gr\xc3\xbc\xc3\x9f\x65 \"1\"\n"}};
  return content;
}

TEST(Safetensors, WritingAndReadingGiveTheDigestOfTheFile) {
  const ScratchDirectory scratch;
  NamedTensors content = one_of_each_type();
  content.tensors.emplace_back("several.blocks", torch::arange(500'000));
  const std::string written = write_safetensors(content, scratch / "x.safetensors");
  Sha256 read;
  read_safetensors(scratch / "x.safetensors", read);
  EXPECT_EQ(written, sha256_of_file(scratch / "x.safetensors"));
  EXPECT_EQ(read.finish(), written);
}

TEST(Safetensors, GivesBackEveryTypeShapeValueAndTheMetadata) {
  const ScratchDirectory scratch;
  const NamedTensors written = one_of_each_type();
  write_safetensors(written, scratch / "x.safetensors");
  const NamedTensors read = read_safetensors(scratch / "x.safetensors");
  EXPECT_EQ(read.metadata, written.metadata);
  ASSERT_EQ(read.tensors.size(), written.tensors.size());
  for (const auto& [name, tensor] : written.tensors) {
    const torch::Tensor* found = read.find(name);
    ASSERT_NE(found, nullptr) << name;
    EXPECT_EQ(found->scalar_type(), tensor.scalar_type()) << name;
    EXPECT_TRUE(found->is_contiguous() && torch::equal(*found, tensor)) << name;
  }
}

TEST(Safetensors, SameContentGivesTheSameBytesWhateverTheMemoryFormat) {
  const ScratchDirectory scratch;
  NamedTensors content = one_of_each_type();
  write_safetensors(content, scratch / "1");
  for (auto& [name, tensor] : content.tensors) tensor = tensor.contiguous().clone();
  write_safetensors(content, scratch / "2");
  EXPECT_EQ(bytes_of(scratch / "1"), bytes_of(scratch / "2"));
}

TEST(Safetensors, IsReadAlikeByTheFormatsOwnLibrary) {
  const ScratchDirectory scratch;
  write_safetensors({.tensors = {{"odd", torch::tensor({1.5f, -2.0f, 3.0f})},
                                 {"count", torch::tensor({{7, 8}}, torch::kInt64)},
                                 {"half", torch::tensor({0.5}).to(torch::kFloat16)}},
                     .metadata = {{"made by", "a test"}}},
                    scratch / "x.safetensors");
  std::ofstream(scratch / "read.py")
      << "import sys, safetensors\n"
         "with safetensors.safe_open(sys.argv[1], 'numpy') as f:\n"
         "  print(f.metadata())\n"
         "  for name in sorted(f.keys()): t = f.get_tensor(name); print(name, t.dtype, t.tolist())\n";
  const CommandResult result = run_command(
      fmt::format("'{}' '{}' '{}'", python().string(), (scratch / "read.py").string(), (scratch / "x.safetensors").string()));
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_EQ(result.output, "{'made by': 'a test'}\ncount int64 [[7, 8]]\nhalf float16 [0.5]\nodd float32 [1.5, -2.0, 3.0]\n");
}

TEST(Safetensors, DataOfEveryTensorIsAlignedToItsType) {
  const ScratchDirectory scratch;
  write_safetensors(one_of_each_type(), scratch / "x");
  const std::string bytes = bytes_of(scratch / "x");
  uint64_t header = 0;
  std::memcpy(&header, bytes.data(), 8);
  EXPECT_EQ(header % 8, 0u);
  const NamedTensors read = read_safetensors(scratch / "x");  // in the order of the data
  for (size_t i = 1; i < read.tensors.size(); ++i) {
    EXPECT_LE(read.tensors[i].second.element_size(), read.tensors[i - 1].second.element_size());
  }
}

TEST(Safetensors, RefusesToWriteANameTwice) {
  const ScratchDirectory scratch;
  const NamedTensors twice{.tensors = {{"a", torch::zeros(1)}, {"a", torch::ones(1)}}, .metadata = {}};
  EXPECT_THROW(write_safetensors(twice, scratch / "x"), InternalError);
  EXPECT_FALSE(std::filesystem::exists(scratch / "x"));
}

TEST(Safetensors, MissingFileIsMissingInput) {
  const ScratchDirectory scratch;
  EXPECT_THROW(read_safetensors(scratch / "none"), MissingInput);
  EXPECT_THROW(read_safetensors(scratch.path()), MissingInput);
}

struct Malformed {
  const char* what;
  std::string bytes;
  const char* complaint;
};

const std::string kFour(4, '\0');
const std::string kEight(8, '\0');

std::string entry(const std::string& fields) { return "{\"a\":{" + fields + "}}"; }

std::vector<Malformed> malformed_files() {
  const std::string good = R"("dtype":"F32","shape":[1],"data_offsets":[0,4])";
  return {
      {"Empty", "", "only 0 bytes"},
      {"ShorterThanItsLength", "abc", "only 3 bytes"},
      {"HeaderBeyondTheFile", safetensors("{}", "", 3), "claims 3 bytes"},
      {"HeaderOver100MB", safetensors("{}", "", 100'000'001), "100 MB"},
      {"HeaderLengthOfAllOnes", safetensors("{}", "", ~0ull), "100 MB"},
      {"NoHeader", safetensors("", ""), "does not start with {"},
      {"LeadingSpace", safetensors(" {}", ""), "does not start with {"},
      {"NotJson", safetensors("{\"a\":", ""), "not JSON"},
      {"TextAfterJson", safetensors("{}x", ""), "not JSON"},
      {"NotUtf8", safetensors("{\"\xff\":1}", ""), "not JSON"},
      {"NestedDeeply", safetensors("{\"a\":" + std::string(100000, '['), ""), "nested too deeply"},
      {"NameTwice", safetensors("{\"a\":{" + good + "},\"a\":{" + good + "}}", kFour), "\"a\" twice"},
      {"FieldTwice", safetensors(entry(good + ",\"dtype\":\"F32\""), kFour), "\"dtype\" twice"},
      {"EntryIsNoObject", safetensors("{\"a\":1}", ""), "not described by"},
      {"FieldMissing", safetensors(entry(R"("dtype":"F32","shape":[1])"), kFour), "not described by"},
      {"UnknownField", safetensors(entry(good + ",\"x\":1"), kFour), "not described by"},
      {"UnknownType", safetensors(entry(R"("dtype":"F99","shape":[1],"data_offsets":[0,4])"), kFour), "\"F99\""},
      {"TypeIsNoText", safetensors(entry(R"("dtype":5,"shape":[1],"data_offsets":[0,4])"), kFour), "not a text"},
      {"ShapeIsNoList", safetensors(entry(R"("dtype":"F32","shape":1,"data_offsets":[0,4])"), kFour), "not a list"},
      {"NegativeExtent", safetensors(entry(R"("dtype":"F32","shape":[-1],"data_offsets":[0,4])"), kFour), "not a whole number"},
      {"FractionalExtent", safetensors(entry(R"("dtype":"F32","shape":[1.0],"data_offsets":[0,4])"), kFour),
       "not a whole number"},
      {"ProductOverflows",
       safetensors(entry(R"("dtype":"F32","shape":[4294967296,4294967296,4294967296],"data_offsets":[0,0])"), ""), "overflows"},
      {"ProductOverflowsBesideZero",
       safetensors(entry(R"("dtype":"F32","shape":[0,4294967296,4294967296],"data_offsets":[0,0])"), ""), "overflows"},
      {"ExtentBeyondSigned", safetensors(entry(R"("dtype":"U8","shape":[18446744073709551615],"data_offsets":[0,4])"), kFour),
       "overflows"},
      {"OffsetsReversed", safetensors(entry(R"("dtype":"F32","shape":[1],"data_offsets":[4,0])"), kFour), "[begin, end]"},
      {"ThreeOffsets", safetensors(entry(R"("dtype":"F32","shape":[1],"data_offsets":[0,4,4])"), kFour), "[begin, end]"},
      {"SizeDisagrees", safetensors(entry(R"("dtype":"F32","shape":[2],"data_offsets":[0,4])"), kFour), "want 8"},
      {"DataTruncated", safetensors(entry(good), "abc"), "the file has 3"},
      {"BytesLeftOver", safetensors(entry(good), kEight), "the file has 8"},
      {"GapBeforeTheFirst", safetensors(entry(R"("dtype":"F32","shape":[1],"data_offsets":[4,8])"), kEight), "gap"},
      {"Overlap", safetensors("{\"a\":{" + good + "},\"b\":" + R"({"dtype":"F32","shape":[1],"data_offsets":[2,6]}})", kEight),
       "overlaps"},
      {"SameDataTwice", safetensors("{\"a\":{" + good + "},\"b\":{" + good + "}}", kFour), "overlaps"},
      {"MetadataIsNoObject", safetensors(R"({"__metadata__":1})", ""), "not an object"},
      {"MetadataIsNoText", safetensors(R"({"__metadata__":{"a":1}})", ""), "not a text"},
      {"TruthOfTwo", safetensors(entry(R"("dtype":"BOOL","shape":[4],"data_offsets":[0,4])"), "\1\2\1\1"), "neither 0 nor 1"},
  };
}

class MalformedSafetensors : public ::testing::TestWithParam<Malformed> {};

TEST_P(MalformedSafetensors, IsRefusedWithFileAndReason) {
  const ScratchDirectory scratch;
  put(scratch / "bad.safetensors", GetParam().bytes);
  try {
    read_safetensors(scratch / "bad.safetensors");
    FAIL() << "was accepted";
  } catch (const FormatError& error) {
    EXPECT_THAT(error.what(), AllOf(HasSubstr("bad.safetensors is not a sound"), HasSubstr(GetParam().complaint)));
  }
}

INSTANTIATE_TEST_SUITE_P(File, MalformedSafetensors, ::testing::ValuesIn(malformed_files()),
                         [](const auto& test) { return std::string(test.param.what); });

TEST(Safetensors, EveryTruncationOfASmallFileIsRefused) {
  const ScratchDirectory scratch;
  write_safetensors(one_of_each_type(), scratch / "x");
  const std::string whole = bytes_of(scratch / "x");
  for (size_t length = 0; length < whole.size(); ++length) {
    put(scratch / "cut", whole.substr(0, length));
    EXPECT_THROW(read_safetensors(scratch / "cut"), FormatError) << length;
  }
}

}  // namespace
}  // namespace strata
