#pragma once

#include <optional>
#include <string>

#include "base/diagnosis.h"
#include "capture/open.h"

/// What is told of a Go program alike for processes and cores: by its file, and by how far opening
/// it came.
namespace chanspect::capture {

/// Adds what the file at `path` tells without a process: its kind, the Go release, how it was
/// built. `opened_with` is why opening the target failed, if it did.
void add_file_checks(Diagnosis& diagnosis, const std::string& path,
                     const std::optional<Error>& opened_with);

/// Adds how the runtime's variables were found, which layouts are used and how well they fit, and
/// how many collections there were.
void add_runtime_checks(Diagnosis& diagnosis, const OpenedProgram& opened,
                        const std::optional<Error>& opened_with);

/// GNU's build id, or Go's, not longer than a person wants; empty where there is none.
std::string shown_build_id(const binary::Elf& elf);

/// A check that failed with this error; its cure is the error's hint.
void add_failure(Diagnosis& diagnosis, std::string name, const Error& error);

}  // namespace chanspect::capture
