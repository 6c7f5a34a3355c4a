#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/unique_fd.h"
#include "target/file_mapping.h"
#include "target/memory.h"
#include "target/registers.h"

namespace chanspect::target {

/// One PT_LOAD of the core: a mapping of the process, and how much of it was saved.
struct CoreMapping {
  Range memory;
  bool readable = false, writable = false, executable = false;
  std::uint64_t promised = 0;  ///< bytes from the front that were meant to be saved
  std::uint64_t saved = 0;     ///< bytes from the front that the core holds
};

/// What the notes of a core say of the process.
struct CoreFacts {
  pid_t pid = 0;                  ///< as the process itself counted; 0 unknown
  std::string name;               ///< at most 15 bytes of the program's name (NT_PRPSINFO pr_fname)
  std::string arguments;          ///< the first 79 bytes of its command line (pr_psargs)
  int signal = 0;                 ///< that killed it; 0: none (gcore), or not known
  std::uint16_t machine = 0;      ///< EM_X86_64, EM_AARCH64
  std::uint64_t entry_point = 0;  ///< AT_ENTRY, after relocation; 0 unknown
  std::uint64_t program_headers = 0;   ///< AT_PHDR, the executable's; 0 unknown
  std::uint64_t page_size = 0;         ///< AT_PAGESZ; 0 unknown
  std::uint64_t vdso = 0;              ///< AT_SYSINFO_EHDR; 0 none
  std::uint64_t interpreter = 0;       ///< AT_BASE, of ld.so; 0 none
  bool truncated = false;              ///< the file ends before its contents do
  std::uint64_t bytes_missing = 0;     ///< promised by program headers, not there
  std::uint64_t bytes_saved = 0;       ///< memory that the core holds
  std::uint32_t ignored_segments = 0;  ///< headers that overlap others, or lie
};

/// The memory and threads of a process that a core file keeps: the kernel's, gcore's or qemu's.
///
/// The file is read with pread where it is asked for, never mapped nor copied: opening costs its
/// headers and notes, whatever its size, and a core that somebody cuts short meanwhile is an error
/// and no SIGBUS. It is hostile input: its headers are bounded by its size.
class CoreFile final : public Memory {
 public:
  /// Called now and then while a compressed core is unpacked: bytes of the file done, and in all.
  using Progress = std::function<void(std::uint64_t, std::uint64_t)>;

  /// Opens a core, also a compressed one (see core_compression.h). Errors: io or denied where the
  /// file does not open; bad_data where it is no core (and what it is instead), or a broken one;
  /// unsupported for another kind of processor and for compressions that must be unpacked by hand.
  static Result<std::unique_ptr<CoreFile>> open(const std::string& path,
                                                const Progress& progress = {});

  /// The same of an open, uncompressed file; `path` is for messages.
  static Result<std::unique_ptr<CoreFile>> open(UniqueFd file, std::string path);

  Result<void> read(Address from, std::span<std::byte> into) const override;
  Result<void> read_ranges(std::span<const Range> ranges, std::span<std::byte> into,
                           std::vector<std::uint32_t>& failed) const override;
  std::uint64_t bytes_read() const override { return bytes_.load(std::memory_order_relaxed); }

  const std::string& path() const { return path_; }
  const CoreFacts& facts() const { return facts_; }
  /// In the order of the core: a kernel's begins with the thread that was killed.
  const std::vector<ThreadRegisters>& threads() const { return threads_; }
  /// By address.
  const std::vector<FileMapping>& files() const { return files_; }
  /// By address, without overlaps.
  const std::vector<CoreMapping>& mappings() const { return mappings_; }
  /// What of the writable mappings the core holds, by address; neighbours are joined.
  std::vector<Range> writable() const;

  /// Pages that the core was never meant to hold (cores leave out what files hold as well) are read
  /// from this file for all mappings of `path`, named as files() does. Writable memory is not: a
  /// file does not know what was written to it. Nor is a page that was cut off the core, unless it
  /// is code. What lies behind the file's end stays unreadable. Not while others read.
  void attach(const std::string& path, UniqueFd file);
  /// The same for a core that lists no files (qemu's): where this file's parts were mapped.
  void attach(const std::vector<FileMapping>& parts, UniqueFd file);

  /// Memory that the process had, that was asked for so far, and that is not there: in bytes, each
  /// page counted once.
  std::uint64_t bytes_unavailable() const;

 private:
  static constexpr std::uint64_t kPage = 4096;
  static constexpr std::size_t kMostMissingPages = 1 << 20;
  struct Attached {
    Range memory;
    std::uint64_t file_offset = 0;
    int file = -1;
    std::uint64_t file_size = 0;
  };
  /// Bytes that lie one after the other in one file; none where `file` is -1.
  struct Place {
    int file = -1;
    std::uint64_t offset = 0, size = 0;
  };

  CoreFile(UniqueFd file, std::uint64_t size, std::string path);
  Result<void> read_headers();
  Place place_of(Address address) const;
  /// The first address that is not there; nothing when all are.
  std::optional<Address> copy(Address from, std::span<std::byte> into) const;
  Error unreadable(Address address) const;
  void note_missing(Address address) const;

  UniqueFd file_;
  std::uint64_t size_ = 0;
  std::string path_;
  CoreFacts facts_;
  std::vector<ThreadRegisters> threads_;
  std::vector<FileMapping> files_;
  std::vector<CoreMapping> mappings_;
  std::vector<std::uint64_t> offsets_;  ///< in the file, of each mapping
  std::vector<Attached> attached_;      ///< by address
  std::vector<UniqueFd> attached_files_;
  mutable std::atomic<std::uint64_t> bytes_ = 0;
  mutable std::mutex missing_mutex_;
  mutable std::unordered_set<std::uint64_t> missing_pages_;
};

}  // namespace chanspect::target
