// What can be read of a core file, and why what cannot.

#include <fmt/format.h>
#include <sys/stat.h>

#include <cstring>
#include <string>
#include <utility>

#include "base/shell_word.h"
#include "binary/elf.h"
#include "capture/abilities.h"
#include "capture/diagnose.h"
#include "capture/image_in_core.h"
#include "capture/open.h"
#include "capture/program_checks.h"
#include "target/core_file.h"
#include "target/core_kind.h"
#include "target/permission.h"

namespace chanspect::capture {
namespace {

/// "1.2 GB", "340 MB".
std::string size_text(std::uint64_t bytes) {
  constexpr double kMega = 1e6;
  constexpr double kGiga = 1e9;
  const auto size = static_cast<double>(bytes);
  if (size >= kGiga) return fmt::format("{:.1f} GB", size / kGiga);
  return fmt::format("{:.1f} MB", size / kMega);
}

/// The kernel writes why the process ended; gcore has no reason, and qemu lists no files.
std::string kind_of(const target::CoreFile& core) {
  if (core.files().empty()) return "of an emulator, or without its list of files";
  const int signal = core.facts().signal;
  if (signal == 0) return "of a process that no signal ended, as gcore makes them";
  const char* const name = sigabbrev_np(signal);
  return name != nullptr ? fmt::format("of a process that SIG{} ended", name)
                         : fmt::format("of a process that signal {} ended", signal);
}

void add_core(Diagnosis& diagnosis, const target::CoreFile& core) {
  struct stat status{};
  std::string size;
  if (stat(core.path().c_str(), &status) == 0)
    size = size_text(static_cast<std::uint64_t>(status.st_size));
  const target::CoreFacts& facts = core.facts();
  std::string who;
  if (facts.pid != 0) who += fmt::format(", pid {}", facts.pid);
  if (!facts.name.empty()) who += fmt::format(", {}", facts.name);
  diagnosis.add("core", CheckState::ok,
                fmt::format("{}{}, {} on disk, {} of memory", kind_of(core), who, size,
                            size_text(facts.bytes_saved)));
  diagnosis.add("threads", core.threads().empty() ? CheckState::warn : CheckState::ok,
                fmt::format("the registers of {}", core.threads().size()));
}

void add_wholeness(Diagnosis& diagnosis, const target::CoreFacts& facts) {
  if (facts.truncated)
    diagnosis.add("whole", CheckState::warn,
                  fmt::format("cut off: {} of memory that it promises are not in it",
                              size_text(facts.bytes_missing)),
                  "ulimit -c unlimited, and room on the disk, before the next one");
  else
    diagnosis.add("whole", CheckState::ok, "all that its headers promise is there");
  if (facts.ignored_segments > 0)
    diagnosis.add("headers", CheckState::warn,
                  fmt::format("{} of them make no sense and are ignored", facts.ignored_segments));
}

/// By the front of the executable that the core holds.
std::string build_id_in(const target::CoreFile& core) {
  const Address base = base_of_executable(core);
  const auto image = base != 0 ? image_at(core, base) : std::nullopt;
  return image ? shown_build_id(image->elf) : std::string();
}

void add_executable(Diagnosis& diagnosis, const OpenedProgram& opened) {
  const std::string wanted = build_id_in(*opened.core);
  const std::string cure =
      fmt::format("chanspect doctor {} --exe FILE   (the executable that ran{})", diagnosis.target,
                  wanted.empty() ? "" : ", of build id " + wanted);
  if (opened.source.executable.empty()) {
    diagnosis.add("executable", CheckState::no,
                  diagnosis.error ? diagnosis.error->message() : "not found", cure);
    return;
  }
  if (!opened.notes.empty() && opened.notes.front().starts_with(opened.source.executable)) {
    diagnosis.add("executable", CheckState::warn, opened.notes.front(), cure);
    return;
  }
  diagnosis.add("executable", CheckState::ok,
                fmt::format("{}, build id {}, as in the core", opened.source.executable,
                            wanted.empty() ? "none" : wanted));
}

void say_what_next(Diagnosis& diagnosis, const OpenedProgram& opened) {
  const bool lacks_executable = opened.core != nullptr && opened.source.executable.empty();
  if (!diagnosis.error) {
    diagnosis.next = "chanspect " + diagnosis.target;
    diagnosis.purpose = "what its goroutines wait for";
  } else if (lacks_executable) {
    diagnosis.next = fmt::format("chanspect doctor {} --exe FILE", shell_word(opened.core->path()));
    diagnosis.purpose = "FILE is the executable that ran";
  } else {
    diagnosis.next = "chanspect doctor --help";
    diagnosis.purpose = "what a target can be";
  }
}

}  // namespace

Diagnosis diagnose_core(const std::string& path, const std::string& executable, unsigned threads) {
  Diagnosis diagnosis;
  diagnosis.subject = "core " + path;
  diagnosis.target = shell_word(path);
  OpenedProgram opened;
  if (auto done = open_core(path, executable, opened); !done)
    diagnosis.error = std::move(done).error();

  if (opened.core == nullptr) {
    add_failure(diagnosis, "core", *diagnosis.error);
  } else {
    add_core(diagnosis, *opened.core);
    add_wholeness(diagnosis, opened.core->facts());
    add_executable(diagnosis, opened);
    if (!opened.image_path.empty()) add_file_checks(diagnosis, opened.image_path, diagnosis.error);
    add_runtime_checks(diagnosis, opened, diagnosis.error);
  }
  if (diagnosis.error)
    add_no_abilities(diagnosis);
  else
    add_abilities(diagnosis, opened, threads);
  if (!executable.empty()) diagnosis.target += " --exe " + shell_word(executable);
  say_what_next(diagnosis, opened);
  return diagnosis;
}

}  // namespace chanspect::capture
