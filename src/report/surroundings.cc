#include "report/surroundings.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "base/shell_word.h"
#include "report/table.h"
#include "report/words.h"

namespace chanspect::report {
namespace {

using snapshot::Completeness;
using snapshot::Goroutine;
using snapshot::Snapshot;
using snapshot::Source;
using snapshot::SourceKind;

/// "SIGSEGV", "signal 34".
std::string signal_name(int signal) {
  const char* const name = sigabbrev_np(signal);
  return name != nullptr ? fmt::format("SIG{}", name) : fmt::format("signal {}", signal);
}

constexpr std::size_t kUsualWidth = 100;  // where the terminal's width is not known

std::string how_read(const Source& source) {
  std::string text = "read in " + duration(source.read_ns);
  if (source.kind == SourceKind::core) return text;
  text +=
      source.stopped_ns > 0 ? ", stopped for " + duration(source.stopped_ns) : ", never stopped";
  if (source.watched_ns > 0) text += ", two looks " + duration(source.watched_ns) + " apart";
  return text;
}

/// Why no wait's length is known, if that is so. The runtime notes the time at which a goroutine
/// began to wait only when its collector comes by (mgcmark.go).
std::string why_no_waits(const Snapshot& snapshot) {
  if (snapshot.source.watched_ns > 0) return {};
  const bool is_core = snapshot.source.kind == SourceKind::core;
  bool any_waiting = false;
  for (const Goroutine& goroutine : snapshot.goroutines) {
    if (goroutine.wait_ns != snapshot::kUnknown) return {};
    any_waiting |= goroutine.status == snapshot::Status::waiting && !goroutine.system;
  }
  if (!any_waiting) return {};
  const Completeness& completeness = snapshot.completeness;
  std::string why = "waits unknown: Go notes them only in a GC";
  if (completeness.gc_known)
    why += completeness.gc_cycles == 0 ? ", and the target has not run one"
                                       : fmt::format(" ({} so far, none since these blocked)",
                                                     with_commas(completeness.gc_cycles));
  return is_core ? why : why + "; try --watch 5s";
}

std::string what_moved(const Completeness& completeness) {
  std::string text;
  if (completeness.unsettled != 0) text = plural(completeness.unsettled, "goroutine");
  if (completeness.channels_unsettled != 0)
    text += (text.empty() ? "" : " and ") + plural(completeness.channels_unsettled, "channel");
  return text.empty() ? text : text + " moved at every look, so not stuck: not shown in full";
}

void print_remark(std::string_view text, Ink ink, const Style& style, Output& out) {
  if (text.empty()) return;
  out.write(inked("note: " + printable(text), ink, style));
  out.write("\n");
}

void print_phases(const Snapshot& snapshot, const Style& style, Output& out) {
  const Source& source = snapshot.source;
  out.write(fmt::format("read: {}, layouts from {}, rows at most {} apart\n",
                        plural(snapshot.goroutines.size(), "goroutine"),
                        source.layout_source.empty() ? "?" : printable(source.layout_source),
                        duration(source.read_ns)));
  if (!source.symbol_source.empty())
    out.write(fmt::format("symbols: {}\n", printable(source.symbol_source)));
  Table table(
      {{.title = "  phase"}, {.title = "time", .right = true}, {.title = "bytes", .right = true}},
      style, out);
  for (const snapshot::Phase& phase : snapshot.phases)
    table.row({"  " + printable(phase.name), duration(phase.ns),
               phase.bytes == 0 ? "" : with_commas(phase.bytes)});
  table.finish();
}

}  // namespace

std::string target_word(const Snapshot& snapshot) {
  if (snapshot.source.kind == SourceKind::core) return shell_word(printable(snapshot.source.path));
  return snapshot.source.pid != 0 ? std::to_string(snapshot.source.pid)
                                  : printable(snapshot.source.name);
}

void print_heading(const Snapshot& snapshot, const Style& style, Output& out, bool gap) {
  if (style.quiet) return;
  const Source& source = snapshot.source;
  const std::string name = printable(source.name);
  std::string rest;
  if (source.kind == SourceKind::core) rest += "  core";
  if (source.pid != 0)
    rest += fmt::format("{} pid {}", source.kind == SourceKind::core ? " of" : " ", source.pid);
  if (source.signal != 0) rest += "  " + signal_name(source.signal);
  if (!source.go_version.empty()) rest += "  " + printable(source.go_version);
  if (source.uptime_ns != snapshot::kUnknown) rest += "  up " + duration(source.uptime_ns);
  const std::string right = how_read(source);
  const std::size_t width = style.width == 0 ? kUsualWidth : style.width;
  const std::size_t used = columns_of(name) + rest.size() + columns_of(right);
  out.write(inked(name, Ink::bold, style));
  out.write(rest);
  out.write(std::string(used + 2 < width ? width - used : 2, ' '));
  out.write(inked(right, Ink::dim, style));
  out.write(gap ? "\n\n" : "\n");
}

void print_remarks(const Snapshot& snapshot, const Style& style, Output& out) {
  if (style.quiet) return;
  const Completeness& completeness = snapshot.completeness;
  print_remark(why_no_waits(snapshot), Ink::dim, style, out);
  print_remark(what_moved(completeness), Ink::dim, style, out);
  if (completeness.unreadable != 0)
    print_remark(plural(completeness.unreadable, "goroutine") +
                     " could not be read in full: the answer is incomplete",
                 Ink::yellow, style, out);
  for (const std::string& note : completeness.notes) print_remark(note, Ink::dim, style, out);
  if (style.verbosity > 0) print_phases(snapshot, style, out);
}

void print_next(std::string_view command, std::string_view purpose, const Style& style,
                Output& out) {
  if (style.quiet) return;
  out.write("next: ");
  out.write(inked(command, Ink::bold, style));
  const std::size_t used = 6 + columns_of(command) + 4 + columns_of(purpose);
  if (!purpose.empty() && (style.width == 0 || used <= style.width)) {
    out.write("    ");
    out.write(inked(purpose, Ink::dim, style));
  }
  out.write("\n");
}

void print_left_out(std::size_t shown, std::size_t total, const Style& style, Output& out) {
  if (style.quiet || shown >= total) return;
  out.write(fmt::format("... and {} more (--limit all shows them)\n", with_commas(total - shown)));
}

std::size_t rows_to_print(const Style& style, std::size_t total, std::size_t own) {
  if (style.limit != 0) return std::min(style.limit, total);
  return style.format == Format::text ? std::min(own, total) : total;
}

}  // namespace chanspect::report
