#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "base/result.h"
#include "go/arch.h"

namespace chanspect::go {

/// A Go release, from the string that the toolchain puts in each binary:
/// "go1.26.8", "go1.27rc1", "go1.25.1 X:nogreenteagc", "devel go1.28-abcdef …"; and for which
/// processor it built the binary, for the runtime is not the same on all. Releases compare without.
struct Release {
  int minor = 0;            ///< 26 of go1.26.8
  int patch = 0;            ///< 8 of go1.26.8; 0 for release candidates and development versions
  bool prerelease = false;  ///< rc, beta or devel: layouts may be half-way
  std::string experiments;  ///< what follows "X:", comma separated; may be empty
  std::string text;         ///< the string as found
  Arch arch = Arch::amd64;

  /// "go1.26.8"
  std::string name() const;

  friend std::strong_ordering operator<=>(const Release& a, const Release& b) {
    if (const auto order = a.minor <=> b.minor; order != 0) return order;
    return a.patch <=> b.patch;
  }
  friend bool operator==(const Release& a, const Release& b) { return (a <=> b) == 0; }
};

/// Understands the version string of a binary for `arch` (see arch_of); `bad_data` when it is none
/// of Go's.
Result<Release> parse_release(std::string_view text, Arch arch = Arch::amd64);

}  // namespace chanspect::go
