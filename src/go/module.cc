// runtime.moduledata (runtime/symtab.go), chained from firstmoduledata.

#include "go/module.h"

#include <algorithm>
#include <string_view>

#include "base/bytes.h"
#include "go/layout_table.h"

namespace chanspect::go {
namespace {

constexpr std::size_t kMostModules = 256;            // an executable and its plugins
constexpr std::uint64_t kLargestTable = 1ULL << 30;  // of one part of a pclntab
constexpr std::uint64_t kLargestModuledata = 4096;   // it has some 600 bytes
constexpr std::uint64_t kLongestName = 4096;         // of a plugin
constexpr std::uint32_t kMagic118 = 0xfffffff0;      // abi.Go118PCLnTabMagic
constexpr std::uint32_t kMagic120 = 0xfffffff1;      // abi.Go120PCLnTabMagic
constexpr std::uint64_t kFunctabEntry = 8;           // runtime.functab: two u32

/// Offsets of the fields of moduledata that we read, in one release.
struct Offsets {
  std::uint32_t size = 0;
  std::uint32_t pc_header = 0, function_names = 0, cu_table = 0, file_table = 0, pc_table = 0,
                function_data = 0, ftab = 0;
  std::uint32_t text = 0, etext = 0, types = 0, etypes = 0, data = 0, edata = 0, bss = 0, ebss = 0,
                noptrdata = 0, enoptrdata = 0, noptrbss = 0, enoptrbss = 0, gofunc = 0, rodata = 0,
                name = 0, next = 0;
};

Result<Offsets> offsets_of(const Release& release) {
  Offsets offsets;
  const std::pair<std::string_view, std::uint32_t*> fields[] = {
      {"pcHeader", &offsets.pc_header},
      {"funcnametab", &offsets.function_names},
      {"cutab", &offsets.cu_table},
      {"filetab", &offsets.file_table},
      {"pctab", &offsets.pc_table},
      {"pclntable", &offsets.function_data},
      {"ftab", &offsets.ftab},
      {"text", &offsets.text},
      {"etext", &offsets.etext},
      {"types", &offsets.types},
      {"etypes", &offsets.etypes},
      {"data", &offsets.data},
      {"edata", &offsets.edata},
      {"bss", &offsets.bss},
      {"ebss", &offsets.ebss},
      {"noptrdata", &offsets.noptrdata},
      {"enoptrdata", &offsets.enoptrdata},
      {"noptrbss", &offsets.noptrbss},
      {"enoptrbss", &offsets.enoptrbss},
      {"gofunc", &offsets.gofunc},
      {"rodata", &offsets.rodata},
      {"modulename", &offsets.name},
      {"next", &offsets.next}};
  const LayoutTable table(release);
  const auto unknown = [&] {
    return fail(ErrorCode::unknown_release, "no layout of runtime.moduledata for " + release.text);
  };
  const auto size = table.size("moduledata");
  if (!size || *size > kLargestModuledata) return unknown();
  offsets.size = *size;
  for (const auto& [name, offset] : fields) {
    const auto found = table.offset("moduledata", name);
    if (!found) return unknown();
    *offset = *found;
  }
  return offsets;
}

/// The bytes of a Go slice whose header lies at `offset`; an empty range where they make no sense.
target::Range slice_at(Bytes bytes, std::uint32_t offset, std::uint64_t element_size) {
  const auto address = load<std::uint64_t>(bytes, offset);
  const auto length = load<std::uint64_t>(bytes, offset + 8);
  if (!address || !length || *length > kLargestTable / element_size) return {};
  const target::Range range{*address, *length * element_size};
  return range.end() < range.address ? target::Range{} : range;
}

Module parse(Bytes bytes, const Offsets& at, const Release& release) {
  const auto word = [&](std::uint32_t offset) {
    return load<std::uint64_t>(bytes, offset).value_or(0);
  };
  Module module;
  module.text = word(at.text);
  module.etext = word(at.etext);
  module.types = word(at.types);
  module.etypes = word(at.etypes);
  module.data = word(at.data);
  module.edata = word(at.edata);
  module.bss = word(at.bss);
  module.ebss = word(at.ebss);
  module.noptrdata = word(at.noptrdata);
  module.enoptrdata = word(at.enoptrdata);
  module.noptrbss = word(at.noptrbss);
  module.enoptrbss = word(at.enoptrbss);
  module.gofunc = word(at.gofunc);
  module.rodata = word(at.rodata);
  module.pclntab = word(at.pc_header);
  module.function_names = slice_at(bytes, at.function_names, 1);
  // Up to 1.25 the linker wrote the table's size in bytes as the length of this []uint32.
  module.cu_table = slice_at(bytes, at.cu_table, release.minor < 26 ? 1 : 4);
  module.file_table = slice_at(bytes, at.file_table, 1);
  module.pc_table = slice_at(bytes, at.pc_table, 1);
  module.function_data = slice_at(bytes, at.function_data, 1);
  module.ftab = slice_at(bytes, at.ftab, kFunctabEntry);
  return module;
}

std::string read_name(const target::Memory& memory, target::Range range) {
  std::string name(std::min(range.size, kLongestName), '\0');
  if (!memory.read(range.address, std::as_writable_bytes(std::span(name)))) name.clear();
  return name;
}

/// What runtime.moduledataverify1 checks, as far as one can without reading the tables.
Result<void> check(const target::Memory& memory, const Module& module, Arch arch) {
  const auto bad = [](std::string why) {
    return fail(ErrorCode::bad_data, "the Go module data makes no sense", std::move(why));
  };
  struct Header {
    std::uint32_t magic;
    std::uint8_t pad1, pad2, min_lc, pointer_size;
  };
  CS_TRY(const auto header, target::read_value<Header>(memory, module.pclntab));
  if (header.magic != kMagic118 && header.magic != kMagic120) return bad("pclntab magic");
  if (header.min_lc != pc_quantum(arch) || header.pointer_size != 8) return bad("pclntab header");
  if (module.text == 0 || module.text >= module.etext) return bad("text bounds");
  if (module.types > module.etypes) return bad("types bounds");
  const target::Range& ftab = module.ftab;
  const target::Range& data = module.function_data;
  // The last entry only marks the end of the text.
  if (ftab.size < 2 * kFunctabEntry) return bad("no functions");
  if (!data.contains(ftab.address) || ftab.end() > data.end()) return bad("functab bounds");
  if (module.function_names.size == 0 || module.pc_table.size == 0) return bad("empty pclntab");
  return {};
}

}  // namespace

Result<std::vector<Module>> read_modules(const target::Memory& memory, Address first,
                                         const Release& release) {
  CS_TRY(const auto offsets, offsets_of(release));
  std::vector<Module> modules;
  std::vector<Address> seen;
  Address next = first;
  while (next != 0 && std::ranges::find(seen, next) == seen.end() && seen.size() < kMostModules) {
    seen.push_back(next);
    std::vector<std::byte> bytes(offsets.size);
    auto read = memory.read(next, bytes);
    Module module;
    if (read) {
      module = parse(bytes, offsets, release);
      module.address = next;
      read = check(memory, module, release.arch);
    }
    // Only the executable itself must be sound; a plugin may be half loaded.
    if (!read && modules.empty()) return std::unexpected(std::move(read).error());
    if (read) {
      module.name = read_name(memory, slice_at(bytes, offsets.name, 1));
      modules.push_back(std::move(module));
    }
    next = load<std::uint64_t>(bytes, offsets.next).value_or(0);
  }
  if (modules.empty()) return fail(ErrorCode::bad_data, "no Go module data");
  return modules;
}

}  // namespace chanspect::go
