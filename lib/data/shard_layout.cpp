#include "data/shard_layout.h"

#include <initializer_list>

namespace strata::shard_layout {

namespace {

struct Field {
  const char* name;
  size_t offset;
  hid_t memory;
  hid_t file;
};

RowType row_type(size_t size, std::initializer_list<Field> fields) {
  RowType row;
  row.memory = Hdf5Handle(H5Tcreate(H5T_COMPOUND, size), H5Tclose, "creating a row type");
  size_t packed_size = 0;
  for (const Field& field : fields) packed_size += H5Tget_size(field.file);
  row.file = Hdf5Handle(H5Tcreate(H5T_COMPOUND, packed_size), H5Tclose, "creating a row type");
  size_t packed_offset = 0;
  for (const Field& field : fields) {
    require_hdf5(H5Tinsert(row.memory.id(), field.name, field.offset, field.memory), field.name);
    require_hdf5(H5Tinsert(row.file.id(), field.name, packed_offset, field.file), field.name);
    packed_offset += H5Tget_size(field.file);
  }
  return row;
}

Field u8(const char* name, size_t offset) { return {name, offset, H5T_NATIVE_UINT8, H5T_STD_U8LE}; }
Field u16(const char* name, size_t offset) { return {name, offset, H5T_NATIVE_UINT16, H5T_STD_U16LE}; }
Field u32(const char* name, size_t offset) { return {name, offset, H5T_NATIVE_UINT32, H5T_STD_U32LE}; }
Field u64(const char* name, size_t offset) { return {name, offset, H5T_NATIVE_UINT64, H5T_STD_U64LE}; }

}  // namespace

RowType sample_row_type() {
  return row_type(
      sizeof(SampleRow),
      {u32("height", offsetof(SampleRow, height)), u32("width", offsetof(SampleRow, width)),
       u64("first_tile", offsetof(SampleRow, first_tile)), u32("tile_count", offsetof(SampleRow, tile_count)),
       u64("first_centroid", offsetof(SampleRow, first_centroid)), u32("centroid_count", offsetof(SampleRow, centroid_count)),
       u64("ignored_pixels", offsetof(SampleRow, ignored_pixels))});
}

RowType tile_row_type() {
  return row_type(
      sizeof(TileRow),
      {u8("kind", offsetof(TileRow, kind)), u8("codec", offsetof(TileRow, codec)), u32("y", offsetof(TileRow, y)),
       u32("x", offsetof(TileRow, x)), u32("height", offsetof(TileRow, height)), u32("width", offsetof(TileRow, width)),
       u32("margin_y", offsetof(TileRow, margin_y)), u32("margin_x", offsetof(TileRow, margin_x)),
       u64("offset", offsetof(TileRow, offset)), u32("bytes", offsetof(TileRow, bytes)), u32("crc32", offsetof(TileRow, crc32))});
}

RowType centroid_row_type() {
  return row_type(sizeof(CentroidRow), {u16("class_id", offsetof(CentroidRow, class_id)), u32("x", offsetof(CentroidRow, x)),
                                        u32("y", offsetof(CentroidRow, y))});
}

Hdf5Handle text_type(size_t bytes) {
  Hdf5Handle type(H5Tcopy(H5T_C_S1), H5Tclose, "creating a text type");
  require_hdf5(H5Tset_size(type.id(), bytes), "sizing a text type");
  require_hdf5(H5Tset_strpad(type.id(), H5T_STR_NULLPAD), "padding a text type");
  require_hdf5(H5Tset_cset(type.id(), H5T_CSET_UTF8), "setting the text's encoding");
  return type;
}

}  // namespace strata::shard_layout
