// Core files from arbitrary bytes.

#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "target/core_file.h"

namespace {

/// One file for all inputs: making one takes longer than reading it.
int file_of(const std::uint8_t* data, std::size_t size) {
  static const int file = memfd_create("core", MFD_CLOEXEC);
  if (ftruncate(file, 0) != 0) return -1;
  if (pwrite(file, data, size, 0) != static_cast<ssize_t>(size)) return -1;
  return dup(file);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chanspect;
  auto opened = target::CoreFile::open(UniqueFd(file_of(data, size)), "core");
  if (!opened) return opened.error().why.empty() ? 1 : 0;
  target::CoreFile& core = **opened;
  if (!core.files().empty()) core.attach(core.files().front().path, UniqueFd(file_of(data, size)));
  core.attach(core.files(), UniqueFd(file_of(data, size)));

  std::array<std::byte, 100> bytes{};
  std::vector<target::Range> ranges;
  const auto touch = [&](Address address) {
    if (const auto read = core.read(address, bytes); !read && read.error().why.empty())
      __builtin_trap();
    ranges.push_back({address, 8});
  };
  Address before = 0;
  for (const target::CoreMapping& mapping : core.mappings()) {
    if (mapping.memory.address < before || mapping.saved > mapping.promised ||
        mapping.promised > mapping.memory.size)
      __builtin_trap();
    before = mapping.memory.end();
    touch(mapping.memory.address);
    touch(mapping.memory.address + mapping.saved - 4);
    touch(mapping.memory.end() - 4);
    if (ranges.size() > 3000) break;
  }
  for (const target::FileMapping& file : core.files()) {
    touch(file.memory.end() - 50);
    if (ranges.size() > 6000) break;
  }
  for (const target::ThreadRegisters& thread : core.threads()) ranges.push_back({thread.sp, 8});
  std::vector<std::byte> into(ranges.size() * 8);
  std::vector<std::uint32_t> failed;
  if (!core.read_ranges(ranges, into, failed)) __builtin_trap();
  return core.writable().size() > core.mappings().size() ? 1 : 0;
}
