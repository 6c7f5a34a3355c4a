#include "target/live_memory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <system_error>

#include "target/permission.h"

namespace chanspect::target {
namespace {

constexpr std::size_t kMostRanges = 1024;  // IOV_MAX

std::string errno_text(int error) {
  return std::generic_category().message(error);
}

}  // namespace

Result<std::unique_ptr<LiveMemory>> LiveMemory::open(pid_t pid) {
  std::unique_ptr<LiveMemory> memory(new LiveMemory(pid));
  memory->pidfd_ = UniqueFd(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  if (!memory->pidfd_ && errno == ESRCH) return std::unexpected(explain_denied(pid, ESRCH));

  // Address 0 is never mapped: EFAULT says that we may read and only the address is wrong.
  std::byte probe{};
  const Range nowhere{0, 1};
  const ssize_t copied = memory->copy({&nowhere, 1}, {&probe, 1});
  if (copied >= 0 || copied == -EFAULT) return memory;
  if (copied == -EPERM || copied == -ENOSYS) {
    const std::string path = fmt::format("/proc/{}/mem", pid);
    memory->mem_file_ = UniqueFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (memory->mem_file_) return memory;
  }
  return std::unexpected(memory->failure(static_cast<int>(-copied), 0));
}

ssize_t LiveMemory::copy(std::span<const Range> ranges, std::span<std::byte> into) const {
  if (mem_file_) return copy_from_mem_file(ranges, into);
  std::array<iovec, kMostRanges> remote;  // NOLINT(*-member-init): filled up to ranges.size()
  std::uint64_t wanted = 0;
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    // The kernel takes the other process's address as a pointer that it never follows here.
    remote[i] = {reinterpret_cast<void*>(ranges[i].address),
                 ranges[i].size};  // NOLINT(performance-no-int-to-ptr)
    wanted += ranges[i].size;
  }
  const iovec local = {into.data(), std::min<std::uint64_t>(wanted, into.size())};
  const ssize_t copied = process_vm_readv(pid_, &local, 1, remote.data(), ranges.size(), 0);
  return copied < 0 ? -errno : copied;
}

ssize_t LiveMemory::copy_from_mem_file(std::span<const Range> ranges,
                                       std::span<std::byte> into) const {
  std::size_t done = 0;
  for (const Range& range : ranges) {
    const std::size_t want = std::min<std::size_t>(range.size, into.size() - done);
    const ssize_t got =
        pread(mem_file_.get(), into.data() + done, want, static_cast<off_t>(range.address));
    if (got < 0 && done == 0) return errno == EIO ? -EFAULT : -errno;
    if (got == 0 && done == 0 && want > 0) return -ESRCH;  // the address space is gone
    if (got > 0) done += static_cast<std::size_t>(got);
    if (got < static_cast<ssize_t>(want)) break;
  }
  return static_cast<ssize_t>(done);
}

Result<void> LiveMemory::read(Address from, std::span<std::byte> into) const {
  std::size_t done = 0;
  while (done < into.size()) {
    const Range rest{from + done, into.size() - done};
    const ssize_t copied = copy({&rest, 1}, into.subspan(done));
    if (copied <= 0) return std::unexpected(failure(static_cast<int>(-copied), rest.address));
    done += static_cast<std::size_t>(copied);
    bytes_.fetch_add(static_cast<std::uint64_t>(copied), std::memory_order_relaxed);
  }
  return {};
}

Result<void> LiveMemory::read_ranges(std::span<const Range> ranges, std::span<std::byte> into,
                                     std::vector<std::uint32_t>& failed) const {
  std::size_t first = 0;   // the first range not yet settled
  std::size_t offset = 0;  // of its bytes in `into`
  std::uint64_t total = 0;
  while (first < ranges.size()) {
    const auto batch = ranges.subspan(first, std::min(ranges.size() - first, kMostRanges));
    ssize_t copied = copy(batch, into.subspan(offset));
    if (copied < 0 && copied != -EFAULT && copied != -EIO)
      return std::unexpected(failure(static_cast<int>(-copied), batch.front().address));
    if (copied < 0) copied = 0;
    total += static_cast<std::uint64_t>(copied);

    auto left = static_cast<std::uint64_t>(copied);
    std::size_t whole = 0;  // ranges of this batch that arrived whole
    while (whole < batch.size() && batch[whole].size <= left) {
      left -= batch[whole].size;
      offset += batch[whole].size;
      ++whole;
    }
    first += whole;
    if (whole == batch.size()) continue;
    // The copy stopped inside the next range: that one fails, the rest is tried again.
    failed.push_back(static_cast<std::uint32_t>(first));
    std::memset(into.data() + offset, 0, ranges[first].size);
    offset += ranges[first].size;
    ++first;
  }
  bytes_.fetch_add(total, std::memory_order_relaxed);
  return {};
}

bool LiveMemory::ends_within(int milliseconds) const {
  if (!pidfd_) return kill(pid_, 0) != 0 && errno == ESRCH;
  pollfd poll_for{pidfd_.get(), POLLIN, 0};
  return poll(&poll_for, 1, milliseconds) > 0;
}

Error LiveMemory::failure(int error, Address at) const {
  if (error == ESRCH || ended())
    return {ErrorCode::gone, fmt::format("process {} ended while it was read", pid_), {}, {}};
  if (error == EPERM || error == EACCES || error == ENOSYS) return explain_denied(pid_, error);
  return {ErrorCode::unreadable,
          fmt::format("cannot read address {:#x} of process {}", at, pid_),
          error == 0 ? "nothing is mapped there" : errno_text(error),
          {}};
}

}  // namespace chanspect::target
