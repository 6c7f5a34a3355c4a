// From an executable and its memory to an understood Go runtime: release, layouts, variables,
// functions.

#include "capture/understand.h"

#include "capture/self_check.h"
#include "go/build_info.h"
#include "go/layout_in_code.h"
#include "go/locate_runtime.h"

namespace chanspect::capture {
namespace {

/// The layout that fits: the built-in table's, or where the target's goroutines do not look like
/// that, the one that its own DWARF tells.
Result<void> settle_layout(Runtime& runtime, const binary::Elf& elf) {
  auto fits = check_layout(runtime);
  if (fits || fits.error().code != ErrorCode::bad_data) return fits;
  auto from_dwarf = go::layout_from_dwarf(elf, runtime.layout.release);
  if (!from_dwarf) return fits;
  runtime.layout = std::move(*from_dwarf);
  return check_layout(runtime);
}

Result<void> locate(const Image& image, OpenedProgram& opened) {
  Runtime& runtime = opened.runtime;
  const go::RunningImage running(*opened.memory, image.elf, image.bias,
                                 runtime.layout.release.arch);
  CS_TRY(go::LocatedRuntime located, go::locate_runtime(running, runtime.layout));
  runtime.variables = located.variables;
  opened.functions.emplace(std::move(located.functions));
  runtime.functions = &*opened.functions;
  opened.source.symbol_source = std::move(located.source);
  return {};
}

/// The layouts of the nearest known release, if the program's own code uses its structs like that;
/// `refusal` where it does not.
Result<void> infer_layout(const Image& image, OpenedProgram& opened, const go::Release& release,
                          Error refusal) {
  const auto refuse = [&](const Error& error) {
    refusal.why += "; " + error.why;
    return std::unexpected(std::move(refusal));
  };
  auto nearest = go::layout_of_nearest(release);
  if (!nearest) return refuse(nearest.error());
  opened.runtime.layout = std::move(*nearest);
  if (const auto located = locate(image, opened); !located) return refuse(located.error());
  const go::RunningImage running(*opened.memory, image.elf, image.bias, release.arch);
  const auto fits = go::check_layout_by_code(running, *opened.functions, opened.runtime.layout);
  if (!fits) return refuse(fits.error());
  return {};
}

}  // namespace

Result<void> understand(const Image& image, OpenedProgram& opened, Stopwatch& watch) {
  const binary::Elf& elf = image.elf;
  const target::Memory& memory = *opened.memory;
  Runtime& runtime = opened.runtime;
  runtime.memory = &memory;
  CS_TRY(const go::BuildInfo build, go::read_build_info(elf));
  CS_TRY(const go::Arch arch, go::arch_of(elf));
  CS_TRY(const go::Release release, go::parse_release(build.version, arch));
  auto layout = go::choose_layout(elf, release);
  watch.lap("layouts");

  if (layout) {
    runtime.layout = std::move(*layout);
    CS_CHECK(locate(image, opened));
  } else {
    CS_CHECK(infer_layout(image, opened, release, std::move(layout).error()));
  }
  watch.lap("symbols and functions");

  CS_TRY(runtime.wait_reasons,
         go::read_wait_reasons(memory, runtime.variables.wait_reason_strings, release));
  CS_CHECK(settle_layout(runtime, elf));
  watch.lap("check");

  snapshot::Source& source = opened.source;
  source.go_version = release.name();
  source.build_id = elf.gnu_build_id().empty() ? elf.go_build_id() : elf.gnu_build_id();
  source.layout_source = runtime.layout.source;
  return {};
}

}  // namespace chanspect::capture
