#include "target/core_notes.h"

#include <elf.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <limits>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "target/positional_read.h"

namespace chanspect::target {
namespace {

/// The kernel writes at most 4 MiB of NT_FILE unless told otherwise
/// (kernel.core_file_note_size_limit) and never more than 16 MiB.
constexpr std::uint64_t kLargestFileNote = 64 << 20;
constexpr std::uint64_t kLargestAuxv = 1 << 16;
/// Ten for each of 400,000 threads.
constexpr unsigned kMostNotesOfOne = 1 << 22;
constexpr std::size_t kLongestPath = 1 << 16;

// struct elf_prstatus of the kernel's <linux/elfcore.h>: what comes before the registers is the
// same for all 64-bit machines.
constexpr std::size_t kStatusSignal = 12;
constexpr std::size_t kStatusTid = 32;
constexpr std::size_t kStatusRegisters = 112;
// struct elf_prpsinfo.
constexpr std::size_t kProcessPid = 24;
constexpr std::size_t kProcessName = 40;
constexpr std::size_t kProcessNameSize = 16;
constexpr std::size_t kProcessArguments = 56;
constexpr std::size_t kProcessArgumentsSize = 80;

struct Note {
  std::uint32_t type = 0;
  bool of_core = false;                ///< its owner is CORE
  bool of_linux = false;               ///< or LINUX
  std::uint64_t offset = 0, size = 0;  ///< of its contents in the file
};

/// Walks the notes of a range of the file, which is read by windows: of ten thousand threads each
/// has some kilobytes of vector registers that nobody asks for.
class NoteWalk {
 public:
  NoteWalk(int file, const CoreNotes& where)
      : file_(file), at_(where.file_offset), end_(where.file_offset + where.size) {}

  /// The next note that lies in the range whole.
  std::optional<Note> next() {
    const auto header = value<Elf64_Nhdr>(at_);
    if (!header || ++seen_ > kMostNotesOfOne) return std::nullopt;
    const std::uint64_t name = at_ + sizeof(Elf64_Nhdr);
    const std::uint64_t contents = name + align4(header->n_namesz);
    if (contents > end_ || end_ - contents < header->n_descsz) return std::nullopt;
    Note note{header->n_type, false, false, contents, header->n_descsz};
    note.of_core = is(name, header->n_namesz, "CORE");
    note.of_linux = is(name, header->n_namesz, "LINUX");
    at_ = contents + align4(header->n_descsz);
    return note;
  }

  /// `size` bytes of the file, or as many as it has.
  std::vector<std::byte> bytes(std::uint64_t offset, std::uint64_t size) const {
    std::vector<std::byte> read(size);
    read.resize(read_at(file_, offset, read));
    return read;
  }

  template <class T>
  std::optional<T> value(std::uint64_t offset) {
    if (offset > end_ || end_ - offset < sizeof(T)) return std::nullopt;
    if (offset < window_begin_ || offset + sizeof(T) > window_begin_ + window_size_) {
      const auto wanted = std::min<std::uint64_t>(window_.size(), end_ - offset);
      window_begin_ = offset;
      window_size_ = read_at(file_, offset, std::span(window_).first(wanted));
    }
    return load<T>(Bytes(window_).first(window_size_), offset - window_begin_);
  }

 private:
  static std::uint64_t align4(std::uint64_t n) { return (n + 3) & ~std::uint64_t{3}; }

  bool is(std::uint64_t offset, std::uint64_t size, std::string_view owner) {
    while (size > owner.size() && value<char>(offset + size - 1) == '\0' && size <= 8) --size;
    if (size != owner.size()) return false;
    for (std::size_t i = 0; i < size; ++i)
      if (value<char>(offset + i) != owner[i]) return false;
    return true;
  }

