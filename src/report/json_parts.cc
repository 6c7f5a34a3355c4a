#include "report/json_parts.h"

#include <fmt/chrono.h>

#include <chrono>

#include "analysis/frames.h"
#include "analysis/words.h"
#include "report/words.h"

namespace chanspect::report {
namespace {

using snapshot::Channel;
using snapshot::FrameId;
using snapshot::Goroutine;
using snapshot::kNone;
using snapshot::Snapshot;

/// RFC 3339 in UTC with milliseconds.
std::string timestamp(std::int64_t unix_ns) {
  const std::time_t whole = unix_ns / 1'000'000'000;
  std::tm utc{};
  gmtime_r(&whole, &utc);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", utc, unix_ns / 1'000'000 % 1000);
}

void text_or_null(Json& json, std::string_view value) {
  if (value.empty())
    json.null();
  else
    json.text(value);
}

void write_target(Json& json, const snapshot::Source& source) {
  json.key("target").open_object();
  json.key("kind").text(source.kind == snapshot::SourceKind::core ? "core" : "process");
  json.key("path");
  text_or_null(json, source.path);
  json.key("signal");
  if (source.signal == 0)
    json.null();
  else
    json.number(static_cast<std::uint64_t>(source.signal));
  json.key("pid");
  if (source.pid == 0)
    json.null();
  else
    json.number(static_cast<std::uint64_t>(source.pid));
  json.key("name").text(source.name);
  json.key("executable").text(source.executable);
  json.key("go_version").text(source.go_version);
  json.key("build_id").text(source.build_id);
  json.key("layout_source").text(source.layout_source);
  json.key("symbol_source").text(source.symbol_source);
  json.key("uptime_seconds").seconds(source.uptime_ns);
  json.key("taken_at").text(timestamp(source.taken_unix_ns));
  json.key("stop").text(source.stop == snapshot::StopMode::freeze ? "freeze" : "none");
  json.key("read_seconds").seconds(source.read_ns);
  json.key("stopped_seconds").seconds(source.stopped_ns);
  json.key("watched_seconds").seconds(source.watched_ns);
  json.key("goroutines_before");
  if (source.watched_ns == 0)
    json.null();
  else
    json.number(source.goroutines_before);
  json.close_object();
}

void write_completeness(Json& json, const Snapshot& snapshot) {
  const snapshot::Completeness& completeness = snapshot.completeness;
  json.key("completeness").open_object();
  json.key("complete").flag(completeness.unreadable == 0);
  json.key("goroutines").number(snapshot.goroutines.size());
  json.key("goroutines_listed").number(completeness.goroutines_listed);
  json.key("dead").number(completeness.dead);
  json.key("unsettled").number(completeness.unsettled);
  json.key("unreadable").number(completeness.unreadable);
  json.key("channels_unsettled").number(completeness.channels_unsettled);
  json.key("gc_cycles");
  if (completeness.gc_known)
    json.number(completeness.gc_cycles);
  else
    json.null();
  json.key("notes").open_array();
  for (const std::string& note : completeness.notes) json.text(note);
  json.close_array().close_object();
}

void write_wait(Json& json, const Snapshot& snapshot, const snapshot::Wait& wait) {
  json.open_object();
  json.key("channel");
  if (wait.channel == kNone) {
    json.null();
    json.key("object").address(wait.object);
  } else {
    const Channel& channel = snapshot.channels[wait.channel];
    json.address(channel.address);
    json.key("elem_type");
    text_or_null(json, snapshot.strings[channel.elem_type]);
    json.key("direction");
    text_or_null(json, analysis::name_of(wait.direction));
    json.key("select").flag(wait.select);
  }
  json.close_object();
}

/// What is known only of a goroutine that held still while it was read.
void write_settled_part(Json& json, const Snapshot& snapshot, const Goroutine& goroutine) {
  json.key("reason");
  text_or_null(json, snapshot.strings[goroutine.reason]);
  json.key("block_type").text(analysis::block_type(snapshot, goroutine));
  json.key("wait_seconds_at_least").seconds(goroutine.wait_ns);
  json.key("waits").open_array();
  for (std::uint32_t w = 0; w < goroutine.wait_count; ++w)
    write_wait(json, snapshot, snapshot.waits[goroutine.first_wait + w]);
  json.close_array();
  json.key("labels");
  write_labels(json, snapshot, goroutine.labels);
  json.key("bubble");
  if (goroutine.bubble >= snapshot.bubbles.size())
    json.null();
  else
    json.number(snapshot.bubbles[goroutine.bubble]);
  json.key("creator");
  write_place(json, snapshot, goroutine.creator);
  json.key("parent");
  if (goroutine.parent_id == 0)
    json.null();
  else
    json.number(goroutine.parent_id);
  json.key("top_user_frame");
  write_place(json, snapshot, analysis::site_of(snapshot, goroutine.stack));
  json.key("system").flag(goroutine.system);
  json.key("locked_to_thread").flag(goroutine.locked);
  json.key("leaked").flag(goroutine.leaked);
  json.key("thread");
  if (goroutine.thread == 0)
    json.null();
  else
    json.number(goroutine.thread);
}

}  // namespace

void begin_document(Json& json, const Snapshot& snapshot, std::string_view command) {
  json.open_object();
  json.key("schema").text("chanspect/1");
  json.key("command").text(command);
  json.next_line();
  write_target(json, snapshot.source);
  json.next_line();
  write_completeness(json, snapshot);
  json.next_line();
  json.key("phases").open_array();
  for (const snapshot::Phase& phase : snapshot.phases) {
    json.open_object();
    json.key("name").text(phase.name);
    json.key("seconds").seconds(phase.ns);
    json.key("bytes").number(phase.bytes);
    json.close_object();
  }
  json.close_array();
  json.next_line();
}

void end_document(Json& json) {
  json.close_object();
  json.finish();
}

void write_place(Json& json, const Snapshot& snapshot, FrameId id) {
  if (id == kNone) {
    json.null();
    return;
  }
  const snapshot::Frame& frame = snapshot.frames[id];
  json.open_object();
  json.key("function").text(snapshot.strings[frame.function]);
  json.key("file").text(snapshot.strings[frame.file]);
  json.key("line").number(frame.line);
  json.close_object();
}

void write_stack(Json& json, const Snapshot& snapshot, snapshot::StackId id) {
  if (id == kNone) {
    json.null();
    return;
  }
  const snapshot::Stack& stack = snapshot.stacks[id];
  json.open_array();
  for (std::uint32_t i = 0; i < stack.count; ++i) {
    const snapshot::StackFrame& at = snapshot.stack_frames[stack.first + i];
    const snapshot::Frame& frame = snapshot.frames[at.frame];
    json.open_object();
    json.key("function").text(snapshot.strings[frame.function]);
    json.key("file").text(snapshot.strings[frame.file]);
    json.key("line").number(frame.line);
    json.key("pc").address(frame.pc);
    json.key("offset").number(frame.offset);
    json.key("inlined").flag(frame.inlined);
    json.key("runtime").flag(frame.runtime);
    json.key("hidden").flag(at.hidden);
    json.close_object();
  }
  json.close_array();
}

void write_channel_fields(Json& json, const Snapshot& snapshot, snapshot::ChannelId id) {
  const Channel& channel = snapshot.channels[id];
  json.key("address").address(channel.address);
  json.key("elem_type");
  text_or_null(json, snapshot.strings[channel.elem_type]);
  json.key("length").number(channel.length);
  json.key("capacity").number(channel.capacity);
  json.key("closed").flag(channel.closed);
  json.key("timer").flag(channel.timer);
  json.key("settled").flag(channel.settled);
}

void write_channel_row(Json& json, const Snapshot& snapshot, const analysis::ChannelRow& row) {
  json.open_object();
  write_channel_fields(json, snapshot, row.channel);
  json.key("senders").number(row.senders);
  json.key("receivers").number(row.receivers);
  json.key("selects").number(row.selects);
  json.key("waiters_before");
  if (const auto before = snapshot.channels[row.channel].waiters_before; before == kNone)
    json.null();
  else
    json.number(before);
  json.key("longest_wait_seconds_at_least").seconds(row.longest_wait_ns);
  json.key("oldest_goroutine").number(row.oldest_goroutine);
  json.key("site");
  write_place(json, snapshot, row.site);
  json.key("at_site").number(row.at_site);
  json.key("sites").number(row.sites);
  json.close_object();
}

void write_labels(Json& json, const Snapshot& snapshot, snapshot::LabelsId labels) {
  json.open_object();
  if (labels != kNone)
    for (const auto& [key, value] : snapshot.labels[labels])
      json.foreign_key(snapshot.strings[key]).text(snapshot.strings[value]);
  json.close_object();
}

void write_channel_addresses(Json& json, const Snapshot& snapshot, const Goroutine& goroutine) {
  json.open_array();
  snapshot::ChannelId last = kNone;
  for (std::uint32_t w = 0; w < goroutine.wait_count; ++w) {
    const snapshot::ChannelId channel = snapshot.waits[goroutine.first_wait + w].channel;
    if (channel != kNone && channel != last) json.address(snapshot.channels[channel].address);
    if (channel != kNone) last = channel;
  }
  json.close_array();
}

void write_goroutine(Json& json, const Snapshot& snapshot, const Goroutine& goroutine,
                     bool with_stack) {
  json.open_object();
  json.key("id").number(goroutine.id);
  json.key("address").address(goroutine.address);
  json.key("status").text(analysis::name_of(goroutine.status));
  json.key("settled").flag(goroutine.settled);
  if (goroutine.settled) write_settled_part(json, snapshot, goroutine);
  if (with_stack) {
    json.key("stack");
    write_stack(json, snapshot, goroutine.settled ? goroutine.stack : kNone);
  }
  json.close_object();
}

}  // namespace chanspect::report
