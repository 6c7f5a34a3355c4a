#include "target/core_headers.h"

#include <elf.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <utility>

#include "base/bytes.h"
#include "target/core_kind.h"
#include "target/positional_read.h"

namespace chanspect::target {
namespace {

/// More mappings than any process has: the kernel allows 65,530 unless told otherwise
/// (vm.max_map_count), and databases tell it 262,144.
constexpr std::uint64_t kMostSegments = 1 << 20;
/// Those who write cores write one.
constexpr std::size_t kMostNotes = 16;

std::unexpected<Error> no_core(const std::string& path, std::string why, std::string hint = {}) {
  return fail(ErrorCode::bad_data, path + " is no core", std::move(why), std::move(hint));
}

std::unexpected<Error> broken(const std::string& path, std::string why) {
  return fail(ErrorCode::bad_data, "cannot read core " + path, std::move(why));
}

std::unexpected<Error> foreign(const std::string& path, std::string why) {
  return fail(ErrorCode::unsupported, "cannot read core " + path, std::move(why));
}

Result<Elf64_Ehdr> read_file_header(int file, std::uint64_t size, const std::string& path) {
  std::array<std::byte, kKindBytes> buffer{};
  const Bytes start = std::span(buffer).first(read_at(file, 0, buffer));
  const auto header = load<Elf64_Ehdr>(start, 0);
  const bool is_elf = start.size() >= SELFMAG && std::memcmp(start.data(), ELFMAG, SELFMAG) == 0;
  if (!is_elf) return no_core(path, "it is " + kind_of_file(start, size));
  if (!header) return broken(path, "it is cut short inside its first header");
  if (header->e_ident[EI_DATA] == ELFDATA2MSB)
    return foreign(path, "it is of a big-endian machine");
  if (header->e_type != ET_CORE)
    return no_core(path, "it is " + kind_of_file(start, size),
                   header->e_type == ET_EXEC || header->e_type == ET_DYN
                       ? "name the core, and this file with --exe"
                       : "");
  if (header->e_ident[EI_CLASS] == ELFCLASS32) return foreign(path, "it is of a 32-bit process");
  if (header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_ident[EI_DATA] != ELFDATA2LSB)
    return broken(path, "its first header is of no known class");
  if (header->e_machine != EM_X86_64 && header->e_machine != EM_AARCH64)
    return foreign(path, fmt::format("it is of a process on {}; amd64 and arm64 are understood",
                                     machine_name(header->e_machine)));
  return *header;
}

/// How many program headers there are. 65,535 and more do not fit into the first header, and are
/// counted by a section header behind all contents (elf(5): PN_XNUM), which is the first that a cut
/// takes away. Then the distance to the first contents tells.
std::uint64_t count_program_headers(int file, const Elf64_Ehdr& header) {
  if (header.e_phnum != PN_XNUM) return header.e_phnum;
  const auto section = load_at<Elf64_Shdr>(file, header.e_shoff);
  if (header.e_shoff != 0 && section && section->sh_info >= PN_XNUM) return section->sh_info;
  const auto first = load_at<Elf64_Phdr>(file, header.e_phoff);
  if (!first || first->p_offset <= header.e_phoff) return 0;
  return (first->p_offset - header.e_phoff) / sizeof(Elf64_Phdr);
}

Result<std::vector<Elf64_Phdr>> read_program_headers(int file, std::uint64_t size,
                                                     const Elf64_Ehdr& header,
                                                     const std::string& path) {
  const std::uint64_t count = count_program_headers(file, header);
  if (count == 0) return broken(path, "it has no program headers");
  if (header.e_phentsize != sizeof(Elf64_Phdr))
    return broken(path, fmt::format("its program headers are of {} bytes, not of {}",
                                    header.e_phentsize, sizeof(Elf64_Phdr)));
  if (count > kMostSegments)
    return broken(path, fmt::format("it claims an impossible {} program headers", count));
  if (header.e_phoff > size || (size - header.e_phoff) / sizeof(Elf64_Phdr) < count)
    return broken(path, fmt::format("it is cut short inside its program headers, which would end "
                                    "at byte {}, and the file has {}: no memory is left in it",
                                    header.e_phoff + count * sizeof(Elf64_Phdr), size));
  std::vector<Elf64_Phdr> headers(count);
  const auto bytes = std::as_writable_bytes(std::span(headers));
  if (read_at(file, header.e_phoff, bytes) != bytes.size())
    return fail(ErrorCode::io, "cannot read core " + path, "its program headers do not read");
  return headers;
}

std::uint64_t sum_up(std::uint64_t a, std::uint64_t b) {
  return b > std::numeric_limits<std::uint64_t>::max() - a
             ? std::numeric_limits<std::uint64_t>::max()
             : a + b;
}

/// How many of the bytes that a header puts at `offset` the file holds; the others are counted.
std::uint64_t held(std::uint64_t offset, std::uint64_t length, std::uint64_t size,
                   CoreHeaders& headers) {
  const std::uint64_t there = offset < size ? std::min(length, size - offset) : 0;
  headers.bytes_missing = sum_up(headers.bytes_missing, length - there);
  headers.truncated = headers.truncated || there < length;
  return there;
}

bool overflows(std::uint64_t begin, std::uint64_t length) {
  return length > std::numeric_limits<std::uint64_t>::max() - begin;
}

CoreSegment segment_of(const Elf64_Phdr& header) {
  const std::uint64_t promised = std::min(header.p_filesz, header.p_memsz);
  return {{.memory = {header.p_vaddr, header.p_memsz},
           .readable = (header.p_flags & PF_R) != 0,
           .writable = (header.p_flags & PF_W) != 0,
           .executable = (header.p_flags & PF_X) != 0,
           .promised = promised},
          header.p_offset};
}

/// Takes `bytes` off the front of a segment.
void cut_front(CoreSegment& segment, std::uint64_t bytes) {
  segment.mapping.memory.address += bytes;
  segment.mapping.memory.size -= bytes;
  segment.mapping.promised -= std::min(segment.mapping.promised, bytes);
  segment.file_offset += bytes;
}

/// Sorts segments and makes them disjoint: of two that claim a byte, the one that begins first
/// keeps it.
void separate(CoreHeaders& headers) {
  auto& segments = headers.segments;
  std::ranges::sort(segments, {}, [](const CoreSegment& segment) {
    return std::pair(segment.mapping.memory.address, segment.file_offset);
  });
  std::uint64_t taken = 0;  // up to here
  std::erase_if(segments, [&](CoreSegment& segment) {
    const Range& memory = segment.mapping.memory;
    if (memory.address < taken) {
      ++headers.ignored_segments;
      if (memory.end() <= taken) return true;
      cut_front(segment, taken - memory.address);
    }
    taken = memory.end();
    return false;
  });
}

/// Notes are read in whatever order they come, but no byte of them twice.
bool was_noted(const std::vector<CoreNotes>& notes, const Elf64_Phdr& header) {
  return std::ranges::any_of(notes, [&](const CoreNotes& other) {
    return header.p_offset < other.file_offset + other.size &&
           other.file_offset < header.p_offset + header.p_filesz;
  });
}

void sort_out(const std::vector<Elf64_Phdr>& program_headers, std::uint64_t size,
              CoreHeaders& headers) {
  for (const Elf64_Phdr& header : program_headers) {
    if (header.p_type != PT_LOAD && header.p_type != PT_NOTE) continue;
    if (overflows(header.p_offset, header.p_filesz) || overflows(header.p_vaddr, header.p_memsz)) {
      ++headers.ignored_segments;
    } else if (header.p_type == PT_LOAD) {
      if (header.p_memsz > 0) headers.segments.push_back(segment_of(header));
    } else if (headers.notes.size() < kMostNotes && !was_noted(headers.notes, header)) {
      headers.notes.push_back(
          {header.p_offset, held(header.p_offset, header.p_filesz, size, headers)});
    }
  }
  separate(headers);
  for (CoreSegment& segment : headers.segments)
    segment.mapping.saved = held(segment.file_offset, segment.mapping.promised, size, headers);
}

}  // namespace

Result<CoreHeaders> read_core_headers(int file, std::uint64_t size, const std::string& path) {
  CS_TRY(const Elf64_Ehdr header, read_file_header(file, size, path));
  CS_TRY(const auto program_headers, read_program_headers(file, size, header, path));
  CoreHeaders headers;
  headers.machine = header.e_machine;
  sort_out(program_headers, size, headers);
  return headers;
}

}  // namespace chanspect::target
