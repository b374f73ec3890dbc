#pragma once
// How libjpeg reports here: errors jump out of it, and what it calls a warning (damage it can decode around) is noted as trouble.
// Inside the image layer only, after <cstdio>, as jpeglib.h wants FILE and size_t declared before it.

#include "image/codec_trouble.h"

#include <array>
#include <csetjmp>
#include <cstdio>
// clang-format off
#include <jpeglib.h>
// clang-format on

namespace strata {

// Serves one compressor or decompressor, or several whose trouble is shared. Must not move while they live.
class JpegErrors {
 public:
  JpegErrors() {
    jpeg_std_error(&manager_);
    manager_.error_exit = on_error;
    manager_.emit_message = on_message;
  }
  JpegErrors(const JpegErrors&) = delete;
  JpegErrors& operator=(const JpegErrors&) = delete;

  // Before jpeg_create_...().
  template <typename Info>
  void attach(Info& info) {
    info.err = &manager_;
    info.client_data = &trouble_;
  }
  CodecTrouble& trouble() { return trouble_; }
  const CodecTrouble& trouble() const { return trouble_; }

  static CodecTrouble& trouble_of(j_common_ptr info) { return *static_cast<CodecTrouble*>(info->client_data); }

 private:
  static void note_message(j_common_ptr info) {
    std::array<char, JMSG_LENGTH_MAX> text{};
    info->err->format_message(info, text.data());
    trouble_of(info).note(text.data());
  }
  [[noreturn]] static void on_error(j_common_ptr info) {
    note_message(info);
    std::longjmp(trouble_of(info).jump, 1);
  }
  static void on_message(j_common_ptr info, int level) {
    if (level < 0) note_message(info);
  }

  jpeg_error_mgr manager_{};
  CodecTrouble trouble_;
};

// Zeroed, and destroyed at the end of its scope (which does nothing before jpeg_create_...()).
struct JpegDecompressor : jpeg_decompress_struct {
  JpegDecompressor() : jpeg_decompress_struct{} {}
  ~JpegDecompressor() { jpeg_destroy_decompress(this); }
  JpegDecompressor(const JpegDecompressor&) = delete;
  JpegDecompressor& operator=(const JpegDecompressor&) = delete;
};
struct JpegCompressor : jpeg_compress_struct {
  JpegCompressor() : jpeg_compress_struct{} {}
  ~JpegCompressor() { jpeg_destroy_compress(this); }
  JpegCompressor(const JpegCompressor&) = delete;
  JpegCompressor& operator=(const JpegCompressor&) = delete;
};

}  // namespace strata
