#include "cli/output_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <system_error>
#include <utility>

#include "cli/interruption.h"

namespace chanspect::cli {
namespace {

Error cannot_write(const std::string& path, int error) {
  return {ErrorCode::io,
          fmt::format("cannot write {}", path),
          std::generic_category().message(error),
          {}};
}

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

/// The path behind symbolic links, so that the file is replaced and not the link to it.
std::string followed(const std::string& path) {
  char* const resolved = realpath(path.c_str(), nullptr);
  if (resolved == nullptr) return path;
  std::string text = resolved;
  std::free(resolved);  // NOLINT(*-no-malloc): realpath(3) says so
  return text;
}

unsigned mode_of_new_files() {
  const mode_t mask = umask(0);
  umask(mask);
  return 0666U & ~mask;
}

}  // namespace

Result<OutputFile> OutputFile::create(const std::string& path) {
  OutputFile file;
  file.path_ = followed(path);
  struct stat facts{};
  const bool exists = stat(file.path_.c_str(), &facts) == 0;
  if (exists && S_ISDIR(facts.st_mode)) return std::unexpected(cannot_write(path, EISDIR));
  if (exists && !S_ISREG(facts.st_mode)) {
    file.in_place_ = true;
    file.fd_ = UniqueFd(open(file.path_.c_str(), O_WRONLY | O_CLOEXEC));
    if (!file.fd_) return std::unexpected(cannot_write(path, errno));
    return file;
  }
  CS_CHECK(file.open_temporary(exists ? facts.st_mode & 07777U : mode_of_new_files()));
  return file;
}

/// A file without a name vanishes by itself; not every file system has such.
Result<void> OutputFile::open_temporary(unsigned mode) {
  fd_ = UniqueFd(open(folder_of(path_).c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, mode));
  if (!fd_ && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL)) {
    temporary_ = fmt::format("{}.chanspect-{}", path_, getpid());
    remove_when_interrupted(temporary_);
    fd_ = UniqueFd(open(temporary_.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, mode));
  }
  if (!fd_) {
    const int error = errno;
    temporary_.clear();
    return std::unexpected(cannot_write(path_, error));
  }
  if (fchmod(fd_.get(), mode) != 0) return std::unexpected(cannot_write(path_, errno));
  return {};
}

OutputFile::OutputFile(OutputFile&& other) noexcept
    : path_(std::move(other.path_)),
      temporary_(std::exchange(other.temporary_, {})),
      fd_(std::move(other.fd_)),
      in_place_(other.in_place_) {}

OutputFile::~OutputFile() {
  if (temporary_.empty()) return;
  unlink(temporary_.c_str());
  remove_when_interrupted({});
}

UniqueFd OutputFile::descriptor() const {
  return UniqueFd(fcntl(fd_.get(), F_DUPFD_CLOEXEC, 0));
}

Result<void> OutputFile::commit() {
  if (in_place_) return {};
  const bool nameless = temporary_.empty();
  if (nameless) {
    temporary_ = fmt::format("{}.chanspect-{}", path_, getpid());
    remove_when_interrupted(temporary_);
    const std::string open_file = fmt::format("/proc/self/fd/{}", fd_.get());
    if (linkat(AT_FDCWD, open_file.c_str(), AT_FDCWD, temporary_.c_str(), AT_SYMLINK_FOLLOW) != 0) {
      const int error = errno;
      temporary_.clear();
      return std::unexpected(cannot_write(path_, error));
    }
  }
  if (std::rename(temporary_.c_str(), path_.c_str()) != 0)
    return std::unexpected(cannot_write(path_, errno));
  temporary_.clear();
  remove_when_interrupted({});
  return {};
}

}  // namespace chanspect::cli
