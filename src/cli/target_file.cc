#include "cli/target_file.h"

#include <elf.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <string_view>

#include "base/bytes.h"
#include "base/unique_fd.h"
#include "target/core_kind.h"

namespace chanspect::cli {

TargetFile kind_of_target_file(const std::string& path) {
  struct stat status{};
  if (stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return TargetFile::none;
  const UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return TargetFile::other;  // opening it again tells why
  std::array<std::byte, target::kKindBytes> front{};
  const ssize_t got = pread(file.get(), front.data(), front.size(), 0);
  const Bytes start = Bytes(front).first(got > 0 ? static_cast<std::size_t>(got) : 0);
  if (target::compression_of(start) != target::Compression::none) return TargetFile::core;
  const auto type = load<std::uint16_t>(start, offsetof(Elf64_Ehdr, e_type));
  if (!as_text(start).starts_with(std::string_view(ELFMAG, SELFMAG)) || !type)
    return TargetFile::other;
  if (*type == ET_CORE) return TargetFile::core;
  return *type == ET_EXEC || *type == ET_DYN ? TargetFile::executable : TargetFile::other;
}

}  // namespace chanspect::cli
