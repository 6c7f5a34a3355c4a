#include "capture/executable_of_core.h"

#include <elf.h>
#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <utility>
#include <vector>

#include "capture/image_in_core.h"
#include "target/core_kind.h"

namespace chanspect::capture {
namespace {

constexpr std::uint64_t kPage = 4096;
constexpr std::string_view kDeleted = " (deleted)";

/// Whether a file is what lay in memory: `other`, where not empty, says by what it is not; `note`
/// why that could not be told.
struct Comparison {
  std::string other, note;
};

/// Go's build ids are four hashes long; the first says enough to a person.
std::string shortened(const std::string& id) {
  constexpr std::size_t kShown = 40;
  return id.size() <= kShown ? id : id.substr(0, kShown) + "…";
}

std::string other_id(const std::string& in_file, const std::string& in_core) {
  return fmt::format("its build id is {}, and that of the program in the core is {}",
                     shortened(in_file), shortened(in_core));
}

bool same_segments(const binary::Elf& a, const binary::Elf& b) {
  return std::ranges::equal(a.segments(), b.segments(),
                            [](const binary::Segment& x, const binary::Segment& y) {
                              return x.type == y.type && x.flags == y.flags &&
                                     x.offset == y.offset && x.address == y.address &&
                                     x.file_size == y.file_size && x.memory_size == y.memory_size;
                            });
}

Comparison compare(const binary::Elf& file, const binary::Elf& in_core) {
  const std::string gnu = in_core.gnu_build_id();
  const std::string file_gnu = file.gnu_build_id();
  if (!gnu.empty() && !file_gnu.empty())
    return {gnu == file_gnu ? "" : other_id(file_gnu, gnu), {}};
  const std::string go = in_core.go_build_id();
  const std::string file_go = file.go_build_id();
  if (!go.empty() && !file_go.empty()) return {go == file_go ? "" : other_id(file_go, go), {}};

  if (file.entry() != in_core.entry() || !same_segments(file, in_core))
    return {"its headers are not those of the program in the core", {}};
  return {{}, "has no build id to compare with the core; its headers are the same"};
}

/// Without the headers in memory only the entry point can be wrong, and that of the executable
/// alone is known.
Comparison compare_entry(const binary::Elf& file, std::uint64_t entry_point) {
  const std::uint64_t distance = entry_point - file.entry();
  const bool possible = file.type() == ET_EXEC ? distance == 0 : distance % kPage == 0;
  if (entry_point != 0 && !possible) return {"it begins at another address", {}};
  return {{}, "cannot be compared with the core, which does not hold its first page"};
}

struct Sought {
  std::string what;               ///< "executable"
  std::string mapped_path;        ///< as the core lists it; may be empty
  Address base = 0;               ///< of its first byte; 0 unknown
  std::uint64_t entry_point = 0;  ///< in memory; 0 unknown
};

/// Opens a file and compares it with what lay in memory.
Result<FoundExecutable> open_compared(const target::CoreFile& core, const Sought& sought,
                                      const std::string& path) {
  const auto wrong = [&](std::string why) {
    return fail(ErrorCode::bad_data,
                fmt::format("{} is not the {} of core {}", path, sought.what, core.path()),
                std::move(why),
                sought.what == "executable" ? "name the one that ran with --exe" : "");
  };
  CS_TRY(auto elf, binary::Elf::open(path));
  if (elf.type() != ET_EXEC && elf.type() != ET_DYN) return wrong("it is no executable");
  if (elf.machine() != core.facts().machine)
    return wrong(fmt::format("it is for {}, and the core is of a process on {}",
                             target::machine_name(elf.machine()),
                             target::machine_name(core.facts().machine)));
  const auto image = sought.base != 0 ? image_at(core, sought.base) : std::nullopt;
  Comparison compared = image ? compare(elf, image->elf) : compare_entry(elf, sought.entry_point);
  if (!compared.other.empty()) return wrong(std::move(compared.other));
  if (!compared.note.empty()) compared.note = path + " " + compared.note;
  return FoundExecutable{std::move(elf), path, sought.mapped_path, std::move(compared.note)};
}

/// Where a file may lie by now that the process saw under this path.
std::vector<std::string> candidates(const target::CoreFile& core, std::string path) {
  if (path.ends_with(kDeleted)) path.resize(path.size() - kDeleted.size());
  std::vector<std::string> paths;
  if (path.empty()) return paths;
  const std::filesystem::path file(path);
  const std::filesystem::path beside = std::filesystem::path(core.path()).parent_path();
  if (file.is_absolute()) paths.push_back(path);
  paths.push_back((beside / file.filename()).string());
  paths.push_back((beside / file.relative_path()).string());
  return paths;
}

/// The first that is what lay in memory. Where none is, the error of the nearest miss.
Result<FoundExecutable> first_that_fits(const target::CoreFile& core, const Sought& sought,
                                        const std::vector<std::string>& paths) {
  std::optional<Error> wrong;
  for (const std::string& path : paths) {
    auto found = open_compared(core, sought, path);
    if (found) return found;
    if (!wrong && found.error().code != ErrorCode::io) wrong = std::move(found).error();
  }
  if (wrong) return std::unexpected(std::move(*wrong));
  return fail(ErrorCode::io, fmt::format("cannot find the {} of core {}", sought.what, core.path()),
              paths.empty() ? "the core does not tell its path"
                            : fmt::format("there is no {}, nor is it beside the core", paths[0]),
              sought.what == "executable" ? "name it with --exe" : "");
}

/// The first word of the command line, or where that is cut off the name.
std::string path_by_command(const target::CoreFacts& facts) {
  const std::string word = facts.arguments.substr(0, facts.arguments.find(' '));
  return word.empty() ? facts.name : word;
}

/// How far from its file's addresses the process had a position-independent executable.
std::uint64_t bias_of(const target::CoreFile& core, const binary::Elf& elf) {
  if (elf.type() != ET_DYN) return 0;
  if (core.facts().entry_point != 0) return core.facts().entry_point - elf.entry();
  return base_of_executable(core);
}

/// The mappings that the kernel makes of an ELF file (binfmt_elf.c: elf_map).
std::vector<target::FileMapping> parts_of(const binary::Elf& elf, std::uint64_t bias,
                                          const std::string& path) {
  std::vector<target::FileMapping> parts;
  for (const binary::Segment& segment : elf.segments()) {
    if (segment.type != PT_LOAD || segment.file_size == 0) continue;
    const std::uint64_t into_page = segment.address % kPage;
    if (segment.offset < into_page) continue;
    target::FileMapping part;
    part.memory = {segment.address + bias - into_page,
                   (into_page + segment.file_size + kPage - 1) & ~(kPage - 1)};
    part.file_offset = segment.offset - into_page;
    part.path = path;
    parts.push_back(std::move(part));
  }
  return parts;
}

}  // namespace

Result<FoundExecutable> find_executable(const target::CoreFile& core, const std::string& given) {
  const Sought sought{"executable", executable_path(core), base_of_executable(core),
                      core.facts().entry_point};
  if (!given.empty()) return open_compared(core, sought, given);
  const bool named = !sought.mapped_path.empty();
  return first_that_fits(
      core, sought, candidates(core, named ? sought.mapped_path : path_by_command(core.facts())));
}

Result<FoundExecutable> find_library(const target::CoreFile& core, const std::string& mapped_path) {
  const Sought sought{"library", mapped_path, base_of_file(core, mapped_path), 0};
  return first_that_fits(core, sought, candidates(core, mapped_path));
}

Result<void> attach_executable(target::CoreFile& core, const FoundExecutable& found) {
  UniqueFd copy(fcntl(found.elf.fd(), F_DUPFD_CLOEXEC, 0));
  if (!copy) return fail(ErrorCode::io, "cannot open " + found.path + " again");
  if (!found.mapped_path.empty()) {
    core.attach(found.mapped_path, std::move(copy));
  } else {
    core.attach(parts_of(found.elf, bias_of(core, found.elf), found.path), std::move(copy));
  }
  return {};
}

}  // namespace chanspect::capture
