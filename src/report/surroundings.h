#pragma once

#include <string>
#include <string_view>

#include "report/output.h"
#include "snapshot/snapshot.h"

/// What stands around the rows of every text report: whose they are, how far to trust them, and
/// what to do next. Nothing of it is printed with Style::quiet.
namespace chanspect::report {

/// "payments  pid 4242  go1.26.8  up 3h12m        read in 41ms, never stopped", and an empty line
/// where `gap` says so.
void print_heading(const snapshot::Snapshot& snapshot, const Style& style, Output& out,
                   bool gap = true);

/// What a person should know of the answer's limits, and with -v what was read.
void print_remarks(const snapshot::Snapshot& snapshot, const Style& style, Output& out);

/// "next: chanspect nth 4242 1    the goroutine and stack …", the last line of a report.
void print_next(std::string_view command, std::string_view purpose, const Style& style,
                Output& out);

/// "... and 1,234 more (--limit all shows them)" where rows were left out.
void print_left_out(std::size_t shown, std::size_t total, const Style& style, Output& out);

/// What the user calls the target on the command line: its pid, or its name.
std::string target_word(const snapshot::Snapshot& snapshot);

/// How many of `total` rows to print; `own` is the report's choice for a screen.
std::size_t rows_to_print(const Style& style, std::size_t total, std::size_t own);

}  // namespace chanspect::report
