#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace chanspect::binary {

struct Section {
  std::string_view name;
  std::uint32_t type = 0;
  std::uint64_t flags = 0, address = 0, offset = 0, size = 0, link = 0, entry_size = 0;
};

struct Segment {
  std::uint32_t type = 0, flags = 0;
  std::uint64_t offset = 0, address = 0, file_size = 0, memory_size = 0;
};

struct Symbol {
  std::string_view name;
  std::uint64_t address = 0, size = 0;
};

/// A little-endian 64-bit ELF file. Every offset of the file is checked before it is followed. The
/// views it gives live as long as it does. Pieces are read when first asked for and kept (see
/// FileBytes): a file cut short meanwhile gives empty contents, never a SIGBUS. Safe to use from
/// several threads.
class Elf {
 public:
  /// Opens the file behind a path such as /proc/PID/exe.
  static Result<Elf> open(const std::string& path);
  /// Reads an image in memory; `bytes` must outlive the Elf. For tests and fuzzing.
  static Result<Elf> parse(Bytes bytes);

  Elf(Elf&&) noexcept;
  Elf& operator=(Elf&&) noexcept;
  ~Elf();

  std::uint16_t machine() const;  ///< EM_X86_64, EM_AARCH64
  std::uint16_t type() const;     ///< ET_EXEC, ET_DYN, ET_CORE
  std::uint64_t entry() const;    ///< where the program begins, before relocation
  const std::vector<Section>& sections() const;
  const std::vector<Segment>& segments() const;
  const Section* find_section(std::string_view name) const;

  /// The bytes of a section as they lie in the file; empty for SHT_NOBITS, and where the file does
  /// not hold them all.
  Bytes contents(const Section& section) const;
  Bytes contents(const Segment& segment) const;
  /// The bytes of the file that the loader puts at [address, address+size); nothing where the file
  /// does not hold them all. Ask for large pieces: each new one is a read, and kept.
  std::optional<Bytes> at_address(std::uint64_t address, std::uint64_t size) const;
  /// Fills `into` with them and keeps nothing, for passing over a large part of the file once;
  /// false where the file does not hold them all.
  bool copy_at_address(std::uint64_t address, std::span<std::byte> into) const;

  std::uint64_t size() const;  ///< of the file, bytes
  int fd() const;              ///< of the open file, for other readers; -1 for an image in memory
  Bytes memory() const;        ///< the image given to `parse`; empty for a file

  /// Looks up symbols by exact name in one pass over .symtab (and .dynsym where there is none): the
  /// result has an entry for each name, in order. Must take well under 50 ms on a 100 MB binary.
  std::vector<std::optional<Symbol>> find_symbols(std::span<const std::string_view> names) const;
  bool has_symbols() const;

  std::string gnu_build_id() const;  ///< hexadecimal, empty if there is none
  std::string go_build_id() const;   ///< text of .note.go.buildid, empty if there is none

 private:
  struct Image;
  explicit Elf(std::unique_ptr<Image> image);
  std::unique_ptr<Image> image_;
};

}  // namespace chanspect::binary
