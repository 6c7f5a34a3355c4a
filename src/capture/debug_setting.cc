#include "capture/debug_setting.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace chanspect::capture {
namespace {

constexpr std::uint64_t kMostSettings = 1024;
constexpr int kFirstWithPointers = 21;  // before, dbgvars held the structs themselves

/// runtime1.go: type dbgVar.
struct DebugVariable {
  Address name = 0;
  std::uint64_t name_length = 0;
  Address value = 0, atomic = 0;
  std::int32_t default_value = 0, padding = 0;
};

bool is_named(const target::Memory& memory, const DebugVariable& variable, std::string_view name) {
  if (variable.name_length != name.size()) return false;
  std::string text(name.size(), '\0');
  return memory.read(variable.name, std::as_writable_bytes(std::span(text))) && text == name;
}

}  // namespace

std::optional<std::int32_t> read_debug_setting(const Runtime& runtime, std::string_view name) {
  if (runtime.variables.dbgvars == 0 || runtime.layout.release.minor < kFirstWithPointers)
    return std::nullopt;
  const target::Memory& memory = *runtime.memory;
  using Slice = std::array<std::uint64_t, 2>;  // address, length
  const auto slice = target::read_value<Slice>(memory, runtime.variables.dbgvars);
  if (!slice) return std::nullopt;
  std::vector<Address> variables(std::min((*slice)[1], kMostSettings));
  if (!memory.read((*slice)[0], std::as_writable_bytes(std::span(variables)))) return std::nullopt;
  for (const Address address : variables) {
    const auto variable = target::read_value<DebugVariable>(memory, address);
    if (!variable || !is_named(memory, *variable, name)) continue;
    const Address value = variable->value != 0 ? variable->value : variable->atomic;
    const auto read = target::read_value<std::int32_t>(memory, value);
    return read ? std::optional(*read) : std::nullopt;
  }
  return std::nullopt;
}

}  // namespace chanspect::capture
