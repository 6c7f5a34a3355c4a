// Prints what the DWARF of a Go executable says of structs and variables of package runtime, in the
// form of data/go-layouts.tsv without the architecture, for scripts/make-layouts:
//   layouts_of_binary FILE [size NAME | var NAME]...
//   size	runtime.g	456
//   field	runtime/g.sched.pc	64
//   var	runtime.semtable	16064
// A name that the executable does not have is left out: the linker drops what nobody uses.

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

#include "binary/debug_info.h"
#include "binary/elf.h"

using namespace chanspect;

namespace {

constexpr std::string_view kPackage = "runtime";

void print(const char* kind, const std::string& name, std::uint32_t value) {
  std::printf("%s\t%s\t%u\n", kind, name.c_str(), value);
}

void print_struct(const binary::DebugInfo& info, const std::string& name) {
  const auto size = info.struct_size(name);
  if (!size) return;
  print("size", name, *size);
  const std::string prefix = "runtime/" + name.substr(kPackage.size() + 1) + ".";
  for (const auto& field : info.fields(name)) print("field", prefix + field.path, field.offset);
}

int run(int argc, const char* const* argv) {
  const auto elf = binary::Elf::open(argv[1]);
  if (!elf) {
    std::fprintf(stderr, "%s\n", elf.error().message().c_str());
    return 1;
  }
  const auto info = binary::DebugInfo::read(*elf, kPackage);
  if (!info) {
    std::fprintf(stderr, "%s: %s\n", argv[1], info.error().message().c_str());
    return 1;
  }
  for (int i = 2; i + 1 < argc; i += 2) {
    const std::string_view kind = argv[i];
    const std::string name = argv[i + 1];
    if (kind == "size") print_struct(*info, name);
    if (kind == "var")
      if (const auto variable = info->variable(name)) print("var", name, variable->size);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: layouts_of_binary FILE [size NAME | var NAME]...\n");
    return 2;
  }
  return run(argc, argv);
}
