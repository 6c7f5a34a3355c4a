#include "capture/program_checks.h"

#include <elf.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "binary/elf.h"
#include "capture/self_check.h"
#include "go/arch.h"
#include "go/build_info.h"
#include "go/layout_table.h"
#include "go/release.h"
#include "target/core_kind.h"

namespace chanspect::capture {
namespace {

void add_platform(Diagnosis& diagnosis, const binary::Elf& elf) {
  std::string found = target::machine_name(elf.machine());
  const bool interpreted = std::ranges::any_of(
      elf.segments(), [](const binary::Segment& segment) { return segment.type == PT_INTERP; });
  if (elf.type() == ET_DYN)
    found += interpreted ? ", position-independent (PIE)" : ", position-independent";
  else
    found += ", at fixed addresses";
  found += interpreted ? ", loaded by ld.so" : ", static";
  const auto arch = go::arch_of(elf);
  if (arch)
    diagnosis.add("platform", CheckState::ok, std::move(found));
  else
    add_failure(diagnosis, "platform", arch.error());
}

void add_release(Diagnosis& diagnosis, const binary::Elf& elf, const go::BuildInfo& info,
                 const std::optional<Error>& opened_with) {
  const auto arch = go::arch_of(elf);
  const auto release = go::parse_release(info.version, arch.value_or(go::Arch::amd64));
  if (!release) return add_failure(diagnosis, "release", release.error());
  std::string found =
      release->text + (info.by_variable ? ", from runtime.buildVersion in the data"
                                        : ", from the executable's build information");
  if (go::table_knows(*release)) return void(diagnosis.add("release", CheckState::ok, found));
  found += fmt::format("; newer than the table of layouts, which ends near {}",
                       go::nearest_known(*release));
  const bool refused = opened_with && opened_with->code == ErrorCode::unknown_release;
  diagnosis.add("release", refused ? CheckState::no : CheckState::warn, std::move(found),
                refused ? opened_with->hint : "");
}

/// The setting allows C; whether there is any, its symbols tell.
std::string_view cgo_of(const binary::Elf& elf, const go::BuildInfo& info) {
  constexpr std::string_view kStart = "x_cgo_init";  // runtime/cgo
  if (info.setting("CGO_ENABLED") != "1") return "no cgo";
  if (!elf.has_symbols()) return "cgo allowed";
  return elf.find_symbols({&kStart, 1}).front() ? "cgo" : "no C in it";
}

/// The settings that change how a program is read, as `go version -m` writes them.
void add_build(Diagnosis& diagnosis, const binary::Elf& elf, const go::BuildInfo& info) {
  constexpr auto kTelling = std::to_array<std::string_view>(
      {"-buildmode", "-race", "-msan", "-asan", "-trimpath", "-ldflags", "-gcflags", "GOAMD64",
       "GOARM64", "GOEXPERIMENT", "DefaultGODEBUG"});
  if (info.settings.empty()) {
    diagnosis.add("build", CheckState::ok, "its settings are not recorded");
    return;
  }
  std::string found = info.path.empty() ? "" : info.path + ", ";
  found += cgo_of(elf, info);
  found += info.setting("-race") == "true" ? ", race detector" : "";
  for (const std::string_view key : kTelling)
    if (const auto value = info.setting(key); !value.empty() && key != "-race")
      found += fmt::format(", {}={}", key, value);
  diagnosis.add("build", CheckState::ok, std::move(found));
}

bool has_debug_info(const binary::Elf& elf) {
  return elf.find_section(".debug_info") != nullptr || elf.find_section(".zdebug_info") != nullptr;
}

/// Whether opening failed at the layouts: before any was chosen, or when one was held against the
/// program.
bool failed_at_layouts(const OpenedProgram& opened, const Error& error) {
  if (error.code == ErrorCode::unknown_release) return true;
  return opened.runtime.layout.source.empty() || !opened.source.symbol_source.empty();
}

void add_symbols(Diagnosis& diagnosis, const OpenedProgram& opened,
                 const std::optional<Error>& opened_with) {
  const auto elf = binary::Elf::open(opened.image_path);
  const bool there = elf && elf->has_symbols();
  std::string found = there ? "" : "stripped: ";
  if (opened.source.symbol_source.empty()) {
    if (opened_with && !failed_at_layouts(opened, *opened_with))
      return add_failure(diagnosis, "symbols", *opened_with);
    found = there ? "symbol table" : "stripped: not yet looked for otherwise";
  } else {
    found += opened.source.symbol_source;
  }
  if (elf) found += has_debug_info(*elf) ? "; DWARF is there" : "; no DWARF";
  const bool unknown = found.contains("unknown: ");
  diagnosis.add("symbols", unknown ? CheckState::warn : CheckState::ok, std::move(found));
}

void add_layouts(Diagnosis& diagnosis, const OpenedProgram& opened,
                 const std::optional<Error>& opened_with) {
  if (opened_with && failed_at_layouts(opened, *opened_with))
    return add_failure(diagnosis, "layouts", *opened_with);
  if (opened_with) return;  // what failed came before them
  std::string found = opened.runtime.layout.source;
  const auto fit = measure_layout(opened.runtime);
  if (fit) found += fmt::format("; {} of {} goroutines looked at fit", fit->good, fit->looked_at);
  const bool sure = fit && fit->good == fit->looked_at && !found.contains("inferred");
  diagnosis.add("layouts", sure ? CheckState::ok : CheckState::warn, std::move(found));
}

void add_collections(Diagnosis& diagnosis, const OpenedProgram& opened) {
  const Runtime& runtime = opened.runtime;
  const auto& field = runtime.layout.mstats.numgc;
  const auto number = [&] -> std::optional<std::uint32_t> {
    if (runtime.variables.memstats == 0 || !field.present()) return std::nullopt;
    const auto read = target::read_value<std::uint32_t>(*runtime.memory,
                                                        runtime.variables.memstats + field.offset);
    return read ? std::optional(*read) : std::nullopt;
  }();
  const std::string cure =
      opened.live != nullptr ? fmt::format("chanspect {} --watch 5s", diagnosis.target) : "";
  if (!number)
    diagnosis.add("collections", CheckState::warn, "how many there were is not known");
  else if (*number == 0)
    diagnosis.add("collections", CheckState::warn,
                  "none yet, and only they note since when a goroutine waits", cure);
  else
    diagnosis.add("collections", CheckState::ok,
                  fmt::format("{} so far: waits that one of them met have a length", *number));
}

}  // namespace

std::string shown_build_id(const binary::Elf& elf) {
  constexpr std::size_t kShown = 40;
  const std::string id = elf.gnu_build_id().empty() ? elf.go_build_id() : elf.gnu_build_id();
  return id.size() <= kShown ? id : id.substr(0, kShown) + "…";
}

void add_failure(Diagnosis& diagnosis, std::string name, const Error& error) {
  diagnosis.add(std::move(name), CheckState::no, error.message(), error.hint);
}

void add_file_checks(Diagnosis& diagnosis, const std::string& path,
                     const std::optional<Error>& opened_with) {
  const auto elf = binary::Elf::open(path);
  if (!elf) return add_failure(diagnosis, "platform", elf.error());
  add_platform(diagnosis, *elf);
  const auto info = go::read_build_info(*elf);
  if (!info) {
    const bool better = opened_with && opened_with->code != ErrorCode::denied;
    return add_failure(diagnosis, "release", better ? *opened_with : info.error());
  }
  add_release(diagnosis, *elf, *info, opened_with);
  add_build(diagnosis, *elf, *info);
}

void add_runtime_checks(Diagnosis& diagnosis, const OpenedProgram& opened,
                        const std::optional<Error>& opened_with) {
  // Where opening failed before the runtime was looked at, there is nothing to tell of it.
  if (opened.image_path.empty() || opened.runtime.memory == nullptr) return;
  add_symbols(diagnosis, opened, opened_with);
  add_layouts(diagnosis, opened, opened_with);
  if (!opened_with) add_collections(diagnosis, opened);
}

}  // namespace chanspect::capture
