#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "binary/elf.h"
#include "go/release.h"

namespace chanspect::go {

/// What `go version -m` tells of a binary (debug/buildinfo): from the section .go.buildinfo, or by
/// its magic in the first writable segment where the section is missing.
struct BuildInfo {
  std::string version;  ///< "go1.26.8", with "X:…" if built with experiments
  std::string path;     ///< import path of the main package
  std::string module;   ///< main module's path
  std::vector<std::pair<std::string, std::string>> settings;  ///< "-race" = "true", …
  bool by_variable =
      false;  ///< there is none: runtime.buildVersion told the version, and that is all

  std::string_view setting(std::string_view key) const;
};

/// `not_go` when the file has none, `unknown_release` where it is Go all the same.
Result<BuildInfo> read_build_info(const binary::Elf& elf);

}  // namespace chanspect::go
