#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "snapshot/snapshot.h"

/// Numbers, times and names as a person reads them.
namespace chanspect::report {

/// "118,900".
std::string with_commas(std::uint64_t number);

/// "0xc00012a000".
std::string hex(std::uint64_t number);

/// A length of time in at most two units, rounded down: "2h51m", "40m", "5.2s", "41 ms".
std::string duration(std::int64_t ns);

/// A lower bound: ">= 2h51m", or "-" when it is not known.
std::string at_least(std::int64_t ns);

/// Seconds as a decimal number with nanoseconds as far as there are any: "5.25".
std::string seconds(std::int64_t ns);

/// "1 goroutine", "3 goroutines".
std::string plural(std::uint64_t number, std::string_view noun);

/// The last two components of a path: "retry/queue.go".
std::string_view short_path(std::string_view path);

/// A function's name without the path of its package and without type arguments:
/// "retry.(*Queue).Push".
std::string short_function(std::string_view name);

/// What a name from the target may do to a terminal taken out: control characters become "\x1b".
std::string printable(std::string_view text);

/// Columns that text takes on a terminal, one a character.
std::size_t columns_of(std::string_view text);

/// At most `columns` columns; the middle gives way to "…".
std::string cut_middle(std::string_view text, std::size_t columns);

/// A short path in fewer columns: "…/queue.go:88" before its middle goes.
std::string fit_path(std::string_view path, std::size_t columns);

/// A short function's name in fewer columns: "…(*Queue).Push" before its middle goes.
std::string fit_function(std::string_view name, std::size_t columns);

}  // namespace chanspect::report
