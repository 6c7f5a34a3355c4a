// Variables of the runtime by the functions that use them. Which function refers to what comes from
// the runtime's source, and holds in real binaries of all releases from 1.18 to 1.27.

#include "go/variables_in_code.h"

#include <elf.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <unordered_map>

#include "go/runtime_checks.h"
#include "go/runtime_code.h"
#include "go/wait_reasons.h"

namespace chanspect::go {
namespace {

using Kind = DataReference::Kind;
using References = std::vector<DataReference>;

constexpr int kTries = 16;  // allgs is read while it grows

constexpr auto kFunctions = std::to_array<std::string_view>(
    {"runtime.allgadd", "runtime.mcommoninit", "runtime.mexit", "runtime.preemptall",
     "runtime.procresize", "runtime.semacquire1", "runtime.semrelease1", "runtime.semroot",
     "runtime.checkmcount", "runtime.mcount", "runtime.gcMarkTermination",
     "runtime.waitReason.String", "runtime.goroutineheader", "runtime.parsegodebug",
     "runtime.parsedebugvars"});

std::vector<Address> places_of(const References& references) {
  std::vector<Address> places;
  for (const DataReference& reference : references) places.push_back(reference.place);
  std::ranges::sort(places);
  const auto repeated = std::ranges::unique(places);
  places.erase(repeated.begin(), repeated.end());
  return places;
}

bool has(const References& references, Address place, Kind kind, std::uint8_t width) {
  return std::ranges::any_of(references, [&](const DataReference& reference) {
    return reference.place == place && reference.kind == kind && reference.width == width;
  });
}

/// Counted up, in one instruction or in two.
bool is_counted(const References& references, Address place) {
  return has(references, place, Kind::update, 4) ||
         (has(references, place, Kind::load, 4) && has(references, place, Kind::store, 4));
}

/// Written by a function or an instruction for that, which takes the address.
bool is_atomic(const References& references, Address place) {
  return has(references, place, Kind::address, 0) || has(references, place, Kind::update, 8);
}

/// The one of `places` that fits; nothing where none does or several do.
template <class Fits>
std::optional<Address> only_one(const std::vector<Address>& places, Fits fits) {
  std::optional<Address> found;
  for (const Address place : places) {
    if (!fits(place)) continue;
    if (found) return std::nullopt;
    found = place;
  }
  return found;
}

class Finder {
 public:
  Finder(const RunningImage& image, const FunctionTable& functions, const RuntimeLayout& layout,
         RuntimeVariables& variables, Findings& findings)
      : memory_(image.memory()),
        image_(image),
        layout_(layout),
        code_(image, functions, kFunctions),
        variables_(variables),
        findings_(findings) {}

  void find_all() {
    find_allgs();
    find("allm", variables_.allm, {"runtime.mcommoninit", "runtime.mexit"},
         [&](Address place) { return is_allm(memory_, layout_, place); });
    find("allp", variables_.allp, {"runtime.preemptall", "runtime.procresize"},
         [&](Address place) { return is_allp(memory_, layout_.p, place); });
    find_sched();
    find_semtable();
    find_memstats();
    find("wait reasons", variables_.wait_reason_strings,
         {"runtime.waitReason.String", "runtime.goroutineheader"},
         [&](Address place) { return are_wait_reasons(memory_, place, layout_.release); });
    find("dbgvars", variables_.dbgvars, {"runtime.parsegodebug", "runtime.parsedebugvars"},
         [&](Address place) { return is_dbgvars(memory_, layout_.release, place); });
  }

 private:
  void found(std::string_view variable, std::string_view function) {
    findings_.emplace_back(variable, std::string("code of ").append(function));
  }

  /// A variable that can be known by its look, among what the first of `users` refers to in which
  /// exactly one place has it.
  template <class Fits>
  void find(std::string_view name, Address& variable, std::initializer_list<std::string_view> users,
            Fits fits) {
    for (const std::string_view user : users) {
      if (variable != 0) return;
      if (const auto place = only_one(places_of(code_.references(user)), fits)) {
        variable = *place;
        found(name, user);
      }
    }
  }

  /// allgadd appends to the slice allgs, and publishes its pointer and length in allgptr and
  /// allglen: two more words of the same value.
  void find_allgs() {
    if (variables_.allgptr != 0 && variables_.allglen != 0) return;
    const References references = code_.references("runtime.allgadd");
    const auto places = places_of(references);
    for (int tries = 0; tries < kTries; ++tries) {
      const auto words = read_words(places);
      for (const Address slice : places)
        if (take_allgs(references, words, slice)) return found("allgs", "runtime.allgadd");
    }
  }

