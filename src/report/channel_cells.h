#pragma once

#include <string>
#include <vector>

#include "analysis/channels.h"
#include "report/table.h"
#include "report/tsv.h"
#include "snapshot/snapshot.h"

/// A channel in a line of text or of tsv, as the overview, `channels` and `nth` show it.
namespace chanspect::report {

/// "chan *main.Callback".
std::string channel_type(const snapshot::Snapshot& snapshot, const snapshot::Channel& channel);

/// "open", "closed"; "moving" where its parts did not agree; "open, timer".
std::string channel_state(const snapshot::Channel& channel);

/// "118,000 send, 2 recv, 1 select".
std::string channel_waiters(const analysis::ChannelRow& row);

/// "chan int  0xc00012a000  0/0  open".
std::string channel_words(const snapshot::Snapshot& snapshot, const snapshot::Channel& channel);

/// A place in two cells: function without its package's path, file's last two components with the
/// line. Empty for kNone.
std::vector<std::string> place_cells(const snapshot::Snapshot& snapshot, snapshot::FrameId frame);

/// The table of channels; `first_title` heads the type.
Table channel_table(const snapshot::Snapshot& snapshot, std::string first_title, const Style& style,
                    Output& out);

/// `number` is the cell before the type.
void add_channel_row(Table& table, const snapshot::Snapshot& snapshot,
                     const analysis::ChannelRow& row, std::size_t number);

}  // namespace chanspect::report
