// What copying alone costs: N x 800 bytes (a g, a sudog and the live end of a small stack) out of a
// process with process_vm_readv, in runs of 1 MiB, on one core.
//
//   floor PID N [REPEATS]     prints the median seconds of one copy
//
// Only memory that is resident is copied, so that the target pays nothing and we copy real pages.

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr std::uint64_t kPage = 4096;
constexpr std::uint64_t kRun = 1 << 20;
constexpr std::uint64_t kBytesPerGoroutine = 800;

struct Mapping {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

/// The private anonymous writable mappings: the Go heap, in which stacks lie too.
std::vector<Mapping> heap_mappings(int pid) {
  std::vector<Mapping> found;
  std::ifstream maps(fmt::format("/proc/{}/maps", pid));
  for (std::string line; std::getline(maps, line);) {
    Mapping mapping;
    char* rest = nullptr;
    mapping.begin = std::strtoull(line.c_str(), &rest, 16);
    mapping.end = std::strtoull(rest + 1, &rest, 16);
    const std::string_view fields(rest);
    if (!fields.starts_with(" rw-p 00000000 00:00 0")) continue;
    if (mapping.end - mapping.begin >= kRun) found.push_back(mapping);
  }
  return found;
}

/// Appends the starts of the runs of `mapping` whose every page is resident.
void add_resident_runs(int pagemap, Mapping mapping, std::uint64_t wanted,
                       std::vector<std::uint64_t>& runs) {
  std::vector<std::uint64_t> entries(kRun / kPage);
  const auto bytes = std::as_writable_bytes(std::span(entries));
  for (auto at = mapping.begin; at + kRun <= mapping.end && runs.size() < wanted; at += kRun) {
    const auto offset = static_cast<off_t>(at / kPage * sizeof(std::uint64_t));
    if (pread(pagemap, bytes.data(), bytes.size(), offset) != static_cast<ssize_t>(bytes.size())) {
      return;
    }
    const auto resident = [](std::uint64_t entry) { return entry >> 63 != 0; };
    if (std::ranges::all_of(entries, resident)) runs.push_back(at);
  }
}

/// Copies `bytes` bytes, run after run, and begins again at the first when the runs are used up.
bool copy_runs(int pid, const std::vector<std::uint64_t>& runs, std::uint64_t bytes) {
  std::vector<std::byte> scratch(kRun);
  std::size_t next = 0;
  while (bytes > 0) {
    const auto size = std::min(bytes, kRun);
    const iovec local{scratch.data(), size};
    const iovec remote{reinterpret_cast<void*>(runs[next]), size};
    if (process_vm_readv(pid, &local, 1, &remote, 1, 0) != static_cast<ssize_t>(size)) return false;
    bytes -= size;
    next = (next + 1) % runs.size();
  }
  return true;
}

void stay_on_one_core() {
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(static_cast<unsigned>(std::max(sched_getcpu(), 0)), &one);
  sched_setaffinity(0, sizeof one, &one);
}

template <class T>
bool parse(const char* text, T& value) {
  const std::string_view digits(text);
  const auto [end, error] = std::from_chars(digits.begin(), digits.end(), value);
  return error == std::errc{} && end == digits.end();
}

}  // namespace

int main(int argc, char** argv) {
  const std::span arguments(argv, static_cast<std::size_t>(argc));
  int pid = 0;
  std::uint64_t goroutines = 0;
  unsigned repeats = 5;
  if (arguments.size() < 3 || arguments.size() > 4 || !parse(arguments[1], pid) ||
      !parse(arguments[2], goroutines) ||
      (arguments.size() == 4 && !parse(arguments[3], repeats)) || repeats == 0) {
    fmt::print(stderr, "usage: floor PID N [REPEATS]\n");
    return 2;
  }
  const auto bytes = goroutines * kBytesPerGoroutine;
  const int pagemap = open(fmt::format("/proc/{}/pagemap", pid).c_str(), O_RDONLY | O_CLOEXEC);
  std::vector<std::uint64_t> runs;
  for (const auto mapping : heap_mappings(pid)) {
    add_resident_runs(pagemap, mapping, bytes / kRun + 1, runs);
  }
  if (runs.empty()) {
    fmt::print(stderr, "floor: process {} has no resident run of 1 MiB that we may read\n", pid);
    return 1;
  }

  stay_on_one_core();
  std::vector<double> seconds;
  for (unsigned i = 0; i < repeats; ++i) {
    const auto start = std::chrono::steady_clock::now();
    if (!copy_runs(pid, runs, bytes)) {
      std::perror("floor: process_vm_readv");
      return 1;
    }
    seconds.push_back(
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  std::ranges::sort(seconds);
  fmt::print("{:.6f}\n", seconds[seconds.size() / 2]);
}
