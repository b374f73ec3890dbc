#include "config/ini_file.h"

#include "base/error.h"
#include "base/files.h"
#include "support/paths.h"

#include <gmock/gmock.h>

namespace strata {
namespace {

using ::testing::HasSubstr;

class Ini : public ::testing::Test {
 protected:
  std::vector<IniEntry> read(std::string_view text) {
    write_file_atomically(path_, text);
    return read_ini_file(path_);
  }
  std::string error(std::string_view text) {
    try {
      read(text);
    } catch (const ConfigError& e) {
      return e.what();
    }
    return "nothing: it was accepted";
  }
  strata::testing::ScratchDirectory scratch_;
  const fs::path path_ = scratch_ / "a.ini";
};

TEST_F(Ini, KeysCarryTheirSectionAndLine) {
  const auto entries = read(
      "# comment\ndata = /d\n\n[optimizer]\r\n  lr=0.02   # base rate\nname = sgd ; the only one\n[ loss ] # next\nname =\n");
  ASSERT_EQ(entries.size(), 4u);
  EXPECT_EQ(entries[0].key + "|" + entries[0].value, "data|/d");
  EXPECT_EQ(entries[1].key + "|" + entries[1].value, "optimizer.lr|0.02");
  EXPECT_EQ(entries[1].line, 5);
  EXPECT_EQ(entries[2].key + "|" + entries[2].value, "optimizer.name|sgd");
  EXPECT_EQ(entries[3].key + "|" + entries[3].value, "loss.name|");
}

TEST_F(Ini, SignsWithinAWordAreNoComment) { EXPECT_EQ(read("run = /a#1;2")[0].value, "/a#1;2"); }

TEST_F(Ini, AnyTextComesBackThroughQuotes) {
  for (const std::string text :
       {"", "plain", " blanks ", "a # b", "; c", "say \"hi\"", "back\\slash", "\"", "two\nlines", "C:\\new \"x\"", "tab\t"}) {
    EXPECT_EQ(read("key = " + ini_value(text) + "  # comment")[0].value, text);
  }
}

TEST_F(Ini, BadLinesAreNamedWithFileAndNumber) {
  EXPECT_THAT(error("[a]\nnonsense\n"), HasSubstr("a.ini:2: 'nonsense'"));
  EXPECT_THAT(error("[a\n"), HasSubstr("a.ini:1"));
  EXPECT_THAT(error("= 5\n"), HasSubstr("a.ini:1"));
  EXPECT_THAT(error("x = \"open\n"), HasSubstr("quotes"));
  EXPECT_THAT(error("[a]\nx = 1\n[b]\nx = 1\n[a]\nx = 2\n"), HasSubstr("a.ini:6: 'a.x' is given twice, first in line 2"));
}

TEST_F(Ini, AMissingFileIsMissingInput) { EXPECT_THROW(read_ini_file(scratch_ / "b.ini"), MissingInput); }

}  // namespace
}  // namespace strata
