#include "target/proc_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <climits>

#include "base/unique_fd.h"

namespace chanspect::target {

std::string read_whole(const std::string& path) {
  std::string text;
  const UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return text;
  std::array<char, 4096> chunk;  // NOLINT(*-member-init): filled by read
  for (ssize_t got = 0; (got = read(file.get(), chunk.data(), chunk.size())) > 0;)
    text.append(chunk.data(), static_cast<std::size_t>(got));
  return text;
}

std::string read_link(const std::string& path) {
  std::array<char, PATH_MAX> text;  // NOLINT(*-member-init): filled by readlink
  const ssize_t length = readlink(path.c_str(), text.data(), text.size());
  return length > 0 ? std::string(text.data(), static_cast<std::size_t>(length)) : std::string();
}

}  // namespace chanspect::target
