#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace chanspect::cli {

/// "reading goroutines  42 %"; without a total, what is done so far.
std::string progress_line(std::string_view phase, std::uint64_t done, std::uint64_t total);

/// One line on the terminal of standard error that tells how far long work has come. It shows only
/// once the work has taken 300 ms, is repainted ten times a second and goes away at the end.
class Progress {
 public:
  explicit Progress(bool wanted);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress() { erase(); }

  /// What to hand to the worker; empty where nothing is to be shown. Valid as long as this lives.
  /// `verb` stands before each phase's name.
  std::function<void(const char*, std::uint64_t, std::uint64_t)> callback(std::string verb = {});
  void erase();

 private:
  using Clock = std::chrono::steady_clock;
  void show(std::string_view phase, std::uint64_t done, std::uint64_t total);

  bool wanted_;
  bool shown_ = false;
  Clock::time_point next_;
};

}  // namespace chanspect::cli
