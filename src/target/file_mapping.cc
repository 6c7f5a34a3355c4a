#include "target/file_mapping.h"

#include <fmt/format.h>

#include <charconv>

#include "target/proc_file.h"

namespace chanspect::target {
namespace {

/// Takes a hexadecimal number and the one character behind it from the front of `text`.
std::uint64_t take_hex(std::string_view& text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, 16);
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  if (!text.empty()) text.remove_prefix(1);
  return error == std::errc() ? number : 0;
}

/// "7f1c2a400000-7f1c2a428000 r-xp 00028000 08:01 1835 /usr/lib/libc.so.6"
FileMapping parse(std::string_view line) {
  FileMapping mapping;
  mapping.memory.address = take_hex(line);
  mapping.memory.size = take_hex(line) - mapping.memory.address;
  mapping.executable = line.size() > 2 && line[2] == 'x';
  line.remove_prefix(std::min<std::size_t>(line.size(), 5));
  mapping.file_offset = take_hex(line);
  if (const auto slash = line.find('/'); slash != std::string_view::npos)
    mapping.path = line.substr(slash);
  return mapping;
}

}  // namespace

std::vector<FileMapping> file_mappings(pid_t pid) {
  std::vector<FileMapping> mappings;
  const std::string maps = read_whole(fmt::format("/proc/{}/maps", pid));
  for (std::size_t at = 0; at < maps.size();) {
    const std::size_t end = std::min(maps.find('\n', at), maps.size());
    FileMapping mapping = parse(std::string_view(maps).substr(at, end - at));
    if (!mapping.path.empty()) mappings.push_back(std::move(mapping));
    at = end + 1;
  }
  return mappings;
}

}  // namespace chanspect::target
