#include "base/sha256.h"

#include "base/error.h"
#include "base/files.h"
#include "support/paths.h"

#include <gmock/gmock.h>

namespace strata {
namespace {

// Examples of FIPS 180-4.
TEST(Sha256, KnownDigests) {
  EXPECT_EQ(sha256_of(std::string()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_of(std::string("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Sha256, PiecesGiveTheDigestOfTheWhole) {
  Sha256 digest;
  for (int i = 0; i < 1000; ++i) digest.update("aaaaaaaaaa", 10);
  EXPECT_EQ(digest.finish(), sha256_of(std::string(10'000, 'a')));
}

TEST(Sha256, OfAFileIsOfItsBytes) {
  strata::testing::ScratchDirectory scratch;
  const std::string text(3'000'000, 'x');
  write_file_atomically(scratch / "a", text);
  EXPECT_EQ(sha256_of_file(scratch / "a"), sha256_of(text));
  EXPECT_THROW(sha256_of_file(scratch / "b"), MissingInput);
}

}  // namespace
}  // namespace strata
