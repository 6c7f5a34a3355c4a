// A core file, opened.

#include <elf.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <utility>

#include "capture/executable_of_core.h"
#include "capture/image.h"
#include "capture/last_moment.h"
#include "capture/open.h"
#include "capture/stopwatch.h"
#include "capture/understand.h"

namespace chanspect::capture {
namespace {

std::string base_name(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

Error not_go(const std::string& path, const Error& error) {
  if (error.code != ErrorCode::not_go) return error;
  return {ErrorCode::not_go, fmt::format("{} is no core of a Go program", path), error.message(),
          error.hint};
}

/// The library of Go that a program of another language had loaded.
Result<Image> find_library_of_go(target::CoreFile& core, std::string& mapped_path) {
  CS_TRY(
      Image image,
      find_go_library(core.files(), [&](const target::FileMapping& mapping) -> Result<binary::Elf> {
        mapped_path = mapping.path;
        CS_TRY(auto found, find_library(core, mapping.path));
        return std::move(found.elf);
      }));
  UniqueFd copy(fcntl(image.elf.fd(), F_DUPFD_CLOEXEC, 0));
  if (copy.get() < 0) return fail(ErrorCode::io, "cannot open " + mapped_path + " again");
  core.attach(mapped_path, std::move(copy));
  return image;
}

/// How far from its file's addresses a position-independent executable lay. A core that was cut off
/// may lack the note that tells its entry, or that which lists its files.
Result<std::uint64_t> load_bias(const target::CoreFile& core, const FoundExecutable& found) {
  if (found.elf.type() != ET_DYN) return 0;
  if (core.facts().entry_point != 0) return core.facts().entry_point - found.elf.entry();
  for (const target::FileMapping& mapping : core.files())
    if (mapping.path == found.mapped_path) return bias_of(found.elf, mapping);
  return fail(ErrorCode::bad_data, fmt::format("cannot read {}", core.path()),
              "its notes are missing, which tell where the position-independent executable lay");
}

Result<Image> find_image(target::CoreFile& core, const std::string& given, OpenedProgram& opened) {
  CS_TRY(FoundExecutable found, find_executable(core, given));
  opened.source.executable = opened.image_path = found.path;
  if (!found.note.empty()) opened.notes.push_back(found.note);
  CS_CHECK(attach_executable(core, found));
  const auto is_go = check_go(found.elf);
  if (is_go) {
    CS_TRY(const std::uint64_t bias, load_bias(core, found));
    return Image{std::move(found.elf), bias};
  }
  std::string path;
  auto library = find_library_of_go(core, path);
  if (!library) return std::unexpected(not_go(core.path(), is_go.error()));
  opened.image_path = std::move(path);
  return library;
}

/// When the core was written, which is about when its process ended.
std::int64_t modified_unix_ns(const std::string& path) {
  struct stat status{};
  if (stat(path.c_str(), &status) != 0) return 0;
  return status.st_mtim.tv_sec * std::int64_t{1'000'000'000} + status.st_mtim.tv_nsec;
}

void describe(const target::CoreFile& core, snapshot::Source& source) {
  const target::CoreFacts& facts = core.facts();
  source.kind = snapshot::SourceKind::core;
  source.path = core.path();
  source.pid = facts.pid;
  source.signal = facts.signal;
  // The kernel keeps 15 bytes of the name: the executable's own is longer.
  source.name = source.executable.empty() ? facts.name : base_name(source.executable);
  source.taken_unix_ns = modified_unix_ns(core.path());
}

std::string what_is_missing(const target::CoreFacts& facts) {
  if (!facts.truncated) return {};
  return fmt::format("the core is cut off: {} MB of memory that it promises are not in it",
                     facts.bytes_missing >> 20);
}

}  // namespace

Result<void> open_core(const std::string& path, const std::string& executable,
                       OpenedProgram& opened) {
  Stopwatch watch(nullptr, opened.phases);
  CS_TRY(auto owned, target::CoreFile::open(path));
  target::CoreFile& core = *owned;
  opened.core = &core;
  opened.memory = std::move(owned);
  watch.now_reads(core);
  watch.lap("core");

  CS_TRY(const Image image, find_image(core, executable, opened));
  describe(core, opened.source);
  if (auto note = what_is_missing(core.facts()); !note.empty())
    opened.notes.push_back(std::move(note));
  watch.lap("executable");
  CS_CHECK(understand(image, opened, watch));
  opened.runtime.lived_to_ns = last_moment_ns(opened.runtime);
  return {};
}

Result<std::unique_ptr<OpenedProgram>> open_core(const std::string& path,
                                                 const std::string& executable) {
  auto opened = std::make_unique<OpenedProgram>();
  CS_CHECK(open_core(path, executable, *opened));
  return opened;
}

}  // namespace chanspect::capture
