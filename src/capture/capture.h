#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "snapshot/snapshot.h"

namespace chanspect::capture {

/// What to read, and how carefully. What is not asked for costs nothing.
struct Options {
  enum class Stacks : std::uint8_t { none, site, full };
  snapshot::StopMode stop = snapshot::StopMode::none;
  Stacks stacks = Stacks::site;
  bool arguments = false;  ///< argument words of each frame, for the text of runtime.Stack
  bool channels = true;    ///< channels and their queues
  bool labels = false;
  std::int64_t watch_ns = 0;  ///< look again after this long, for real lower bounds; 0: once
  unsigned threads = 0;       ///< 0: as many as cores, at most 4

  /// Called now and then with (phase, done, total), from one thread at a time; may be empty.
  std::function<void(const char*, std::uint64_t, std::uint64_t)> progress;
};

/// A Go program, running or in a core, opened and understood (executable, release, layouts,
/// symbols, modules) but not yet read. Opening never stops or writes to it.
class Program {
 public:
  /// A running process. `no_such_process`, `denied` (with the rule that denies and the command that
  /// would work), `not_go`, `unknown_release`, `gone`.
  static Result<Program> open(std::int32_t pid);

  /// A core file. Its executable is the one given, else the one that the core names; it is refused
  /// where its build id is another than the core's. `no_such_file`, `bad_data`, `not_go`,
  /// `unknown_release`.
  static Result<Program> open_core(const std::string& path, const std::string& executable);

  Program(Program&&) noexcept;
  Program& operator=(Program&&) noexcept;
  ~Program();

  /// One look (or two, with watch_ns). May be called again.
  Result<snapshot::Snapshot> capture(const Options& options) const;

  /// The number of goroutines by the runtime's own count (gcount: allglen less free ones), read
  /// with a few system calls; for `ps`.
  Result<std::uint64_t> goroutine_count() const;

  const snapshot::Source& source() const;

 private:
  struct Parts;
  explicit Program(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace chanspect::capture