  int file_;
  std::uint64_t at_, end_;
  unsigned seen_ = 0;
  std::array<std::byte, 1 << 15> window_{};
  std::uint64_t window_begin_ = 0;
  std::size_t window_size_ = 0;
};

/// user_regs_struct of <sys/user.h> by index, of both machines whatever ours is.
struct RegisterIndices {
  std::size_t pc, sp, bp;
  std::optional<std::size_t> lr, tls;
};
constexpr RegisterIndices kAmd64 = {16, 19, 4, std::nullopt, 21};
constexpr RegisterIndices kArm64 = {32, 31, 29, 30, std::nullopt};

void add_thread(NoteWalk& walk, const Note& note, std::uint16_t machine, NotedFacts& into) {
  const RegisterIndices& at = machine == EM_AARCH64 ? kArm64 : kAmd64;
  const auto status = [&]<class T>(std::size_t offset, T otherwise) {
    if (note.size < offset + sizeof(T)) return otherwise;
    return walk.value<T>(note.offset + offset).value_or(otherwise);
  };
  const auto register_at = [&](std::size_t index) {
    return status(kStatusRegisters + index * 8, std::uint64_t{0});
  };
  if (note.size < kStatusRegisters + (at.pc + 1) * 8) return;

  ThreadRegisters thread;
  thread.tid = thread.own_tid = status(kStatusTid, pid_t{0});
  thread.pc = register_at(at.pc);
  thread.sp = register_at(at.sp);
  thread.bp = register_at(at.bp);
  if (at.lr) thread.lr = register_at(*at.lr);
  if (at.tls) thread.tls = register_at(*at.tls);
  if (into.threads.empty()) into.facts.signal = status(kStatusSignal, std::int16_t{0});
  into.threads.push_back(thread);
}

/// NT_ARM_TLS follows the status of its thread.
void add_thread_pointer(NoteWalk& walk, const Note& note, NotedFacts& into) {
  if (!into.threads.empty() && note.size >= 8)
    into.threads.back().tls = walk.value<std::uint64_t>(note.offset).value_or(0);
}

void add_process(const NoteWalk& walk, const Note& note, NotedFacts& into) {
  if (note.size < kProcessArguments + kProcessArgumentsSize) return;
  const auto bytes = walk.bytes(note.offset, kProcessArguments + kProcessArgumentsSize);
  const auto text = [&](std::size_t offset, std::size_t size) -> std::string {
    const std::string_view room = as_text(slice(bytes, offset, size).value_or(Bytes()));
    return std::string(room.substr(0, room.find('\0')));
  };
  into.facts.pid = load<pid_t>(bytes, kProcessPid).value_or(0);
  into.facts.name = text(kProcessName, kProcessNameSize);
  into.facts.arguments = text(kProcessArguments, kProcessArgumentsSize);
  while (into.facts.arguments.ends_with(' ')) into.facts.arguments.pop_back();
}

void add_auxiliary_vector(NoteWalk& walk, const Note& note, CoreFacts& facts) {
  for (std::uint64_t at = 0; at + sizeof(Elf64_auxv_t) <= std::min(note.size, kLargestAuxv);
       at += sizeof(Elf64_auxv_t)) {
    const auto entry = walk.value<Elf64_auxv_t>(note.offset + at);
    if (!entry || entry->a_type == AT_NULL) return;
    switch (entry->a_type) {
      case AT_ENTRY:
        facts.entry_point = entry->a_un.a_val;
        break;
      case AT_PHDR:
        facts.program_headers = entry->a_un.a_val;
        break;
      case AT_PAGESZ:
        facts.page_size = entry->a_un.a_val;
        break;
      case AT_SYSINFO_EHDR:
        facts.vdso = entry->a_un.a_val;
        break;
      case AT_BASE:
        facts.interpreter = entry->a_un.a_val;
        break;
      default:
        break;
    }
  }
}

/// NT_FILE: count and unit of offsets; then begin, end and offset of each mapping; then their
/// paths. gdb counts offsets in bytes, the kernel in pages.
void add_files(const NoteWalk& walk, const Note& note, NotedFacts& into) {
  constexpr std::uint64_t kRow = 24;
  if (note.size > kLargestFileNote || !into.files.empty()) return;
  const auto bytes = walk.bytes(note.offset, note.size);
  const auto count = load<std::uint64_t>(bytes, 0);
  const auto unit = load<std::uint64_t>(bytes, 8);
  if (!count || !unit || *count > bytes.size() / kRow || !std::has_single_bit(*unit)) return;

  std::uint64_t path_at = 16 + *count * kRow;
  for (std::uint64_t i = 0; i < *count; ++i) {
    const auto path = c_string(bytes, path_at, kLongestPath);
    const auto begin = load<std::uint64_t>(bytes, 16 + i * kRow);
    const auto end = load<std::uint64_t>(bytes, 24 + i * kRow);
    const auto offset = load<std::uint64_t>(bytes, 32 + i * kRow);
    if (!path || !offset) return;
    path_at += path->size() + 1;
    if (*begin >= *end || *offset > std::numeric_limits<std::int64_t>::max() / *unit) continue;
    into.files.push_back({{*begin, *end - *begin}, *offset * *unit, std::string(*path)});
  }
}

}  // namespace

void read_core_notes(int file, const CoreNotes& where, std::uint16_t machine, NotedFacts& into) {
  NoteWalk walk(file, where);
  while (const auto note = walk.next()) {
    if (note->of_linux && note->type == NT_ARM_TLS) add_thread_pointer(walk, *note, into);
    if (!note->of_core) continue;
    switch (note->type) {
      case NT_PRSTATUS:
        add_thread(walk, *note, machine, into);
        break;
      case NT_PRPSINFO:
        add_process(walk, *note, into);
        break;
      case NT_AUXV:
        add_auxiliary_vector(walk, *note, into.facts);
        break;
      case NT_FILE:
        add_files(walk, *note, into);
        break;
      default:
        break;
    }
  }
}

}  // namespace chanspect::target
