#pragma once

#include <expected>
#include <string>
#include <utility>

namespace chanspect {

/// What kind of thing went wrong. The command line maps each kind to an exit code.
enum class ErrorCode {
  usage,            ///< the user's words are off
  no_such_process,  ///< the pid or name matches nothing
  gone,             ///< the target ended while we read it
  denied,           ///< the kernel refuses us access
  not_go,           ///< readable, but not a Go program
  unknown_release,  ///< Go, but of a release whose layouts we do not know
  unreadable,       ///< an address that cannot be read: unmapped, not saved, vanished
  bad_data,         ///< bytes that break their own format's rules
  io,               ///< a file or pipe of ours failed
  unsupported,      ///< understood, and not offered
};

/// An error as a value: what failed and where, why, and what the user can do about it.
struct Error {
  ErrorCode code = ErrorCode::bad_data;
  std::string what;  ///< "cannot read process 4242"
  std::string why;   ///< "Yama ptrace_scope is 1 and 4242 is no child of ours"; may be empty
  std::string hint;  ///< the exact next command or step; may be empty

  /// The error on one line, without the hint: "what: why".
  std::string message() const { return why.empty() ? what : what + ": " + why; }
};

template <class T>
using Result = std::expected<T, Error>;

/// Builds the error branch of a Result: `return fail(ErrorCode::gone, "process 12 ended");`
inline std::unexpected<Error> fail(ErrorCode code, std::string what, std::string why = {},
                                   std::string hint = {}) {
  return std::unexpected(Error{code, std::move(what), std::move(why), std::move(hint)});
}

}  // namespace chanspect

// A name and a declaration cannot stand in parentheses.
// NOLINTBEGIN(bugprone-macro-parentheses)
#define CS_CONCAT_(a, b) a##b
#define CS_CONCAT(a, b) CS_CONCAT_(a, b)

#define CS_CHECK_(name, expression)                    \
  do {                                                 \
    if (auto name = (expression); !name) [[unlikely]]  \
      return std::unexpected(std::move(name).error()); \
  } while (false)

/// Passes the error of a Result on to the caller: `CS_CHECK(reader.skip(4));`
#define CS_CHECK(expression) CS_CHECK_(CS_CONCAT(cs_checked_, __COUNTER__), expression)

#define CS_TRY_(name, declaration, expression)       \
  auto name = (expression);                          \
  if (!name) [[unlikely]]                            \
    return std::unexpected(std::move(name).error()); \
  declaration = std::move(*name)

/// Unwraps a Result or passes its error on: `CS_TRY(const auto header, read_header(file));`
#define CS_TRY(declaration, expression) \
  CS_TRY_(CS_CONCAT(cs_result_, __COUNTER__), declaration, expression)
// NOLINTEND(bugprone-macro-parentheses)
