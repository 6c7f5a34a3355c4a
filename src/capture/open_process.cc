// A running process, opened.

#include <elf.h>
#include <fmt/format.h>

#include "capture/image.h"
#include "capture/open.h"
#include "capture/stopwatch.h"
#include "capture/understand.h"
#include "target/process_facts.h"

namespace chanspect::capture {
namespace {

#if defined(__x86_64__)
constexpr std::uint16_t kOurMachine = EM_X86_64;
#elif defined(__aarch64__)
constexpr std::uint16_t kOurMachine = EM_AARCH64;
#endif

/// Says which process it is about, and what kind of program is looked for.
Error not_go(std::int32_t pid, const std::string& name, const Error& error) {
  if (error.code == ErrorCode::unsupported)
    return {error.code, fmt::format("cannot read process {} ({})", pid, name), error.message(),
            error.hint};
  if (error.code != ErrorCode::not_go && error.code != ErrorCode::bad_data) return error;
  return {ErrorCode::not_go, fmt::format("process {} ({}) is no Go program", pid, name),
          error.message(), "chanspect ps lists the Go processes of this machine"};
}

Result<binary::Elf> open_executable(std::int32_t pid, const std::string& name) {
  auto elf = binary::Elf::open(fmt::format("/proc/{}/exe", pid));
  if (!elf) {
    if (elf.error().code == ErrorCode::gone)
      return fail(ErrorCode::gone, fmt::format("process {} ended while it was opened", pid));
    return std::unexpected(not_go(pid, name, elf.error()));
  }
  if (elf->machine() != kOurMachine)
    return fail(ErrorCode::unsupported, fmt::format("cannot read process {}", pid),
                "its executable is for another kind of processor than this chanspect");
  return elf;
}

/// How far from its file's addresses the kernel has put a position-independent executable.
Result<std::uint64_t> load_bias(const binary::Elf& elf, std::int32_t pid) {
  if (elf.type() != ET_DYN) return 0;
  CS_TRY(const std::uint64_t entry, target::entry_point(pid));
  return entry - elf.entry();
}

/// The file of a mapping: the very file, however its path reads by now or here, where the kernel
/// lets us follow that; else by its path as the process sees it.
Result<binary::Elf> open_mapped(std::int32_t pid, const target::FileMapping& mapping,
                                std::string& path) {
  path = fmt::format("/proc/{}/map_files/{:x}-{:x}", pid, mapping.memory.address,
                     mapping.memory.end());
  auto elf = binary::Elf::open(path);
  if (elf) return elf;
  path = fmt::format("/proc/{}/root{}", pid, mapping.path);
  return binary::Elf::open(path);
}

/// The executable; where that is no Go program, a library of Go that it has loaded.
Result<Image> find_image(std::int32_t pid, const std::string& name, std::string& path) {
  CS_TRY(binary::Elf elf, open_executable(pid, name));
  const auto is_go = check_go(elf);
  if (is_go) {
    path = fmt::format("/proc/{}/exe", pid);
    CS_TRY(const std::uint64_t bias, load_bias(elf, pid));
    return Image{std::move(elf), bias};
  }
  if (is_go.error().code != ErrorCode::not_go)
    return std::unexpected(not_go(pid, name, is_go.error()));
  std::string tried;
  auto library = find_go_library(
      target::file_mappings(pid),
      [&](const target::FileMapping& mapping) { return open_mapped(pid, mapping, tried); });
  if (!library) return std::unexpected(not_go(pid, name, is_go.error()));
  path = std::move(tried);
  return library;
}

Result<void> open_into(std::int32_t pid, OpenedProgram& opened) {
  Stopwatch watch(nullptr, opened.phases);
  CS_TRY(const target::ProcessFacts facts, target::process_facts(pid));
  CS_TRY(const Image image, find_image(pid, facts.name, opened.image_path));
  watch.lap("executable");

  CS_TRY(auto memory, target::LiveMemory::open(pid));
  opened.live = memory.get();
  opened.memory = std::move(memory);
  watch.now_reads(*opened.memory);
  opened.runtime.clock_offset_ns = target::monotonic_offset_ns(pid);
  snapshot::Source& source = opened.source;
  source.pid = pid;
  source.name = facts.name;
  source.executable = facts.executable;
  source.uptime_ns = facts.uptime_ns;
  return understand(image, opened, watch);
}

}  // namespace

Result<void> open_process(std::int32_t pid, OpenedProgram& opened) {
  auto done = open_into(pid, opened);
  if (done) return {};
  if (opened.live != nullptr && opened.live->ends_within(target::LiveMemory::kDyingMs))
    return fail(ErrorCode::gone, fmt::format("process {} ended while it was opened", pid));
  return done;
}

Result<std::unique_ptr<OpenedProgram>> open_process(std::int32_t pid) {
  auto opened = std::make_unique<OpenedProgram>();
  CS_CHECK(open_process(pid, *opened));
  return opened;
}

}  // namespace chanspect::capture
