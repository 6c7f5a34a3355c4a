#include "go/wait_reasons.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "go/layout_table.h"
#include "go/wait_reason_data.h"

namespace chanspect::go {
namespace {

using snapshot::WaitKind;

struct StringHeader {
  Address address = 0;
  std::uint64_t length = 0;
};

constexpr std::uint64_t kLongestReason = 64;  // the longest so far has 29 bytes
// How many reasons a release may have added that the table does not know.
constexpr std::size_t kUnknownReasons = 32;

/// The texts of one release and those after it, by number.
struct ReasonsSince {
  Release release;
  std::vector<std::string> texts;
};

std::vector<ReasonsSince> parse_table() {
  std::vector<ReasonsSince> table;
  const auto json = nlohmann::json::parse(wait_reason_data(), nullptr, false);
  for (const auto& [name, reasons] : json.items()) {
    const auto release = parse_release("go" + name);
    if (!release) continue;
    ReasonsSince since{*release, {}};
    for (const auto& reason : reasons) {
      const auto number = reason.value("n", std::size_t{0});
      if (number > 255) continue;  // g.waitreason is one byte
      since.texts.resize(std::max(since.texts.size(), number + 1));
      since.texts[number] = reason.value("text", std::string());
    }
    table.push_back(std::move(since));
  }
  std::ranges::sort(table, {}, &ReasonsSince::release);
  return table;
}

/// The table's texts for a release: those of the last change not after it.
const std::vector<std::string>& table_texts(const Release& release) {
  static const std::vector<ReasonsSince> table = parse_table();
  const auto after = std::ranges::upper_bound(table, release, {}, &ReasonsSince::release);
  return after == table.begin() ? table.front().texts : std::prev(after)->texts;
}

bool is_reason_text(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

/// Reads up to `count` string headers at `strings`, fewer where the mapping ends before.
Result<std::vector<StringHeader>> read_headers(const target::Memory& memory, Address strings,
                                               std::size_t count, std::size_t least) {
  std::vector<StringHeader> headers(count);
  auto read = memory.read(strings, std::as_writable_bytes(std::span(headers)));
  if (!read && read.error().code == ErrorCode::unreadable && count > least) {
    headers.resize(least);
    read = memory.read(strings, std::as_writable_bytes(std::span(headers)));
  }
  if (!read) return std::unexpected(std::move(read).error());
  // What lies behind the array is no string of this kind: the array ends there.
  const auto end = std::ranges::find_if(headers, [&](const StringHeader& header) {
    return header.length > kLongestReason ||
           (header.length == 0) != (&header == headers.data());  // only reason 0 has no text
  });
  headers.erase(end, headers.end());
  return headers;
}

/// The texts that the headers point to, up to the first that cannot be one.
Result<std::vector<std::string>> read_texts(const target::Memory& memory,
                                            const std::vector<StringHeader>& headers) {
  std::vector<target::Range> ranges;
  std::uint64_t total = 0;
  for (const StringHeader& header : headers) {
    if (header.length == 0) continue;
    ranges.push_back({header.address, header.length});
    total += header.length;
  }
  std::vector<std::byte> bytes(total);
  std::vector<std::uint32_t> failed;
  CS_CHECK(memory.read_ranges(ranges, bytes, failed));
  if (!failed.empty()) ranges.resize(*std::ranges::min_element(failed));

  std::vector<std::string> texts(1);  // reason 0 is the empty text
  std::uint64_t at = 0;
  for (const target::Range& range : ranges) {
    const std::string_view text = as_text(Bytes(bytes).subspan(at, range.size));
    if (!is_reason_text(text)) break;
    texts.emplace_back(text);
    at += range.size;
  }
  return texts;
}

/// The array of the target itself; nothing where it does not make sense.
Result<std::optional<std::vector<std::string>>> read_target_texts(const target::Memory& memory,
                                                                  Address strings,
                                                                  const Release& release) {
  const std::size_t expected = table_texts(release).size();
  const bool known = table_knows(release) && !release.prerelease;
  auto headers =
      read_headers(memory, strings, known ? expected : expected + kUnknownReasons, expected);
  if (!headers) {
    if (headers.error().code == ErrorCode::unreadable) return std::nullopt;
    return std::unexpected(std::move(headers).error());
  }
  CS_TRY(auto texts, read_texts(memory, *headers));
  // A release that we know has exactly the table's number; any has these two.
  if (known && texts.size() != expected) return std::nullopt;
  for (const std::string_view text : {"select", "chan receive"})
    if (std::ranges::find(texts, text) == texts.end()) return std::nullopt;
  return texts;
}

}  // namespace

WaitKind kind_of_reason(std::string_view text) {
  using enum WaitKind;
  static constexpr auto kKinds = std::to_array<std::pair<std::string_view, WaitKind>>({
      {"GC assist marking", gc},
      {"IO wait", io},
      {"chan receive (nil chan)", chan_receive_nil},
      {"chan send (nil chan)", chan_send_nil},
      {"dumping heap", runtime},
      {"garbage collection", gc},
      {"garbage collection scan", gc},
      {"panicwait", runtime},
      {"select", select},
      {"select (no cases)", select_no_cases},
      {"GC assist wait", gc},
      {"GC sweep wait", gc},
      {"GC scavenge wait", gc},
      {"chan receive", chan_receive},
      {"chan send", chan_send},
      {"finalizer wait", runtime},
      {"force gc (idle)", runtime},
      {"semacquire", semaphore},
      {"sleep", sleep},
      {"sync.Cond.Wait", cond},
      {"timer goroutine (idle)", runtime},
      {"trace reader (blocked)", runtime},
      {"wait for GC cycle", gc},
      {"GC worker (idle)", gc},
      {"GC worker (active)", gc},
      {"sync.Mutex.Lock", mutex},
      {"sync.RWMutex.RLock", rwmutex_read},
      {"sync.RWMutex.Lock", rwmutex_write},
      {"GC mark termination", gc},
      {"stopping the world", runtime},
      {"flushing proc caches", runtime},
      {"trace goroutine status", runtime},
      {"trace proc status", runtime},
      {"page trace flush", runtime},
      {"GC weak to strong wait", gc},
      {"sync.WaitGroup.Wait", wait_group},
      {"chan receive (synctest)", chan_receive},
      {"chan send (synctest)", chan_send},
      {"select (synctest)", select},
      {"GOMAXPROCS updater (idle)", runtime},
      {"chan receive (durable)", chan_receive},
      {"chan send (durable)", chan_send},
      {"select (durable)", select},
      {"sync.WaitGroup.Wait (durable)", wait_group},
      {"cleanup wait", runtime},
  });
  const auto found = std::ranges::find(kKinds, text, &decltype(kKinds)::value_type::first);
  return found == kKinds.end() ? other : found->second;
}

Result<std::vector<WaitReason>> read_wait_reasons(const target::Memory& memory, Address strings,
                                                  const Release& release) {
  std::optional<std::vector<std::string>> own;
  if (strings != 0) {
    CS_TRY(own, read_target_texts(memory, strings, release));
  }
  std::vector<WaitReason> reasons;
  for (const std::string& text : own ? *own : table_texts(release))
    reasons.push_back({text, kind_of_reason(text)});
  return reasons;
}

bool are_wait_reasons(const target::Memory& memory, Address strings, const Release& release) {
  const auto texts = read_target_texts(memory, strings, release);
  return texts && texts->has_value();
}

}  // namespace chanspect::go
