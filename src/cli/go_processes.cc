#include "cli/go_processes.h"

#include <fmt/format.h>

#include <utility>

#include "binary/elf.h"
#include "go/build_info.h"

namespace chanspect::cli {
namespace {

std::optional<std::string> go_version(const std::string& path) {
  const auto elf = binary::Elf::open(path);
  if (!elf) return std::nullopt;
  auto info = go::read_build_info(*elf);
  if (!info) return std::nullopt;
  return std::move(info->version);
}

template <class Key>
std::optional<std::string> remembered(std::map<Key, std::optional<std::string>>& known,
                                      const Key& key, const std::string& path) {
  const auto found = known.find(key);
  if (found != known.end()) return found->second;
  return known.emplace(key, go_version(path)).first->second;
}

}  // namespace

std::optional<std::string> GoExecutables::version_of(const target::ListedProcess& process) {
  if (process.file)
    return remembered(by_file_, *process.file, fmt::format("/proc/{}/exe", process.pid));
  // Another user's: what it calls itself is most often a path that everybody may read.
  if (!process.argument0.starts_with('/')) return std::nullopt;
  return remembered(by_path_, process.argument0, process.argument0);
}

std::vector<GoProcess> go_processes_among(std::vector<target::ListedProcess> processes,
                                          std::size_t* hidden) {
  std::vector<GoProcess> found;
  GoExecutables executables;
  for (target::ListedProcess& process : processes) {
    const bool shown = process.file.has_value();
    auto version = executables.version_of(process);
    if (version) found.push_back({std::move(process), std::move(*version), shown});
    if (!version && !shown && hidden != nullptr) ++*hidden;
  }
  return found;
}

}  // namespace chanspect::cli
