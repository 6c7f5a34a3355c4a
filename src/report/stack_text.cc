#include "report/stack_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "analysis/frames.h"
#include "analysis/words.h"
#include "report/stack_labels.h"
#include "report/words.h"

namespace chanspect::report {
namespace {

using snapshot::FrameId;
using snapshot::Goroutine;
using snapshot::kNone;
using snapshot::Snapshot;
using snapshot::StackFrame;
using snapshot::Status;

constexpr std::uint32_t kInnerFrames = 50;  // traceback.go: tracebackInnerFrames, since 1.21
constexpr std::uint32_t kOuterFrames = 50;
constexpr std::uint32_t kMaxFrames = 100;  // up to 1.20: _TracebackMaxFrames
constexpr unsigned kLabelsInBrackets = 26;
constexpr unsigned kBubbles = 25;  // 1.24 called them groups
constexpr std::int64_t kMinute = 60'000'000'000;

/// Whether the runtime shows who created a goroutine (traceback.go: showfuncinfo).
bool is_shown_creator(std::string_view name) {
  constexpr std::string_view prefix = "runtime.";
  if (name.find('.') == std::string_view::npos) return false;
  return !name.starts_with(prefix) ||
         (name.size() > prefix.size() && name[prefix.size()] >= 'A' && name[prefix.size()] <= 'Z');
}

std::span<const StackFrame> frames_of(const Snapshot& snapshot, const snapshot::Stack& stack) {
  return std::span(snapshot.stack_frames).subspan(stack.first, stack.count);
}

}  // namespace

StackText::StackText(const Snapshot& snapshot, bool channels)
    : snapshot_(&snapshot), go_minor_(go_minor(snapshot.source.go_version)), channels_(channels) {
  frames_.reserve(snapshot.frames.size());
  for (const snapshot::Frame& frame : snapshot.frames) frames_.push_back(make_frame(frame));

  creators_.resize(snapshot.frames.size());
  for (const Goroutine& goroutine : snapshot.goroutines)
    if (const FrameId id = goroutine.creator; id != kNone && creators_[id].place.size == 0)
      creators_[id] = make_creator(snapshot.frames[id]);

  words_of_stack_.reserve(snapshot.stacks.size());
  for (const snapshot::Stack& stack : snapshot.stacks) {
    std::uint32_t words = 0;
    for (const StackFrame& at : frames_of(snapshot, stack))
      if (!at.hidden) words += frames_[at.frame].words;
    words_of_stack_.push_back(words);
  }
  literals_.append(TextBuffer::kBlock, '\0');

  if (!snapshot.source.prints_labels) return;
  for (const snapshot::Labels& labels : snapshot.labels)
    labels_.push_back(stack_labels(snapshot, labels, go_minor_));
}

StackText::Piece StackText::add_literal(std::string_view text, Piece::Then then) {
  const Piece piece{static_cast<std::uint32_t>(literals_.size()),
                    static_cast<std::uint32_t>(text.size()), then};
  literals_.append(text);
  return piece;
}

/// "\t/home/me/main.go:12 +0x2c\n".
std::string StackText::place_line(const snapshot::Frame& frame) const {
  std::string text = fmt::format("\t{}:{}", printable(snapshot_->strings[frame.file]), frame.line);
  if (!frame.inlined && frame.offset != 0) text += fmt::format(" +{:#x}", frame.offset);
  return text + "\n";
}

StackText::FrameText StackText::make_frame(const snapshot::Frame& frame) {
  const std::string name =
      printable(printed_function(snapshot_->strings[frame.function], go_minor_));
  const std::string place = place_line(frame);
  FrameText text{.first_piece = static_cast<std::uint32_t>(pieces_.size()),
                 .words = frame.inlined ? 0U : frame.argument_count,
                 .without_words = add_literal(name + "(...)\n" + place),
                 .inlined = frame.inlined};
  std::string literal = name + "(";
  std::uint32_t words = 0;
  for (const char c : snapshot_->strings[frame.arguments]) {
    if (c != '\x01' && c != '\x02') {
      literal.push_back(c);
      continue;
    }
    if (++words > text.words) break;  // the template asks for more than it declares
    pieces_.push_back(
        add_literal(literal, c == '\x01' ? Piece::Then::word : Piece::Then::doubtful_word));
    literal.clear();
  }
  pieces_.push_back(add_literal(literal + ")\n" + place));
  text.pieces = static_cast<std::uint32_t>(pieces_.size()) - text.first_piece;
  for (const Piece& piece : std::span(pieces_).subspan(text.first_piece))
    text.room += piece.size + static_cast<std::uint32_t>(TextBuffer::kNumber);
  text.room = std::max(text.room, text.without_words.size);
  return text;
}

StackText::CreatorText StackText::make_creator(const snapshot::Frame& frame) {
  const std::string_view name = snapshot_->strings[frame.function];
  const bool shown = is_shown_creator(name);
  return {.name = add_literal(shown ? "created by " + printable(printed_function(name, go_minor_))
                                    : std::string()),
          .place = add_literal("\n" + place_line(frame))};
}

void StackText::append(const Goroutine& goroutine, TextBuffer& to) const {
  append_header(goroutine, to);
  if (channels_ && goroutine.settled) append_waits(goroutine, to);
  append_frames(goroutine, to);
  append_creator(goroutine, to);
}

/// traceback.go: goroutineheader, at the default level.
void StackText::append_header(const Goroutine& goroutine, TextBuffer& to) const {
  const bool waits = goroutine.status == Status::waiting || goroutine.status == Status::leaked;
  const std::string_view reason =
      waits && goroutine.settled ? snapshot_->strings[goroutine.reason] : std::string_view();
  to.append("goroutine ");
  to.reserve(TextBuffer::kNumber);
  to.put_number(goroutine.id);
  to.append(" [");
  to.append(reason.empty() ? analysis::word_of(goroutine.status) : reason);
  if (goroutine.settled) {
    if (goroutine.status == Status::leaked) to.append(" (leaked)");
    if (goroutine.scanning) to.append(" (scan)");
    const bool timed = goroutine.status == Status::waiting || goroutine.status == Status::syscall;
    if (timed && goroutine.wait_ns >= kMinute) {
      to.append(", ");
      to.reserve(TextBuffer::kNumber);
      to.put_number(static_cast<std::uint64_t>(goroutine.wait_ns / kMinute));
      to.append(" minutes");
    }
    if (goroutine.locked) to.append(", locked to thread");
    append_bubble(goroutine, to);
  }
  const std::string_view labels = labels_of(goroutine);
  const bool inside = go_minor_ == kLabelsInBrackets;
  if (inside) to.append(labels);
  to.append("]");
  if (!inside) to.append(labels);
  to.append(":\n");
}

void StackText::append_bubble(const Goroutine& goroutine, TextBuffer& to) const {
  if (goroutine.bubble >= snapshot_->bubbles.size()) return;
  to.append(go_minor_ >= kBubbles ? ", synctest bubble " : ", synctest group ");
  to.reserve(TextBuffer::kNumber);
  to.put_number(snapshot_->bubbles[goroutine.bubble]);
}

std::string_view StackText::labels_of(const Goroutine& goroutine) const {
  return goroutine.settled && goroutine.labels < labels_.size() ? labels_[goroutine.labels]
                                                                : std::string_view();
}

const std::uint64_t* StackText::argument_words(const Goroutine& goroutine) const {
  const std::size_t have = snapshot_->argument_words.size();
  if (goroutine.first_argument == kNone || goroutine.first_argument > have ||
      have - goroutine.first_argument < words_of_stack_[goroutine.stack])
    return nullptr;
  return snapshot_->argument_words.data() + goroutine.first_argument;
}

void StackText::append_frames(const Goroutine& goroutine, TextBuffer& to) const {
  if (!goroutine.settled || goroutine.stack == kNone) {
    to.append("\tgoroutine running on other thread; stack unavailable\n");
    return;
  }
  const snapshot::Stack& stack = snapshot_->stacks[goroutine.stack];
  const std::uint64_t* words = argument_words(goroutine);
  if (stack.count >= kMaxFrames) {
    append_deep_frames(stack, words, to);
    return;
  }
  for (const StackFrame& at : frames_of(*snapshot_, stack)) {
    if (at.hidden) continue;
    const FrameText& frame = frames_[at.frame];
    append_frame(frame, words, to);
    if (words != nullptr) words += frame.words;
  }
}

/// A stack so deep that the runtime leaves out part of it.
void StackText::append_deep_frames(const snapshot::Stack& stack, const std::uint64_t* words,
                                   TextBuffer& to) const {
  const auto frames = frames_of(*snapshot_, stack);
  const bool halves = go_minor_ >= 21;
  const auto shown = static_cast<std::uint32_t>(
      std::ranges::count_if(frames, [](const StackFrame& at) { return !at.hidden; }));
  std::uint32_t printed = 0;
  std::uint32_t physical = 0;  // frames of the stack itself: inlined ones stand before theirs
  for (const StackFrame& at : frames) {
    const FrameText& frame = frames_[at.frame];
    // Up to 1.20 a hundred physical frames are looked at, shown or not.
    if (!halves && physical == kMaxFrames) break;
    if (!frame.inlined) ++physical;
    if (at.hidden) continue;
    const bool left_out = halves && printed >= kInnerFrames && printed + kOuterFrames < shown;
    if (!left_out) append_frame(frame, words, to);
    if (left_out && printed == kInnerFrames)
      to.append(fmt::format("...{} frames elided...\n", shown - kInnerFrames - kOuterFrames));
    if (words != nullptr) words += frame.words;
    ++printed;
  }
  if (!halves && printed == kMaxFrames) to.append("...additional frames elided...\n");
}

void StackText::append_frame(const FrameText& frame, const std::uint64_t* words,
                             TextBuffer& to) const {
  to.reserve(frame.room);
  if (words == nullptr || frame.inlined) {
    put(frame.without_words, to);
    return;
  }
  for (const Piece& piece : std::span(pieces_).subspan(frame.first_piece, frame.pieces)) {
    put(piece, to);
    if (piece.then == Piece::Then::nothing) continue;
    to.put_hex(*words++);
    if (piece.then == Piece::Then::doubtful_word) to.put('?');
  }
}

/// traceback.go: printcreatedby. The parent is told since 1.21.
void StackText::append_creator(const Goroutine& goroutine, TextBuffer& to) const {
  if (goroutine.creator == kNone || goroutine.id == 1 || !goroutine.settled) return;
  const CreatorText& creator = creators_[goroutine.creator];
  if (creator.name.size == 0) return;
  to.reserve(creator.name.size + creator.place.size + 2 * TextBuffer::kNumber);
  put(creator.name, to);
  if (goroutine.parent_id != 0) {
    to.append(" in goroutine ");
    to.reserve(TextBuffer::kNumber);
    to.put_number(goroutine.parent_id);
  }
  to.reserve(creator.place.size);
  put(creator.place, to);
}

void StackText::append_waits(const Goroutine& goroutine, TextBuffer& to) const {
  const FrameId site = analysis::site_of(*snapshot_, goroutine.stack);
  for (std::uint32_t w = 0; w < goroutine.wait_count; ++w) {
    const snapshot::Wait& wait = snapshot_->waits[goroutine.first_wait + w];
    if (wait.channel == kNone) continue;
    const snapshot::Channel& channel = snapshot_->channels[wait.channel];
    std::string type = printable(snapshot_->strings[channel.elem_type]);
    // Nested parentheses would make it no frame to those who read the text.
    if (type.empty() || type.find_first_of("()") != std::string::npos) type = "...";
    const std::string_view direction = analysis::name_of(wait.direction);
    to.append(fmt::format("{}.{}[{}]({:#x}, {:#x}, {:#x})\n", wait.select ? "select" : "chan",
                          direction.empty() ? "wait" : direction, type, channel.address,
                          channel.length, channel.capacity));
    to.append(site == kNone ? "\t<autogenerated>:1\n" : place_line(snapshot_->frames[site]));
  }
}

}  // namespace chanspect::report
