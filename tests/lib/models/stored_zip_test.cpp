#include "models/stored_zip.h"

#include "base/error.h"
#include "lib/models/memory_file.h"
#include "lib/models/pth_writer.h"
#include "support/paths.h"

#include <gmock/gmock.h>

#include <fstream>

namespace strata::testing {
namespace {

using ::testing::HasSubstr;

const std::vector<ZipRecordText> kRecords = {{"a/first", "one"}, {"a/second", ""}, {"a/third", "three"}};

// All records of a file, or why it is refused.
std::string read(const std::string& bytes) {
  const MemoryFile memory(bytes);
  try {
    const RandomAccessFile file(memory.path());
    const StoredZip zip(file);
    std::string text;
    for (const ZipRecord& record : zip.records()) text += record.name + "=" + zip.read_text(record, 100) + ";";
    return text;
  } catch (const FormatError& error) {
    return error.what();
  }
}

std::string changed(std::string bytes, size_t at, char value) {
  bytes.at(at) = value;
  return bytes;
}

TEST(StoredZip, gives_its_records) { EXPECT_EQ(read(zip_of(kRecords)), "a/first=one;a/second=;a/third=three;"); }

TEST(StoredZip, is_refused_with_any_bit_changed_that_counts) {
  const std::string whole = zip_of(kRecords);
  const std::string content = read(whole);
  size_t unnoticed = 0;
  for (size_t at = 0; at < whole.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      const std::string result = read(changed(whole, at, static_cast<char>(whole[at] ^ (1 << bit))));
      if (result == content) {
        ++unnoticed;  // versions, times, attributes, padding
      } else {
        EXPECT_THAT(result, HasSubstr("its zip archive")) << at;
      }
    }
  }
  EXPECT_LT(unnoticed, whole.size() * 8 / 4);
}

TEST(StoredZip, is_refused_where_something_is_compressed_hidden_or_repeated) {
  const std::string whole = zip_of(kRecords);
  const size_t directory = whole.find("PK\x01\x02");
  EXPECT_THAT(read(changed(whole, directory + 10, 8)), HasSubstr("compressed record"));
  EXPECT_THAT(read(changed(whole, 8, 8)), HasSubstr("compressed record"));
  EXPECT_THAT(read(changed(whole, directory + 8, 9)), HasSubstr("encrypted"));
  EXPECT_THAT(read("x" + whole), HasSubstr("its zip archive"));
  EXPECT_THAT(read(whole + "x"), HasSubstr("no end"));
  EXPECT_THAT(read(zip_of({{"a", "1"}, {"a", "2"}})), HasSubstr("two records called 'a'"));
  EXPECT_THAT(read(zip_of({{"a\n", "1"}})), HasSubstr("without a usable name"));
  EXPECT_THAT(read(zip_of({{"a", std::string(101, 'x')}})), HasSubstr("more than the allowed 100"));
}

TEST(StoredZip, is_read_like_pythons_zipfile_reads_it) {
  const ScratchDirectory scratch;
  std::ofstream(scratch / "x.zip", std::ios::binary) << zip_of(kRecords);
  const CommandResult result = run_command(
      "'" + python().string() +
      "' -c 'import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); print(z.testzip(), [z.read(n) for n in z.namelist()])' '" +
      (scratch / "x.zip").string() + "'");
  EXPECT_EQ(result.output, "None [b'one', b'', b'three']\n") << result.errors;
}

}  // namespace
}  // namespace strata::testing
