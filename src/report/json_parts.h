#pragma once

#include <cstdint>
#include <string_view>

#include "analysis/channels.h"
#include "report/json.h"
#include "snapshot/snapshot.h"

/// The pieces that documents of the schema chanspect/1 share (docs/schema/chanspect-1.schema.json).
namespace chanspect::report {

/// Opens the document: schema, command, target, completeness, phases. The report's own keys follow;
/// `end_document` closes it.
void begin_document(Json& json, const snapshot::Snapshot& snapshot, std::string_view command);
void end_document(Json& json);

/// A frame in one line of the program: {"function", "file", "line"}; null for kNone.
void write_place(Json& json, const snapshot::Snapshot& snapshot, snapshot::FrameId frame);

/// All frames of a stack, those of the runtime too, leaf first; null where it was not read.
void write_stack(Json& json, const snapshot::Snapshot& snapshot, snapshot::StackId stack);

/// A channel's own fields and what its row says of its waiters.
void write_channel_row(Json& json, const snapshot::Snapshot& snapshot,
                       const analysis::ChannelRow& row);

/// The fields of a channel, without braces around.
void write_channel_fields(Json& json, const snapshot::Snapshot& snapshot,
                          snapshot::ChannelId channel);

void write_labels(Json& json, const snapshot::Snapshot& snapshot, snapshot::LabelsId labels);

/// The channels that it waits on, each once.
void write_channel_addresses(Json& json, const snapshot::Snapshot& snapshot,
                             const snapshot::Goroutine& goroutine);

/// A goroutine whole; its stack only `with_stack`.
void write_goroutine(Json& json, const snapshot::Snapshot& snapshot,
                     const snapshot::Goroutine& goroutine, bool with_stack);

}  // namespace chanspect::report
