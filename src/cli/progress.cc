#include "cli/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <utility>

#include "cli/interruption.h"

namespace chanspect::cli {
namespace {

constexpr auto kPatience = std::chrono::milliseconds(300);
constexpr auto kBetween = std::chrono::milliseconds(100);

void write_to_terminal(std::string_view text) {
  if (write(STDERR_FILENO, text.data(), text.size()) < 0) return;  // nobody looks any more
}

}  // namespace

std::string progress_line(std::string_view phase, std::uint64_t done, std::uint64_t total) {
  if (total == 0)
    return done == 0 ? fmt::format("{} …", phase) : fmt::format("{}  {}", phase, done);
  const double share = static_cast<double>(done) / static_cast<double>(total);
  return fmt::format("{}  {:.0f} %", phase, 100 * (share < 1 ? share : 1));
}

Progress::Progress(bool wanted)
    : wanted_(wanted && isatty(STDERR_FILENO) != 0), next_(Clock::now() + kPatience) {}

std::function<void(const char*, std::uint64_t, std::uint64_t)> Progress::callback(
    std::string verb) {
  if (!wanted_) return {};
  return [this, verb = std::move(verb)](const char* phase, std::uint64_t done,
                                        std::uint64_t total) { show(verb + phase, done, total); };
}

void Progress::show(std::string_view phase, std::uint64_t done, std::uint64_t total) {
  const auto now = Clock::now();
  if (now < next_) return;
  next_ = now + kBetween;
  shown_ = true;
  erase_line_when_interrupted(true);
  write_to_terminal("\r\033[K" + progress_line(phase, done, total));
}

void Progress::erase() {
  if (!shown_) return;
  shown_ = false;
  write_to_terminal("\r\033[K");
  erase_line_when_interrupted(false);
}

}  // namespace chanspect::cli
