#include "report/output.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace chanspect::report {
namespace {

constexpr std::size_t kBuffer = std::size_t{1} << 20;

/// A pipe holds 64 KiB by default: writer and reader would take turns at every 64 KiB.
void widen_pipe(int fd) {
  fcntl(fd, F_SETPIPE_SZ, static_cast<int>(kBuffer));
}

}  // namespace

void Output::write(std::string_view text) {
  if (into_ != nullptr) {
    into_->append(text);
    return;
  }
  if (buffer_.size() + text.size() < kBuffer) {
    buffer_.append(text);
    return;
  }
  flush();
  if (text.size() < kBuffer / 2)
    buffer_.append(text);
  else
    write_out(text);  // large enough to go out as it is
}

Result<void> Output::finish() {
  flush();
  if (error_ != 0)
    return fail(ErrorCode::io, "cannot write the report", std::generic_category().message(error_));
  return {};
}

void Output::flush() {
  write_out(buffer_);
  buffer_.clear();
}

void Output::write_out(std::string_view text) {
  if (text.size() >= kBuffer / 2 && !widened_) {
    widened_ = true;
    widen_pipe(fd_.get());
  }
  while (!text.empty() && !closed_ && error_ == 0) {
    const ssize_t written = ::write(fd_.get(), text.data(), text.size());
    if (written >= 0)
      text.remove_prefix(static_cast<std::size_t>(written));
    else if (errno == EPIPE)
      closed_ = true;
    else if (errno != EINTR)
      error_ = errno;
  }
}

}  // namespace chanspect::report
