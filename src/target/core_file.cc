#include "target/core_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <limits>
#include <mutex>
#include <system_error>
#include <utility>

#include "target/core_compression.h"
#include "target/core_headers.h"
#include "target/core_kind.h"
#include "target/core_notes.h"
#include "target/positional_read.h"

namespace chanspect::target {
namespace {

Result<UniqueFd> open_regular(const std::string& path) {
  // O_NONBLOCK: opening a FIFO must not wait for its writer.
  UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file) {
    const bool denied = errno == EACCES || errno == EPERM;
    return fail(denied ? ErrorCode::denied : ErrorCode::io, "cannot open core " + path,
                std::generic_category().message(errno));
  }
  struct stat status = {};
  if (fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode))
    return fail(ErrorCode::bad_data, path + " is no core",
                S_ISDIR(status.st_mode) ? "it is a folder" : "it is not a regular file");
  return file;
}

std::uint64_t size_of(const UniqueFd& file) {
  struct stat status = {};
  if (fstat(file.get(), &status) != 0 || status.st_size < 0) return 0;
  return static_cast<std::uint64_t>(status.st_size);
}

/// Signals that leave a core when nobody handles them (signal(7)). gcore writes down the one that
/// its own stopping used.
bool kills_with_core(int signal) {
  static constexpr std::array kSignals = {SIGQUIT, SIGILL,  SIGTRAP, SIGABRT, SIGBUS,
                                          SIGFPE,  SIGSEGV, SIGXCPU, SIGXFSZ, SIGSYS};
  return std::ranges::find(kSignals, signal) != kSignals.end();
}

/// The last element that begins at or before an address; nullptr where there is none.
template <class T, class AddressOf>
const T* last_before(const std::vector<T>& sorted, Address address, AddressOf address_of) {
  const auto next = std::ranges::upper_bound(sorted, address, {}, address_of);
  return next == sorted.begin() ? nullptr : &*std::prev(next);
}

template <class T>
const T* containing(const std::vector<T>& sorted, Address address) {
  const T* found = last_before(sorted, address, [](const T& part) { return part.memory.address; });
  return found != nullptr && found->memory.contains(address) ? found : nullptr;
}

}  // namespace

Result<std::unique_ptr<CoreFile>> CoreFile::open(const std::string& path,
                                                 const Progress& progress) {
  CS_TRY(UniqueFd file, open_regular(path));
  std::array<std::byte, kKindBytes> start{};
  const auto length = read_at(file.get(), 0, start);
  const Compression compression = compression_of(std::span(start).first(length));
  if (compression == Compression::none) return open(std::move(file), path);
  CS_TRY(UniqueFd unpacked, unpack_core(file, compression, path, progress));
  return open(std::move(unpacked), path);
}

Result<std::unique_ptr<CoreFile>> CoreFile::open(UniqueFd file, std::string path) {
  const std::uint64_t size = size_of(file);
  std::unique_ptr<CoreFile> core(new CoreFile(std::move(file), size, std::move(path)));
  CS_CHECK(core->read_headers());
  return core;
}

CoreFile::CoreFile(UniqueFd file, std::uint64_t size, std::string path)
    : file_(std::move(file)), size_(size), path_(std::move(path)) {}

Result<void> CoreFile::read_headers() {
  CS_TRY(const CoreHeaders headers, read_core_headers(file_.get(), size_, path_));
  NotedFacts noted;
  for (const CoreNotes& notes : headers.notes)
    read_core_notes(file_.get(), notes, headers.machine, noted);

  threads_ = std::move(noted.threads);
  files_ = std::move(noted.files);
  std::ranges::sort(files_, {}, [](const FileMapping& file) { return file.memory.address; });
  facts_ = std::move(noted.facts);
  facts_.machine = headers.machine;
  facts_.truncated = headers.truncated;
  facts_.bytes_missing = headers.bytes_missing;
  facts_.ignored_segments = headers.ignored_segments;
  if (facts_.pid == 0 && !threads_.empty()) facts_.pid = threads_.front().tid;
  if (!kills_with_core(facts_.signal)) facts_.signal = 0;

  mappings_.reserve(headers.segments.size());
  offsets_.reserve(headers.segments.size());
  for (const CoreSegment& segment : headers.segments) {
    mappings_.push_back(segment.mapping);
    offsets_.push_back(segment.file_offset);
    facts_.bytes_saved += segment.mapping.saved;
  }
  return {};
}

std::vector<Range> CoreFile::writable() const {
  std::vector<Range> ranges;
  for (const CoreMapping& mapping : mappings_) {
    if (!mapping.writable || mapping.saved == 0) continue;
    const Range saved{mapping.memory.address, mapping.saved};
    if (!ranges.empty() && ranges.back().end() == saved.address) {
      ranges.back().size += saved.size;
    } else {
      ranges.push_back(saved);
    }
  }
  return ranges;
}

