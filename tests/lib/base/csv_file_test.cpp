#include "base/csv_file.h"

#include "base/error.h"
#include "base/files.h"
#include "support/paths.h"

#include <gmock/gmock.h>

#include <array>

namespace strata {
namespace {

using ::testing::ElementsAre;

class Csv : public ::testing::Test {
 protected:
  CsvFile open(std::optional<uint64_t> last_step) { return CsvFile(path_, {"loss", "note"}, last_step); }
  static void add(CsvFile& file, uint64_t step) {
    file.add(step, std::array<CsvValue, 2>{1.0 / static_cast<double>(step), std::string("ok")});
  }
  std::string text() { return read_text_file(path_); }

  strata::testing::ScratchDirectory scratch_;
  const fs::path path_ = scratch_ / "metrics.csv";
};

TEST_F(Csv, CellsAreWrittenSoThatTheyReadBackExactly) {
  CsvFile file(path_, {"a", "b", "c", "d"}, std::nullopt);
  file.add(1, std::array<CsvValue, 4>{std::monostate(), int64_t{-5}, 0.1, std::string("x, \"y\"\nz")});
  EXPECT_EQ(text(), "step,a,b,c,d\n1,,-5,0.1,\"x, \"\"y\"\"\nz\"\n");
  EXPECT_THAT(read_csv(path_),
              ElementsAre(ElementsAre("step", "a", "b", "c", "d"), ElementsAre("1", "", "-5", "0.1", "x, \"y\"\nz")));
}

TEST_F(Csv, AResumedTableHasTheBytesOfAnUninterruptedOne) {
  {
    CsvFile straight = open(0);
    for (uint64_t step = 1; step <= 6; ++step) add(straight, step);
  }
  const std::string whole = text();
  for (uint64_t checkpoint = 0; checkpoint <= 5; ++checkpoint) {
    fs::remove(path_);
    CsvFile first = open(0);
    for (uint64_t step = 1; step <= 5; ++step) add(first, step);
    CsvFile second = open(checkpoint);
    for (uint64_t step = checkpoint + 1; step <= 6; ++step) add(second, step);
    EXPECT_EQ(text(), whole) << "resumed at " << checkpoint;
  }
}

TEST_F(Csv, RowsOfAnEarlierOwnerDoNotReachTheTableOfItsSuccessor) {
  CsvFile zombie = open(0);
  add(zombie, 1);
  const CsvFile successor = open(1);  // nothing to cut
  const std::string whole = text();
  add(zombie, 2);
  EXPECT_EQ(text(), whole);
}

TEST_F(Csv, ARowCutShortByAKillGoes) {
  CsvFile file = open(std::nullopt);
  add(file, 1);
  const std::string whole = text();
  add(file, 2);
  for (size_t length = whole.size(); length < whole.size() + 8; ++length) {
    write_file_atomically(path_, (whole + "2,0.5,ok\n").substr(0, length));
    open(std::nullopt);
    EXPECT_EQ(text(), whole);
  }
}

TEST_F(Csv, AHeaderCutShortIsBegunAgain) {
  write_file_atomically(path_, std::string_view("step,lo"));
  open(3);
  EXPECT_EQ(text(), "step,loss,note\n");
}

TEST_F(Csv, OtherColumnsAreRefused) {
  write_file_atomically(path_, std::string_view("step,time\n1,2\n"));
  EXPECT_THROW(open(3), FormatError);
  write_file_atomically(path_, std::string_view("step,loss,note\nfirst,2,3\n"));
  EXPECT_THROW(open(3), FormatError);
}

TEST_F(Csv, ARowOfAnotherLengthIsABug) {
  CsvFile file = open(0);
  EXPECT_THROW(file.add(1, std::array<CsvValue, 1>{1.0}), InternalError);
}

}  // namespace
}  // namespace strata
