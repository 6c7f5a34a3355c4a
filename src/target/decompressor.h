#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "target/core_kind.h"

namespace chanspect::target {

/// One of the compression libraries, fed piece by piece.
class Decompressor {
 public:
  Decompressor() = default;
  Decompressor(const Decompressor&) = delete;
  Decompressor& operator=(const Decompressor&) = delete;
  virtual ~Decompressor() = default;

  /// Unpacks from the front of `input`, which it shortens by what it used, into `output`; gives the
  /// number of bytes written there. 0 with input left unused and room in the output: the
  /// contents have ended, and something else follows. Errors: bad_data, unsupported.
  virtual Result<std::size_t> unpack(Bytes& input, std::span<std::byte> output) = 0;
};

/// For gzip, zstd and xz; nullptr for the others, and where there is no memory for it.
std::unique_ptr<Decompressor> make_decompressor(Compression compression);

}  // namespace chanspect::target
