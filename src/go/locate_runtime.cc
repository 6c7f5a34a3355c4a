#include "go/locate_runtime.h"

#include <algorithm>
#include <array>

#include "go/find_modules.h"
#include "go/module.h"
#include "go/variables_in_code.h"

namespace chanspect::go {
namespace {

struct Variable {
  std::string_view name;  ///< as -v calls it
  std::string_view symbol;
  Address RuntimeVariables::* place;
};

constexpr auto kVariables = std::to_array<Variable>({
    {"allgs", "runtime.allglen", &RuntimeVariables::allglen},
    {"allgs", "runtime.allgptr", &RuntimeVariables::allgptr},
    {"allp", "runtime.allp", &RuntimeVariables::allp},
    {"allm", "runtime.allm", &RuntimeVariables::allm},
    {"sched", "runtime.sched", &RuntimeVariables::sched},
    {"semtable", "runtime.semtable", &RuntimeVariables::semtable},
    {"memstats", "runtime.memstats", &RuntimeVariables::memstats},
    {"modules", "runtime.firstmoduledata", &RuntimeVariables::firstmoduledata},
    {"wait reasons", "runtime.waitReasonStrings", &RuntimeVariables::wait_reason_strings},
    {"dbgvars", "runtime.dbgvars", &RuntimeVariables::dbgvars},
});

RuntimeVariables variables_by_symbol(const RunningImage& image) {
  RuntimeVariables variables;
  std::array<std::string_view, kVariables.size()> names;
  std::ranges::transform(kVariables, names.begin(), &Variable::symbol);
  const auto symbols = image.elf().find_symbols(names);
  for (std::size_t i = 0; i < names.size(); ++i)
    if (symbols[i]) variables.*kVariables[i].place = symbols[i]->address + image.bias();
  return variables;
}

bool all_found(const RuntimeVariables& variables) {
  return std::ranges::all_of(
      kVariables, [&](const Variable& variable) { return variables.*variable.place != 0; });
}

Result<FunctionTable> load_functions(const RunningImage& image, RuntimeVariables& variables,
                                     const Release& release, Findings& findings) {
  if (variables.firstmoduledata == 0) {
    CS_TRY(const FoundModules found, find_modules(image, release));
    variables.firstmoduledata = found.first;
    findings.emplace_back("modules", found.how);
  }
  CS_TRY(auto modules, read_modules(image.memory(), variables.firstmoduledata, release));
  return FunctionTable::load(image.memory(), std::move(modules), release);
}

/// "code of runtime.allgadd: allgs; …; unknown: dbgvars"
std::string describe(const RuntimeVariables& variables, const Findings& findings) {
  std::string text;
  const auto add = [&](std::string_view name, std::string_view how) {
    text.append(text.empty() ? "" : ", ").append(name).append(" by ").append(how);
  };
  if (findings.empty()) text = "symbol table";
  for (const auto& [name, how] : findings) add(name, how);
  std::string_view last;
  std::string unknown;
  for (const Variable& variable : kVariables)
    if (variables.*variable.place == 0 && variable.name != last)
      unknown.append(unknown.empty() ? "" : ", ").append(last = variable.name);
  return unknown.empty() ? text : text + "; unknown: " + unknown;
}

}  // namespace

Result<LocatedRuntime> locate_runtime(const RunningImage& image, const RuntimeLayout& layout) {
  Findings findings;
  RuntimeVariables variables = variables_by_symbol(image);
  CS_TRY(FunctionTable functions, load_functions(image, variables, layout.release, findings));
  if (!all_found(variables)) {
    find_variables_in_code(image, functions, layout, variables, findings);
    find_allgs_by_look(image, functions, layout, variables, findings);
  }
  if (variables.allgptr == 0 || variables.allglen == 0)
    return fail(ErrorCode::unsupported, "cannot find the list of goroutines",
                image.elf().has_symbols() ? "the symbol table does not name it, and nothing in the "
                                            "data looks like it"
                                          : "the symbols were stripped, and neither code nor data "
                                            "tell where it is",
                "build the program without -ldflags=-s and without strip");
  std::string source = describe(variables, findings);
  return LocatedRuntime{variables, std::move(functions), std::move(source)};
}

}  // namespace chanspect::go
