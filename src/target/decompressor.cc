#include "target/decompressor.h"

#include <lzma.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <limits>

namespace chanspect::target {
namespace {

/// What xz may ask for: its strongest preset needs 65 MiB.
constexpr std::uint64_t kMostXzMemory = std::uint64_t{256} << 20;

std::unexpected<Error> broken(std::string why) {
  return fail(ErrorCode::bad_data, "the compressed file is broken", std::move(why));
}

/// zlib and liblzma write through pointers to unsigned char, and read through ones that zlib does
/// not call const.
unsigned char* as_chars(std::span<std::byte> bytes) {
  return reinterpret_cast<unsigned char*>(bytes.data());
}
unsigned char* as_chars(Bytes bytes) {
  return reinterpret_cast<unsigned char*>(const_cast<std::byte*>(bytes.data()));
}

/// A gzip file is one member after the other, as pigz and cat write them.
class Gzip final : public Decompressor {
 public:
  Gzip() { ready_ = inflateInit2(&stream_, kGzipOnly) == Z_OK; }
  ~Gzip() override {
    if (ready_) inflateEnd(&stream_);
  }
  bool ready() const { return ready_; }

  Result<std::size_t> unpack(Bytes& input, std::span<std::byte> output) override {
    if (ended_) {
      if (input.empty() || input.front() != std::byte{0x1f}) return 0;  // padding, as on tapes
      inflateReset(&stream_);
      ended_ = false;
    }
    constexpr std::size_t kMost = std::numeric_limits<uInt>::max();
    stream_.next_in = as_chars(input);
    stream_.avail_in = static_cast<uInt>(std::min(input.size(), kMost));
    stream_.next_out = as_chars(output);
    stream_.avail_out = static_cast<uInt>(std::min(output.size(), kMost));
    const int result = inflate(&stream_, Z_NO_FLUSH);
    input = input.subspan(static_cast<std::size_t>(stream_.next_in - as_chars(input)));
    ended_ = result == Z_STREAM_END;
    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
      return broken(stream_.msg != nullptr ? stream_.msg : "zlib gives no reason");
    return static_cast<std::size_t>(stream_.next_out - as_chars(output));
  }

 private:
  static constexpr int kGzipOnly = 15 + 16;  // inflateInit2's windowBits
  z_stream stream_{};
  bool ready_ = false, ended_ = false;
};

class Zstd final : public Decompressor {
 public:
  Zstd() : stream_(ZSTD_createDStream()) {}
  ~Zstd() override { ZSTD_freeDStream(stream_); }
  bool ready() const { return stream_ != nullptr; }

  Result<std::size_t> unpack(Bytes& input, std::span<std::byte> output) override {
    ZSTD_inBuffer in{input.data(), input.size(), 0};
    ZSTD_outBuffer out{output.data(), output.size(), 0};
    const std::size_t result = ZSTD_decompressStream(stream_, &out, &in);
    input = input.subspan(in.pos);
    if (ZSTD_isError(result) != 0) {
      if (ZSTD_getErrorCode(result) == ZSTD_error_frameParameter_windowTooLarge)
        return fail(ErrorCode::unsupported, "its window is larger than 128 MiB", {},
                    "zstd -d --long=31 unpacks it");
      return broken(ZSTD_getErrorName(result));
    }
    return out.pos;
  }

 private:
  ZSTD_DStream* stream_;
};

class Xz final : public Decompressor {
 public:
  Xz() { ready_ = lzma_stream_decoder(&stream_, kMostXzMemory, LZMA_CONCATENATED) == LZMA_OK; }
  ~Xz() override { lzma_end(&stream_); }
  bool ready() const { return ready_; }

  Result<std::size_t> unpack(Bytes& input, std::span<std::byte> output) override {
    stream_.next_in = as_chars(input);
    stream_.avail_in = input.size();
    stream_.next_out = as_chars(output);
    stream_.avail_out = output.size();
    const lzma_ret result = lzma_code(&stream_, LZMA_RUN);
    input = input.last(stream_.avail_in);
    if (result == LZMA_MEMLIMIT_ERROR)
      return fail(ErrorCode::unsupported, "it takes more than 256 MiB of memory to unpack");
    if (result != LZMA_OK && result != LZMA_STREAM_END && result != LZMA_BUF_ERROR)
      return broken("liblzma finds its data corrupt");
    return output.size() - stream_.avail_out;
  }

 private:
  lzma_stream stream_ = LZMA_STREAM_INIT;
  bool ready_ = false;
};

template <class T>
std::unique_ptr<Decompressor> make() {
  auto made = std::make_unique<T>();
  if (!made->ready()) return nullptr;
  return made;
}

}  // namespace

std::unique_ptr<Decompressor> make_decompressor(Compression compression) {
  switch (compression) {
    case Compression::gzip:
      return make<Gzip>();
    case Compression::zstd:
      return make<Zstd>();
    case Compression::xz:
      return make<Xz>();
    default:
      return nullptr;
  }
}

}  // namespace chanspect::target