void CoreFile::attach(const std::string& path, UniqueFd file) {
  std::vector<FileMapping> parts;
  for (const FileMapping& mapping : files_)
    if (mapping.path == path) parts.push_back(mapping);
  attach(parts, std::move(file));
}

void CoreFile::attach(const std::vector<FileMapping>& parts, UniqueFd file) {
  if (!file || parts.empty()) return;
  const std::uint64_t size = size_of(file);
  for (const FileMapping& part : parts)
    attached_.push_back({part.memory, part.file_offset, file.get(), size});
  std::ranges::sort(attached_, {}, [](const Attached& a) { return a.memory.address; });
  attached_files_.push_back(std::move(file));
}

/// Where the bytes from `address` on lie, in the core or in a file attached to it.
CoreFile::Place CoreFile::place_of(Address address) const {
  const auto begin_of = [](const CoreMapping& mapping) { return mapping.memory.address; };
  const auto next = std::ranges::upper_bound(mappings_, address, {}, begin_of);
  std::uint64_t limit =
      next == mappings_.end() ? std::numeric_limits<std::uint64_t>::max() : next->memory.address;
  if (next != mappings_.begin() && std::prev(next)->memory.contains(address)) {
    const CoreMapping& mapping = *std::prev(next);
    const std::uint64_t into = address - mapping.memory.address;
    if (into < mapping.saved) {
      const std::uint64_t offset = offsets_[static_cast<std::size_t>(&mapping - mappings_.data())];
      return {file_.get(), offset + into, mapping.saved - into};
    }
    const bool was_cut_off = into < mapping.promised;
    if (mapping.writable || (was_cut_off && !mapping.executable)) return {};
    limit = mapping.memory.address + (was_cut_off ? mapping.promised : mapping.memory.size);
  }
  const Attached* attached = containing(attached_, address);
  if (attached == nullptr) return {};
  const std::uint64_t into = address - attached->memory.address;
  const std::uint64_t offset = attached->file_offset + into;
  if (offset >= attached->file_size) return {};
  return {attached->file, offset,
          std::min({limit - address, attached->memory.size - into, attached->file_size - offset})};
}

std::optional<Address> CoreFile::copy(Address from, std::span<std::byte> into) const {
  while (!into.empty()) {
    const Place place = place_of(from);
    const auto part = into.first(std::min<std::uint64_t>(place.size, into.size()));
    if (part.empty() || read_at(place.file, place.offset, part) != part.size()) {
      note_missing(from);
      return from;
    }
    into = into.subspan(part.size());
    from += part.size();
  }
  return std::nullopt;
}

Result<void> CoreFile::read(Address from, std::span<std::byte> into) const {
  if (const auto missing = copy(from, into)) return std::unexpected(unreadable(*missing));
  bytes_.fetch_add(into.size(), std::memory_order_relaxed);
  return {};
}

Result<void> CoreFile::read_ranges(std::span<const Range> ranges, std::span<std::byte> into,
                                   std::vector<std::uint32_t>& failed) const {
  std::uint64_t copied = 0;
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    const auto part = into.first(ranges[i].size);
    into = into.subspan(part.size());
    if (!copy(ranges[i].address, part)) {
      copied += part.size();
      continue;
    }
    std::memset(part.data(), 0, part.size());
    failed.push_back(static_cast<std::uint32_t>(i));
  }
  bytes_.fetch_add(copied, std::memory_order_relaxed);
  return {};
}

/// Only what was mapped is missing: an address that never was is the asker's mistake.
void CoreFile::note_missing(Address address) const {
  if (containing(mappings_, address) == nullptr && containing(files_, address) == nullptr) return;
  const std::scoped_lock lock(missing_mutex_);
  if (missing_pages_.size() < kMostMissingPages) missing_pages_.insert(address / kPage);
}

std::uint64_t CoreFile::bytes_unavailable() const {
  const std::scoped_lock lock(missing_mutex_);
  return missing_pages_.size() * kPage;
}

Error CoreFile::unreadable(Address address) const {
  const CoreMapping* mapping = containing(mappings_, address);
  const FileMapping* file = containing(files_, address);
  Error error{ErrorCode::unreadable,
              fmt::format("cannot read address {:#x} of {}", address, path_),
              "nothing was mapped there, or it was not saved",
              {}};
  if (mapping != nullptr && address - mapping->memory.address < mapping->saved) {
    error.why = "the file does not let itself be read there, or has been cut short meanwhile";
  } else if (mapping != nullptr && address - mapping->memory.address < mapping->promised) {
    error.why = "the core is cut short before it";
  } else if (file != nullptr) {
    error.why = fmt::format("the core leaves it to {}, of which it was mapped", file->path);
  } else if (mapping != nullptr) {
    error.why = "the core was told to leave it out (see coredump_filter in core(5))";
  }
  return error;
}

}  // namespace chanspect::target
