#pragma once

#include <elf.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "base/unique_fd.h"

/// ELF cores made by hand, right in every byte until a test says otherwise.
namespace chanspect::testing {

template <class T>
std::string bytes_of(const T& value) {
  return {reinterpret_cast<const char*>(&value), sizeof(value)};
}

inline std::string padded(std::string text, std::size_t multiple) {
  text.resize((text.size() + multiple - 1) / multiple * multiple);
  return text;
}

inline std::string note(std::uint32_t type, std::string_view owner, const std::string& contents) {
  const Elf64_Nhdr header{static_cast<Elf64_Word>(owner.size() + 1),
                          static_cast<Elf64_Word>(contents.size()), type};
  return bytes_of(header) + padded(std::string(owner) + '\0', 4) + padded(contents, 4);
}

/// NT_PRSTATUS of amd64 with the registers that matter.
inline std::string amd64_status(std::int32_t tid, std::int16_t signal, std::uint64_t pc,
                                std::uint64_t sp, std::uint64_t bp, std::uint64_t fs_base) {
  std::string status(336, '\0');
  const auto put = [&](std::size_t at, const auto& value) {
    std::memcpy(status.data() + at, &value, sizeof(value));
  };
  put(12, signal);
  put(32, tid);
  put(112 + 16 * 8, pc);
  put(112 + 19 * 8, sp);
  put(112 + 4 * 8, bp);
  put(112 + 21 * 8, fs_base);
  return note(NT_PRSTATUS, "CORE", status);
}

inline std::string arm64_status(std::int32_t tid, std::uint64_t pc, std::uint64_t sp,
                                std::uint64_t bp, std::uint64_t lr) {
  std::string status(392, '\0');
  const auto put = [&](std::size_t at, const auto& value) {
    std::memcpy(status.data() + at, &value, sizeof(value));
  };
  put(32, tid);
  put(112 + 29 * 8, bp);
  put(112 + 30 * 8, lr);
  put(112 + 31 * 8, sp);
  put(112 + 32 * 8, pc);
  return note(NT_PRSTATUS, "CORE", status);
}

struct NotedFile {
  std::uint64_t begin, end, offset;
  std::string path;
};

inline std::string file_note(const std::vector<NotedFile>& files, std::uint64_t unit = 4096) {
  std::string rows = bytes_of(std::uint64_t{files.size()}) + bytes_of(unit);
  std::string paths;
  for (const NotedFile& file : files) {
    rows += bytes_of(file.begin) + bytes_of(file.end) + bytes_of(file.offset / unit);
    paths += file.path + '\0';
  }
  return note(NT_FILE, "CORE", rows + paths);
}

struct CoreSegmentToBuild {
  std::uint64_t address, memory_size;
  std::uint32_t flags;
  std::string saved;
};

/// The kernel's order: headers, notes, memory by pages.
struct CoreBuilder {
  std::uint16_t machine = EM_X86_64;
  std::uint16_t type = ET_CORE;
  std::string notes;
  std::vector<CoreSegmentToBuild> segments;
  bool many = false;  ///< count program headers as cores with 65,535 and more do

  std::string build() const {
    Elf64_Ehdr header{};
    std::memcpy(header.e_ident, ELFMAG, SELFMAG);
    header.e_ident[EI_CLASS] = ELFCLASS64;
    header.e_ident[EI_DATA] = ELFDATA2LSB;
    header.e_ident[EI_VERSION] = EV_CURRENT;
    header.e_type = type;
    header.e_machine = machine;
    header.e_version = EV_CURRENT;
    header.e_phoff = sizeof(Elf64_Ehdr);
    header.e_ehsize = sizeof(Elf64_Ehdr);
    header.e_phentsize = sizeof(Elf64_Phdr);
    const std::size_t count = segments.size() + 1;
    header.e_phnum = many ? PN_XNUM : static_cast<std::uint16_t>(count);

    const std::size_t notes_at = sizeof(Elf64_Ehdr) + count * sizeof(Elf64_Phdr);
    std::string headers;
    std::string contents = padded(std::string(notes_at, '\0') + notes, 4096);
    Elf64_Phdr of_notes{};
    of_notes.p_type = PT_NOTE;
    of_notes.p_offset = notes_at;
    of_notes.p_filesz = notes.size();
    headers += bytes_of(of_notes);
    for (const auto& segment : segments) {
      Elf64_Phdr load{};
      load.p_type = PT_LOAD;
      load.p_flags = segment.flags;
      load.p_offset = contents.size();
      load.p_vaddr = segment.address;
      load.p_filesz = segment.saved.size();
      load.p_memsz = segment.memory_size;
      load.p_align = 4096;
      headers += bytes_of(load);
      contents += segment.saved;
    }
    if (many) {
      header.e_shoff = contents.size();
      header.e_shnum = 1;
      header.e_shentsize = sizeof(Elf64_Shdr);
      Elf64_Shdr section{};
      section.sh_info = static_cast<Elf64_Word>(count);
      contents += bytes_of(section);
    }
    contents.replace(0, sizeof(header), bytes_of(header));
    contents.replace(sizeof(header), headers.size(), headers);
    return contents;
  }
};

/// A file in memory that holds these bytes.
inline UniqueFd memory_file(std::string_view bytes) {
  UniqueFd file(memfd_create("test", MFD_CLOEXEC));
  if (!file || write(file.get(), bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()))
    throw std::runtime_error("memfd_create");
  return file;
}

}  // namespace chanspect::testing
