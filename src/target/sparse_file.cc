#include "target/sparse_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <system_error>

namespace chanspect::target {
namespace {

constexpr std::size_t kBlock = 4096;
constexpr std::uint64_t kLeftFree = std::uint64_t{64} << 20;
constexpr std::uint64_t kBetweenLooks = std::uint64_t{16} << 20;

bool all_zero(Bytes bytes) {
  return bytes.front() == std::byte{0} &&
         std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0;
}

UniqueFd open_nameless(const std::string& folder) {
  UniqueFd file(open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (file || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL)) return file;
  // A file system without nameless files.
  std::string path = folder + "/chanspect-core-XXXXXX";
  file = UniqueFd(mkostemp(path.data(), O_CLOEXEC));
  if (file) unlink(path.c_str());
  return file;
}

}  // namespace

Result<SparseFile> SparseFile::create() {
  const char* chosen = std::getenv("TMPDIR");  // NOLINT(concurrency-mt-unsafe)
  std::string folder = chosen != nullptr && *chosen != '\0' ? chosen : "/var/tmp";
  UniqueFd file = open_nameless(folder);
  if (!file)
    return fail(ErrorCode::io, "cannot make a temporary file in " + folder,
                std::generic_category().message(errno),
                "set TMPDIR to a folder that can be written to");
  return SparseFile(std::move(file), std::move(folder));
}

Result<void> SparseFile::append(Bytes bytes) {
  while (!bytes.empty()) {
    // Blocks of the file, not of the pieces that happen to be given.
    std::size_t run = 0;
    const auto block_at = [&](std::size_t at) {
      const std::size_t until = kBlock - (size_ + at) % kBlock;
      return bytes.subspan(at, std::min(until, bytes.size() - at));
    };
    const bool zero = all_zero(block_at(0));
    while (run < bytes.size() && all_zero(block_at(run)) == zero) run += block_at(run).size();
    if (!zero) CS_CHECK(write(bytes.first(run)));
    size_ += run;
    bytes = bytes.subspan(run);
  }
  return {};
}

Result<void> SparseFile::write(Bytes bytes) {
  unchecked_ += bytes.size();
  if (unchecked_ >= kBetweenLooks) CS_CHECK(check_room());
  for (std::uint64_t at = size_; !bytes.empty();) {
    const ssize_t wrote = pwrite(file_.get(), bytes.data(), bytes.size(), static_cast<off_t>(at));
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) return failed(wrote < 0 ? errno : ENOSPC);
    at += static_cast<std::uint64_t>(wrote);
    bytes = bytes.subspan(static_cast<std::size_t>(wrote));
  }
  return {};
}

Result<void> SparseFile::check_room() {
  unchecked_ = 0;
  struct statvfs room = {};
  if (fstatvfs(file_.get(), &room) != 0) return {};
  if (std::uint64_t{room.f_bavail} * room.f_frsize < kLeftFree) return failed(ENOSPC);
  return {};
}

Result<UniqueFd> SparseFile::finish() && {
  if (ftruncate(file_.get(), static_cast<off_t>(size_)) != 0) return failed(errno);
  return std::move(file_);
}

std::unexpected<Error> SparseFile::failed(int error) const {
  if (error == ENOSPC || error == EDQUOT || error == EFBIG)
    return fail(ErrorCode::io, fmt::format("no room for it in {}", folder_),
                fmt::format("{} after its first {} MB", std::generic_category().message(error),
                            size_ / 1'000'000),
                "set TMPDIR to a folder with more room");
  return fail(ErrorCode::io, "cannot write to a temporary file in " + folder_,
              std::generic_category().message(error));
}

}  // namespace chanspect::target
