#include "cli/interruption.h"

#include <unistd.h>

#include <array>
#include <atomic>
#include <climits>
#include <csignal>
#include <cstring>

namespace chanspect::cli {
namespace {

// All that a signal handler may touch. The path is written only while `armed` is false.
std::array<char, PATH_MAX> path_to_remove{};
std::atomic<bool> armed = false;
std::atomic<bool> line_to_erase = false;
static_assert(std::atomic<bool>::is_always_lock_free);

void clean_up_and_die(int signal) {
  if (armed.load()) unlink(path_to_remove.data());
  constexpr char kErase[] = "\r\033[K";
  if (line_to_erase.load() && write(STDERR_FILENO, kErase, sizeof(kErase) - 1) < 0) {
    // The terminal is gone; so are we.
  }
  // SA_RESETHAND has put the default back, which ends us when this handler returns.
  raise(signal);
}

/// Takes the place of the default only: what we were started to ignore (nohup) stays ignored.
void install_handlers() {
  struct sigaction action{};
  action.sa_handler = clean_up_and_die;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction before{};
    if (sigaction(signal, nullptr, &before) == 0 && before.sa_handler == SIG_DFL)
      sigaction(signal, &action, nullptr);
  }
}

}  // namespace

void remove_when_interrupted(const std::string& path) {
  armed.store(false);
  if (path.empty() || path.size() >= path_to_remove.size()) return;
  std::memcpy(path_to_remove.data(), path.c_str(), path.size() + 1);
  armed.store(true);
  install_handlers();
}

void erase_line_when_interrupted(bool erase) {
  line_to_erase.store(erase);
  if (erase) install_handlers();
}

}  // namespace chanspect::cli
