#pragma once

#include <cstdint>
#include <cstdlib>
#include <map>
#include <sstream>
#include <string>
#include <vector>

/// Reads what runtime.Stack prints: the Go runtime's own answer, against which ours is held.
namespace chanspect::testing {

struct TextFrame {
  std::string function;   ///< "main.(*queue[...]).push", "panic"
  std::string arguments;  ///< what is between the parentheses
  std::string file;
  std::uint32_t line = 0;
  std::uint32_t offset = 0;  ///< 0 where none is printed

  friend bool operator==(const TextFrame&, const TextFrame&) = default;
  friend std::ostream& operator<<(std::ostream& out, const TextFrame& frame) {
    return out << frame.function << "(" << frame.arguments << ") " << frame.file << ":"
               << frame.line << " +" << std::hex << frame.offset << std::dec;
  }
};

struct TextGoroutine {
  std::uint64_t id = 0;
  std::string status;  ///< what is between the brackets
  std::vector<TextFrame> frames;
  int elided_before =
      -1;  ///< "...N frames elided..." (N, or 0 if unnumbered) stands before this one
  std::uint64_t elided = 0;
  TextFrame creator;  ///< arguments stay empty
};

/// "file.go:12 +0x1c" behind a tab.
inline void read_position(const std::string& line, TextFrame& frame) {
  const std::size_t plus = line.rfind(" +0x");
  const std::string place = line.substr(1, plus == std::string::npos ? plus : plus - 1);
  if (plus != std::string::npos)
    frame.offset = static_cast<std::uint32_t>(std::strtoul(line.c_str() + plus + 2, nullptr, 16));
  const std::size_t colon = place.rfind(':');
  frame.file = place.substr(0, colon);
  frame.line = static_cast<std::uint32_t>(std::strtoul(place.c_str() + colon + 1, nullptr, 10));
}

inline std::map<std::uint64_t, TextGoroutine> read_stack_text(const std::string& text) {
  std::map<std::uint64_t, TextGoroutine> goroutines;
  std::istringstream lines(text);
  TextGoroutine* now = nullptr;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("goroutine ")) {
      const std::uint64_t id = std::strtoull(line.c_str() + 10, nullptr, 10);
      now = &goroutines[id];
      now->id = id;
      const std::size_t open = line.find('[');
      now->status = line.substr(open + 1, line.rfind(']') - open - 1);
    } else if (now == nullptr || line.empty()) {
      now = nullptr;
    } else if (line.starts_with("...")) {
      now->elided_before = static_cast<int>(now->frames.size());
      now->elided = std::strtoull(line.c_str() + 3, nullptr, 10);
    } else if (line.starts_with("created by ")) {
      now->creator.function = line.substr(11, line.find(" in goroutine ") - 11);
      if (std::getline(lines, line)) read_position(line, now->creator);
    } else {
      TextFrame& frame = now->frames.emplace_back();
      const std::size_t close = line.rfind(')');
      std::size_t open = close;
      for (int depth = 1; open > 0 && depth > 0;) {
        --open;
        if (line[open] == ')') ++depth;
        if (line[open] == '(') --depth;
      }
      frame.function = line.substr(0, open);
      frame.arguments = line.substr(open + 1, close - open - 1);
      if (std::getline(lines, line)) read_position(line, frame);
    }
  }
  return goroutines;
}

}  // namespace chanspect::testing
