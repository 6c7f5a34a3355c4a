// From a pid to an understood Go runtime: executable, release, layouts, variables, functions.

#include "capture/open.h"

#include <elf.h>
#include <fmt/format.h>

#include <array>

#include "capture/self_check.h"
#include "capture/stopwatch.h"
#include "go/build_info.h"
#include "go/module.h"
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
  return elf;
}

Result<void> check_machine(const binary::Elf& elf, std::int32_t pid) {
  if (elf.machine() == kOurMachine) return {};
  return fail(ErrorCode::unsupported, fmt::format("cannot read process {}", pid),
              "its executable is for another kind of processor than this chanspect");
}

/// How far from its file's addresses the kernel has put a position-independent executable.
Result<std::uint64_t> load_bias(const binary::Elf& elf, std::int32_t pid) {
  if (elf.type() != ET_DYN) return 0;
  CS_TRY(const std::uint64_t entry, target::entry_point(pid));
  return entry - elf.entry();
}

Result<RuntimeVariables> find_variables(const binary::Elf& elf, std::uint64_t bias) {
  RuntimeVariables found;
  struct Wanted {
    std::string_view name;
    Address RuntimeVariables::* variable;
    bool needed;
  };
  static constexpr std::array<Wanted, 9> kWanted = {{
      {"runtime.allglen", &RuntimeVariables::allglen, true},
      {"runtime.allgptr", &RuntimeVariables::allgptr, true},
      {"runtime.allp", &RuntimeVariables::allp, false},
      {"runtime.allm", &RuntimeVariables::allm, false},
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

Result<void> understand(std::int32_t pid, OpenedProcess& opened) {
  Stopwatch watch(nullptr, opened.phases);

  CS_TRY(const target::ProcessFacts facts, target::process_facts(pid));
  CS_TRY(const binary::Elf elf, open_executable(pid, facts.name));
  const auto build = go::read_build_info(elf);
  if (!build) return std::unexpected(not_go(pid, facts.name, build.error()));
  CS_CHECK(check_machine(elf, pid));
  CS_TRY(const go::Release release, go::parse_release(build->version));
  watch.lap("executable");

  CS_TRY(opened.memory, target::LiveMemory::open(pid));
  const target::Memory& memory = *opened.memory;
  watch.now_reads(memory);
  Runtime& runtime = opened.runtime;
  runtime.memory = &memory;
  runtime.clock_offset_ns = target::monotonic_offset_ns(pid);
  CS_TRY(runtime.layout, go::choose_layout(elf, release));
  watch.lap("layouts");

  CS_TRY(const std::uint64_t bias, load_bias(elf, pid));
  CS_TRY(runtime.variables, find_variables(elf, bias));
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
  source.pid = pid;
  source.name = facts.name;
  source.executable = facts.executable;
  source.go_version = release.name();
  source.build_id = elf.gnu_build_id().empty() ? elf.go_build_id() : elf.gnu_build_id();
  source.layout_source = runtime.layout.source;
  source.uptime_ns = facts.uptime_ns;
  return {};
}

}  // namespace

Result<std::unique_ptr<OpenedProcess>> open_process(std::int32_t pid) {
  auto opened = std::make_unique<OpenedProcess>();
  auto understood = understand(pid, *opened);
  if (understood) return opened;
  if (opened->memory && opened->memory->ends_within(target::LiveMemory::kDyingMs))
    return fail(ErrorCode::gone, fmt::format("process {} ended while it was opened", pid));
  return std::unexpected(std::move(understood).error());
}

}  // namespace chanspect::capture
