#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/unique_fd.h"
#include "target/core_file.h"
#include "target/core_kind.h"

namespace chanspect::target {

/// Unpacks a compressed core into a temporary file that has no name: in $TMPDIR, or /var/tmp where
/// that is not set. Zeros, most of many a core, take no room in it. gzip, zstd and xz are known;
/// for others the error names the command that unpacks them.
///
/// A file that ends too early gives what it holds, a core that is cut short. Errors: io where
/// there is no room (some is left free) or no temporary file, bad_data for a broken file,
/// unsupported for other compressions and for windows of more than 128 MiB.
Result<UniqueFd> unpack_core(const UniqueFd& packed, Compression compression,
                             const std::string& path, const CoreFile::Progress& progress = {});

}  // namespace chanspect::target
