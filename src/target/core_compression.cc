#include "target/core_compression.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <vector>

#include "target/decompressor.h"
#include "target/positional_read.h"
#include "target/sparse_file.h"

namespace chanspect::target {
namespace {

constexpr std::size_t kInputPiece = 1 << 17;
constexpr std::size_t kOutputPiece = 1 << 20;
/// Larger than any address space that was ever saved; a few hundred bytes can claim to hold more.
constexpr std::uint64_t kLargestCore = std::uint64_t{1} << 42;

/// Unpacks what the input holds, as long as something comes out.
Result<void> unpack_piece(Decompressor& decompressor, Bytes input, std::span<std::byte> room,
                          SparseFile& into, bool& ended) {
  for (bool filled = true; !input.empty() || filled;) {
    const std::size_t before = input.size();
    CS_TRY(const std::size_t length, decompressor.unpack(input, room));
    CS_CHECK(into.append(Bytes(room).first(length)));
    if (into.size() > kLargestCore)
      return fail(ErrorCode::bad_data, "it unpacks to more than 4 TiB");
    filled = length == room.size();  // there may be more that wants no input
    ended = length == 0 && input.size() == before && before > 0;
    if (ended) return {};
  }
  return {};
}

Result<UniqueFd> unpack(const UniqueFd& packed, Decompressor& decompressor,
                        const CoreFile::Progress& progress) {
  struct stat status = {};
  const auto total =
      fstat(packed.get(), &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
  CS_TRY(SparseFile unpacked, SparseFile::create());
  std::vector<std::byte> input(kInputPiece);
  std::vector<std::byte> room(kOutputPiece);
  bool ended = false;
  for (std::uint64_t done = 0; !ended;) {
    const std::size_t length = read_at(packed.get(), done, input);
    if (length == 0) break;
    CS_CHECK(unpack_piece(decompressor, Bytes(input).first(length), room, unpacked, ended));
    done += length;
    if (progress) progress(done, total);
  }
  return std::move(unpacked).finish();
}

std::string shell_quoted(const std::string& path) {
  std::string quoted = "'";
  for (const char c : path) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

}  // namespace

Result<UniqueFd> unpack_core(const UniqueFd& packed, Compression compression,
                             const std::string& path, const CoreFile::Progress& progress) {
  const auto by_hand = fmt::format("{} {}", unpacking_command(compression), shell_quoted(path));
  const auto decompressor = make_decompressor(compression);
  if (!decompressor)
    return fail(ErrorCode::unsupported, "cannot unpack core " + path,
                "gzip, zstd and xz are unpacked on the way, other kinds must be by hand", by_hand);
  auto unpacked = unpack(packed, *decompressor, progress);
  if (!unpacked) {
    Error error = std::move(unpacked).error();
    error.why = error.message();
    error.what = "cannot unpack core " + path;
    return std::unexpected(std::move(error));
  }
  return unpacked;
}

}  // namespace chanspect::target
