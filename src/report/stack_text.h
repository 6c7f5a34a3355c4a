#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "report/text_buffer.h"
#include "snapshot/snapshot.h"

namespace chanspect::report {

/// A function's name as the runtime of Go 1.`go_minor` prints it (traceback.go: printFuncName).
std::string printed_function(std::string_view name, unsigned go_minor);

/// 26 of "go1.26.8"; a high number where the version does not say.
unsigned go_minor(std::string_view version);

/// Writes goroutines in the words of the target's own runtime.Stack (runtime/traceback.go of its Go
/// release), byte for byte, as far as a snapshot knows: not labels, not synctest bubbles. The text
/// of each frame and creator is made once; a goroutine then costs the copying, and its argument
/// words. May be used by several threads at once.
class StackText {
 public:
  /// With `channels`, each wait on a channel stands as a frame before the others:
  ///     chan.receive[*main.Callback](0xc00012a000, 0x0, 0x8)
  ///     <tab>/home/me/main.go:12 +0x2c
  /// that is chan.send, chan.receive, select.send or select.receive, the element type, the
  /// channel's address, length and capacity, and the place of waiting. Whoever reads the runtime's
  /// text takes it for a frame.
  StackText(const snapshot::Snapshot& snapshot, bool channels);

  /// Appends one goroutine: header, frames, creator; no empty line.
  void append(const snapshot::Goroutine& goroutine, TextBuffer& to) const;

 private:
  /// Literal text, and what follows it.
  struct Piece {
    enum class Then : std::uint8_t { nothing, word, doubtful_word };
    std::uint32_t begin = 0;  ///< in literals_
    std::uint32_t size = 0;
    Then then = Then::nothing;
  };
  struct FrameText {
    std::uint32_t first_piece = 0;
    std::uint32_t pieces = 0;
    std::uint32_t room = 0;  ///< that all of it takes at most
    std::uint32_t words = 0;
    Piece without_words;  ///< `f(...)`: inlined, or the arguments were not read
    bool inlined = false;
  };
  struct CreatorText {
    Piece name;   ///< "created by main.main"; empty: not printed
    Piece place;  ///< "\n\t/home/me/main.go:11 +0x5d\n"
  };

  Piece add_literal(std::string_view text, Piece::Then then = Piece::Then::nothing);
  FrameText make_frame(const snapshot::Frame& frame);
  CreatorText make_creator(const snapshot::Frame& frame);
  std::string place_line(const snapshot::Frame& frame) const;

  void put(const Piece& piece, TextBuffer& to) const {
    to.put_padded(literals_.data() + piece.begin, piece.size);
  }
  void append_header(const snapshot::Goroutine& goroutine, TextBuffer& to) const;
  void append_frames(const snapshot::Goroutine& goroutine, TextBuffer& to) const;
  void append_deep_frames(const snapshot::Stack& stack, const std::uint64_t* words,
                          TextBuffer& to) const;
  void append_frame(const FrameText& frame, const std::uint64_t* words, TextBuffer& to) const;
  void append_creator(const snapshot::Goroutine& goroutine, TextBuffer& to) const;
  void append_waits(const snapshot::Goroutine& goroutine, TextBuffer& to) const;
  void append_bubble(const snapshot::Goroutine& goroutine, TextBuffer& to) const;
  std::string_view labels_of(const snapshot::Goroutine& goroutine) const;
  const std::uint64_t* argument_words(const snapshot::Goroutine& goroutine) const;

  const snapshot::Snapshot* snapshot_;
  unsigned go_minor_;
  bool channels_;
  std::string literals_;
  std::vector<Piece> pieces_;
  std::vector<FrameText> frames_;              ///< by FrameId
  std::vector<CreatorText> creators_;          ///< by FrameId; empty for frames that create none
  std::vector<std::string> labels_;            ///< by LabelsId, where the target prints them
  std::vector<std::uint32_t> words_of_stack_;  ///< by StackId: words that its shown frames take
};

}  // namespace chanspect::report
