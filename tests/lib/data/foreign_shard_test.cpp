// Files made by others, in the hope that a reader follows them elsewhere, allocates what they claim or loads what they name.

#include "data/shard_reader.h"

#include "base/error.h"
#include "support/paths.h"
#include "written_shard.h"

#include <gmock/gmock.h>
#include <hdf5.h>

#include <fstream>
#include <functional>

namespace strata::testing {
namespace {

using ::testing::HasSubstr;

class ForeignShard : public ::testing::Test {
 protected:
  ForeignShard() { write_noise_shard(file_, 0, 2); }

  void change(const std::function<void(hid_t)>& how) const {
    const hid_t file = H5Fopen(file_.c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
    ASSERT_GE(file, 0);
    how(file);
    ASSERT_GE(H5Fclose(file), 0);
  }

  // Puts another dataset in the place of one.
  void replace(const char* name, hid_t type, std::vector<hsize_t> extent, hid_t properties) const {
    change([&](hid_t file) {
      ASSERT_GE(H5Ldelete(file, name, H5P_DEFAULT), 0);
      const hid_t space = H5Screate_simple(static_cast<int>(extent.size()), extent.data(), nullptr);
      const hid_t dataset = H5Dcreate2(file, name, type, space, H5P_DEFAULT, properties, H5P_DEFAULT);
      ASSERT_GE(dataset, 0);
      H5Dclose(dataset);
      H5Sclose(space);
    });
  }

  static hid_t chunked(hsize_t chunk) {
    const hid_t properties = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_chunk(properties, 1, &chunk);
    return properties;
  }

  void expect_refused(const std::string& reason) const {
    try {
      const ShardReader reader(file_);
      FAIL() << "a foreign file was read";
    } catch (const FormatError& error) {
      EXPECT_THAT(error.what(), ::testing::AllOf(HasSubstr(file_.string()), HasSubstr(reason)));
    }
  }

  const ScratchDirectory scratch_;
  const std::filesystem::path file_ = scratch_ / "a.h5";
};

TEST_F(ForeignShard, IsRefusedWithAnExternalLink) {
  change([](hid_t file) {
    H5Ldelete(file, "blob", H5P_DEFAULT);
    H5Lcreate_external("/etc/passwd", "/blob", file, "blob", H5P_DEFAULT, H5P_DEFAULT);
  });
  expect_refused("links to elsewhere");
}

TEST_F(ForeignShard, IsRefusedWithASoftLink) {
  change([](hid_t file) {
    H5Ldelete(file, "names", H5P_DEFAULT);
    H5Lcreate_soft("/samples", file, "names", H5P_DEFAULT, H5P_DEFAULT);
  });
  expect_refused("links to elsewhere");
}

TEST_F(ForeignShard, IsRefusedWithMoreThanItShouldHold) {
  change([](hid_t file) { H5Gclose(H5Gcreate2(file, "more", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT)); });
  expect_refused("does not hold exactly");
}

TEST_F(ForeignShard, IsRefusedWithExternalStorage) {
  const hid_t properties = H5Pcreate(H5P_DATASET_CREATE);
  H5Pset_external(properties, "/etc/passwd", 0, 100);
  replace("blob", H5T_STD_U8LE, {100}, properties);
  expect_refused("not stored in chunks");
}

TEST_F(ForeignShard, IsRefusedWithAVirtualDataset) {
  const hid_t properties = H5Pcreate(H5P_DATASET_CREATE);
  const hsize_t extent = 100;
  const hid_t space = H5Screate_simple(1, &extent, nullptr);
  H5Pset_virtual(properties, space, "/tmp/other.h5", "/blob", space);
  replace("blob", H5T_STD_U8LE, {100}, properties);
  expect_refused("not stored in chunks");
}

TEST_F(ForeignShard, IsRefusedWithAnotherFilter) {
  const hid_t properties = chunked(50);
  H5Pset_shuffle(properties);
  replace("blob", H5T_STD_U8LE, {100}, properties);
  expect_refused("other filters than fletcher32");
}

TEST_F(ForeignShard, IsRefusedWithoutChecksums) {
  replace("blob", H5T_STD_U8LE, {100}, chunked(50));
  expect_refused("other filters than fletcher32");
}

TEST_F(ForeignShard, IsRefusedWithAnotherType) {
  const hid_t properties = chunked(50);
  H5Pset_fletcher32(properties);
  replace("blob", H5T_STD_U16LE, {100}, properties);
  expect_refused("another type");
}

TEST_F(ForeignShard, IsRefusedWhereItClaimsMoreThanItHas) {
  const hid_t properties = chunked(1u << 20);
  H5Pset_fletcher32(properties);
  replace("blob", H5T_STD_U8LE, {hsize_t{1} << 62}, properties);
  expect_refused("claims more data");
}

TEST_F(ForeignShard, IsDamagedWhereItsChunksLieOutsideTheFile) {
  const hid_t properties = chunked(1);
  H5Pset_fletcher32(properties);
  const uint64_t address = uint64_t{1} << 63;
  replace("chunks", H5T_STD_U64LE, {1}, properties);
  change([&](hid_t file) {
    const hid_t dataset = H5Dopen2(file, "chunks", H5P_DEFAULT);
    H5Dwrite(dataset, H5T_NATIVE_UINT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, &address);
    H5Dclose(dataset);
  });
  EXPECT_THROW(ShardReader reader(file_), DataError);
}

TEST_F(ForeignShard, IsRefusedWhenItIsNewer) {
  change([](hid_t file) {
    const int version = 2;
    const hid_t attribute = H5Aopen(file, "format_version", H5P_DEFAULT);
    H5Awrite(attribute, H5T_NATIVE_INT, &version);
    H5Aclose(attribute);
  });
  expect_refused("format version 2");
}

TEST_F(ForeignShard, IsRefusedWhenItIsAnyHdf5File) {
  H5Fclose(H5Fcreate(file_.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT));
  expect_refused("no attribute 'format'");
}

TEST_F(ForeignShard, IsRefusedWhenItIsNoHdf5File) {
  std::ofstream(file_) << "a text of more than eight bytes";
  expect_refused("not an HDF5 file");
}

}  // namespace
}  // namespace strata::testing
