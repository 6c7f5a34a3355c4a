#pragma once

#include <sys/types.h>

#include <atomic>
#include <memory>

#include "base/unique_fd.h"
#include "target/memory.h"

namespace chanspect::target {

/// The memory of a running process, read with process_vm_readv(2): the process is not stopped and
/// not told. Where that call is filtered (Docker's default seccomp profile), /proc/PID/mem serves.
class LiveMemory final : public Memory {
 public:
  /// Proves that reading works. Errors: no_such_process, denied.
  static Result<std::unique_ptr<LiveMemory>> open(pid_t pid);

  Result<void> read(Address from, std::span<std::byte> into) const override;
  Result<void> read_ranges(std::span<const Range> ranges, std::span<std::byte> into,
                           std::vector<std::uint32_t>& failed) const override;
  std::uint64_t bytes_read() const override { return bytes_.load(std::memory_order_relaxed); }

  pid_t pid() const { return pid_; }

  /// True once the process has ended (a zombie counts: its memory is gone). The pidfd names this
  /// very process, so a pid given to somebody else in the meantime does not fool it.
  bool ended() const { return ends_within(0); }

  /// Waits for the end, at most this long.
  bool ends_within(int milliseconds) const;

  /// A process that is killed loses its memory a moment before it counts as ended: who finds memory
  /// missing waits so long for the end that explains it.
  static constexpr int kDyingMs = 50;

 private:
  explicit LiveMemory(pid_t pid) : pid_(pid) {}

  /// Bytes copied from the front of `ranges` on, or -errno when not even the first byte was.
  ssize_t copy(std::span<const Range> ranges, std::span<std::byte> into) const;
  ssize_t copy_from_mem_file(std::span<const Range> ranges, std::span<std::byte> into) const;
  Error failure(int error, Address at) const;

  pid_t pid_;
  UniqueFd pidfd_;
  UniqueFd mem_file_;  ///< open only where process_vm_readv is not to be had
  mutable std::atomic<std::uint64_t> bytes_ = 0;
};

}  // namespace chanspect::target