  using Words = std::unordered_map<Address, std::uint64_t>;

  Words read_words(const std::vector<Address>& places) const {
    std::vector<target::Range> ranges;
    ranges.reserve(places.size());
    for (const Address place : places) ranges.push_back({place, 8});
    std::vector<std::byte> bytes(places.size() * 8);
    std::vector<std::uint32_t> failed;
    Words words;
    if (!memory_.read_ranges(ranges, bytes, failed) || !failed.empty()) return words;
    for (std::size_t i = 0; i < places.size(); ++i)
      words.emplace(places[i], *load<std::uint64_t>(bytes, i * 8));
    return words;
  }

  bool take_allgs(const References& references, const Words& words, Address slice) {
    if (!words.contains(slice) || !words.contains(slice + 8) || !words.contains(slice + 16))
      return false;
    const SliceHeader header{words.at(slice), words.at(slice + 8), words.at(slice + 16)};
    if (!header.makes_sense(8)) return false;
    const auto published = [&](std::uint64_t value) {
      std::vector<Address> places;
      for (const auto& [place, word] : words)
        if (word == value && place - slice >= sizeof(SliceHeader)) places.push_back(place);
      return only_one(places, [&](Address place) { return is_atomic(references, place); });
    };
    const auto pointer = published(header.address), length = published(header.length);
    if (!pointer || !length || !are_gs(memory_, layout_.g, header.address, header.length))
      return false;
    variables_.allgptr = *pointer;
    variables_.allglen = *length;
    return true;
  }

  /// checkmcount: mnext - nmfreed > maxmcount, which lie around one another.
  void find_sched() {
    const auto& offset = layout_.sched.mnext;
    if (variables_.sched != 0 || !offset.present()) return;
    References references = code_.references("runtime.checkmcount");
    std::ranges::copy(code_.references("runtime.mcount"), std::back_inserter(references));
    const auto mnext = only_one(places_of(references), [&](Address place) {
      const auto threads = target::read_value<std::int64_t>(memory_, place);
      const auto most = target::read_value<std::int32_t>(memory_, place + 8);
      return has(references, place, Kind::load, 8) && has(references, place + 8, Kind::load, 4) &&
             has(references, place + 16, Kind::load, 8) && threads && *threads > 0 && most &&
             *most > 0;
    });
    if (!mnext) return;
    variables_.sched = *mnext - offset.offset;
    found("sched", "runtime.checkmcount");
  }

  /// The table may be all zero. But both of these take its address, and of nothing else.
  void find_semtable() {
    if (variables_.semtable != 0) return;
    const auto fits = [&](Address place) { return is_semtable(memory_, layout_, place); };
    const References acquire = code_.references("runtime.semacquire1");
    const References release = code_.references("runtime.semrelease1");
    const auto place = only_one(places_of(acquire), [&](Address candidate) {
      return has(acquire, candidate, Kind::address, 0) &&
             has(release, candidate, Kind::address, 0) && fits(candidate);
    });
    if (place) {
      variables_.semtable = *place;
      found("semtable", "runtime.semacquire1");
    }
    find("semtable", variables_.semtable, {"runtime.semroot"}, fits);
  }

  /// gcMarkTermination counts numgc, and numforcedgc beside it.
  void find_memstats() {
    const auto& offset = layout_.mstats.numgc;
    if (variables_.memstats != 0 || !offset.present()) return;
    const References references = code_.references("runtime.gcMarkTermination");
    const auto numgc = only_one(places_of(references), [&](Address place) {
      return is_counted(references, place) && is_counted(references, place + 4) &&
             image_.in_segment({place - offset.offset, layout_.mstats.size}, unsigned{PF_W});
    });
    if (!numgc) return;
    variables_.memstats = *numgc - offset.offset;
    found("memstats", "runtime.gcMarkTermination");
  }

  const target::Memory& memory_;
  const RunningImage& image_;
  const RuntimeLayout& layout_;
  RuntimeCode code_;
  RuntimeVariables& variables_;
  Findings& findings_;
};

}  // namespace

void find_variables_in_code(const RunningImage& image, const FunctionTable& functions,
                            const RuntimeLayout& layout, RuntimeVariables& variables,
                            Findings& findings) {
  Finder(image, functions, layout, variables, findings).find_all();
}

}  // namespace chanspect::go
