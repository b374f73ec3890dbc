#include "base/files.h"

#include "base/error.h"
#include "support/paths.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <cerrno>
#include <fstream>

namespace strata {
namespace {

using strata::testing::ScratchDirectory;
using ::testing::HasSubstr;

template <typename Exception>
std::string message_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const Exception& e) {
    return e.what();
  }
  ADD_FAILURE() << "nothing of the expected type was thrown";
  return "";
}

size_t entries_in(const fs::path& directory) {
  return static_cast<size_t>(std::distance(fs::directory_iterator(directory), fs::directory_iterator()));
}

TEST(AtomicFile, ReplacesItsTargetOnlyAtCommit) {
  ScratchDirectory scratch;
  write_file_atomically(scratch / "a", "old");
  {
    AtomicFile file(scratch / "a");
    file.write("new");
    EXPECT_EQ(read_text_file(scratch / "a"), "old");
    file.commit();
  }
  EXPECT_EQ(read_text_file(scratch / "a"), "new");
  EXPECT_EQ(entries_in(scratch.path()), 1u);
}

TEST(AtomicFile, LeavesNothingWithoutCommit) {
  ScratchDirectory scratch;
  {
    AtomicFile file(scratch / "a");
    file.write("half");
    EXPECT_TRUE(fs::exists(file.temporary_path()));
  }
  EXPECT_EQ(entries_in(scratch.path()), 0u);
}

TEST(AtomicFile, HonoursTheUmask) {
  ScratchDirectory scratch;
  const mode_t before = umask(077);
  write_file_atomically(scratch / "a", "secret");
  umask(before);
  struct stat info {};
  ASSERT_EQ(stat((scratch / "a").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
}

TEST(AtomicFile, InAMissingDirectoryCannotBeCreated) {
  ScratchDirectory scratch;
  const std::string message = message_of<CannotCreate>([&] { AtomicFile(scratch / "no/a"); });
  EXPECT_THAT(message, HasSubstr("no/a"));
  EXPECT_THAT(message, HasSubstr("directory does not exist"));
}

TEST(AtomicFile, RefusesATargetThatIsADirectory) {
  ScratchDirectory scratch;
  fs::create_directories(scratch / "a/b");
  AtomicFile file(scratch / "a");
  EXPECT_THROW(file.commit(), CannotCreate);
}

TEST(Files, WholeFilesComeBackByteForByte) {
  ScratchDirectory scratch;
  std::vector<std::byte> bytes(200'001);
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(i * 7);
  write_file_atomically(scratch / "a", bytes);
  EXPECT_EQ(read_file(scratch / "a"), bytes);
}

TEST(Files, FilesOfUnknownSizeAreReadToTheEnd) { EXPECT_THAT(read_text_file("/proc/self/status"), HasSubstr("VmHWM")); }

TEST(Files, AMissingFileIsMissingInputAndNamed) {
  EXPECT_THAT(message_of<MissingInput>([] { read_file("/nowhere/x"); }), HasSubstr("/nowhere/x"));
  EXPECT_THROW(read_file("/proc"), MissingInput);
}

TEST(Files, AFullDiskIsAnIoErrorThatSaysSo) {
  const FileDescriptor full = FileDescriptor::open_to_write("/dev/full", O_WRONLY);
  const std::byte byte{};
  const std::string message = message_of<IoError>([&] { write_all(full, std::span(&byte, 1), "/dev/full"); });
  EXPECT_THAT(message, HasSubstr("No space left"));
  EXPECT_THAT(message, HasSubstr("Free space"));
}

TEST(Files, ErrorsOfTheSystemMapToExitCodes) {
  for (int error : {ENOSPC, EDQUOT, EIO, EFBIG}) EXPECT_THROW(throw_errno(error, "write", "x"), IoError);
  for (int error : {EACCES, EROFS, EPERM, ENOTDIR, EEXIST}) EXPECT_THROW(throw_errno(error, "create", "x"), CannotCreate);
  EXPECT_THROW(throw_errno(ENOENT, "open", "x"), MissingInput);
  EXPECT_THROW(throw_read_errno(EACCES, "x"), MissingInput);
  EXPECT_THAT(message_of<IoError>([] { throw_errno(EDQUOT, "write", "x"); }), HasSubstr("number of files"));
}

TEST(Files, AWritableDirectoryIsMadeAndLeftEmpty) {
  ScratchDirectory scratch;
  require_writable_directory(scratch / "a/b");
  EXPECT_TRUE(fs::is_directory(scratch / "a/b"));
  EXPECT_EQ(entries_in(scratch / "a/b"), 0u);
}

TEST(Files, ADirectoryBelowAFileOrAReadOnlySystemCannotBeCreated) {
  ScratchDirectory scratch;
  write_file_atomically(scratch / "file", "");
  EXPECT_THROW(require_writable_directory(scratch / "file/b"), CannotCreate);
  EXPECT_THROW(require_writable_directory("/proc/strata"), CannotCreate);
}

TEST(Files, BytesReadWell) {
  EXPECT_EQ(readable_bytes(999), "999 B");
  EXPECT_EQ(readable_bytes(1000), "1.0 kB");
  EXPECT_EQ(readable_bytes(1234567), "1.2 MB");
  EXPECT_EQ(readable_bytes(999'960), "1.0 MB");
  EXPECT_EQ(readable_bytes(2ull << 30), "2.1 GB");
}

TEST(Files, FreeBytesOfAMissingPlaceAreMissingInput) {
  EXPECT_GT(free_bytes("/"), 0u);
  EXPECT_THROW(free_bytes("/nowhere"), MissingInput);
}

}  // namespace
}  // namespace strata
