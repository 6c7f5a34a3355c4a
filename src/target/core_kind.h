#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace chanspect::target {

/// Bytes from a file's start that tell what it is.
inline constexpr std::size_t kKindBytes = 512;

enum class Compression : std::uint8_t { none, gzip, zstd, xz, lz4, bzip2 };

/// By the magic number that each compressed file begins with.
Compression compression_of(Bytes start);

/// The command that unpacks such a file by hand: "lz4 -d".
std::string_view unpacking_command(Compression compression);

/// What a file that is no core is instead, by its first kKindBytes: "an executable", "a text".
/// `file_size` in bytes.
std::string kind_of_file(Bytes start, std::uint64_t file_size);

/// "amd64" for EM_X86_64; "a processor that ELF numbers 40" for one without a name here.
std::string machine_name(std::uint16_t machine);

}  // namespace chanspect::target
