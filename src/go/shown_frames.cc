#include "go/shown_frames.h"

namespace chanspect::go {
namespace {

bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}

/// traceback.go: isExportedRuntime. `name` is without "runtime.". Methods are told from functions
/// only from 1.23 on.
bool is_exported_runtime(std::string_view name, const Release& release) {
  const std::size_t dot = name.rfind('.');
  if (release.minor < 23 || dot == std::string_view::npos)
    return !name.empty() && is_upper(name[0]);
  std::string_view receiver = name.substr(0, dot);
  name.remove_prefix(dot + 1);
  if (receiver.size() >= 3 && receiver.starts_with("(*") && receiver.ends_with(')')) {
    receiver.remove_prefix(2);
    receiver.remove_suffix(1);
  }
  return !name.empty() && is_upper(name[0]) && (receiver.empty() || is_upper(receiver[0]));
}

bool is_shown_by_name(std::string_view function, FuncId id, const Release& release) {
  constexpr std::string_view kRuntime = "runtime.";
  const bool runs_callbacks = id == FuncId::runfinq || id == FuncId::run_cleanups;
  if (release.minor >= 25 && runs_callbacks) return true;
  if (!function.starts_with(kRuntime)) return function.find('.') != std::string_view::npos;
  return is_exported_runtime(function.substr(kRuntime.size()), release);
}

/// A package itself, or one below it.
bool is_in(std::string_view package, std::string_view root) {
  return package.starts_with(root) &&
         (package.size() == root.size() || package[root.size()] == '/');
}

}  // namespace

std::string_view package_of(std::string_view function) {
  const std::string_view plain = function.substr(0, function.find('['));
  const std::size_t slash = plain.rfind('/');
  const std::size_t dot = plain.find('.', slash == std::string_view::npos ? 0 : slash);
  return plain.substr(0, dot);
}

FrameClass classify(std::string_view function, FuncId id, const Release& release) {
  const std::string_view package = package_of(function);
  FrameClass result;
  result.shown_by_name = is_shown_by_name(function, id, release);
  result.wrapper = id == FuncId::wrapper;
  result.gopanic = function == "runtime.gopanic";
  result.runtime = package == "runtime" || is_in(package, "runtime/internal") ||
                   is_in(package, "internal/runtime") || package == "internal/abi" ||
                   package == "internal/bytealg";
  // time.Sleep is the runtime's; reflect waits for whoever uses it to select, send or receive.
  result.passing = is_in(package, "runtime") || is_in(package, "sync") ||
                   is_in(package, "internal") || package == "syscall" || package == "reflect" ||
                   function == "time.Sleep";
  return result;
}

bool is_shown(const FrameClass& frame, bool first, FuncId callee) {
  const bool called_panic =
      callee == FuncId::gopanic || callee == FuncId::sigpanic || callee == FuncId::panicwrap;
  if (frame.wrapper && !called_panic) return false;
  return frame.shown_by_name || (frame.gopanic && !first);
}

}  // namespace chanspect::go
