// From an executable and its memory to an understood Go runtime: release, layouts, variables,
// functions.

#include "capture/understand.h"

#include <elf.h>
#include <fmt/format.h>

#include <array>

#include "capture/self_check.h"
#include "go/build_info.h"
#include "go/module.h"

namespace chanspect::capture {
namespace {

Result<RuntimeVariables> find_variables(const binary::Elf& elf, std::uint64_t bias) {
  RuntimeVariables found;
  struct Wanted {
    std::string_view name;
    Address RuntimeVariables::* variable;
    bool needed;
  };
  static constexpr std::array<Wanted, 10> kWanted = {{
      {"runtime.allglen", &RuntimeVariables::allglen, true},
      {"runtime.allgptr", &RuntimeVariables::allgptr, true},
      {"runtime.allp", &RuntimeVariables::allp, false},
      {"runtime.allm", &RuntimeVariables::allm, false},
      {"runtime.sched", &RuntimeVariables::sched, false},
      {"runtime.semtable", &RuntimeVariables::semtable, false},
      {"runtime.memstats", &RuntimeVariables::memstats, false},
      {"runtime.firstmoduledata", &RuntimeVariables::firstmoduledata, true},
      {"runtime.waitReasonStrings", &RuntimeVariables::wait_reason_strings, false},
      {"runtime.dbgvars", &RuntimeVariables::dbgvars, false},
  }};
  std::array<std::string_view, kWanted.size()> names;
  for (std::size_t i = 0; i < kWanted.size(); ++i) names[i] = kWanted[i].name;
  const auto symbols = elf.find_symbols(names);
  for (std::size_t i = 0; i < kWanted.size(); ++i) {
    if (symbols[i]) {
      found.*kWanted[i].variable = symbols[i]->address + bias;
    } else if (kWanted[i].needed) {
      return fail(ErrorCode::unsupported, fmt::format("the executable does not name {}", names[i]),
                  elf.has_symbols() ? "its symbol table lacks it" : "its symbols were stripped",
                  "build it without -ldflags=-s and without strip");
    }
  }
  return found;
}

Result<go::FunctionTable> load_functions(const target::Memory& memory,
                                         const RuntimeVariables& variables,
                                         const go::Release& release) {
  CS_TRY(auto modules, go::read_modules(memory, variables.firstmoduledata, release));
  return go::FunctionTable::load(memory, std::move(modules), release);
}

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

}  // namespace

Result<void> understand(const Image& image, OpenedProgram& opened, Stopwatch& watch) {
  const binary::Elf& elf = image.elf;
  const target::Memory& memory = *opened.memory;
  Runtime& runtime = opened.runtime;
  runtime.memory = &memory;
  CS_TRY(const go::BuildInfo build, go::read_build_info(elf));
  CS_TRY(const go::Arch arch, go::arch_of(elf));
  CS_TRY(const go::Release release, go::parse_release(build.version, arch));
  CS_TRY(runtime.layout, go::choose_layout(elf, release));
  watch.lap("layouts");

  CS_TRY(runtime.variables, find_variables(elf, image.bias));
  watch.lap("symbols");

  CS_TRY(auto functions, load_functions(memory, runtime.variables, release));
  opened.functions.emplace(std::move(functions));
  runtime.functions = &*opened.functions;
  watch.lap("functions");

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
