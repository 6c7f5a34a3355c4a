#include "capture/labels.h"

#include <algorithm>
#include <string>

#include "capture/gather.h"

namespace chanspect::capture {
namespace {

// Beyond these it is no label set but memory that looks like one.
constexpr std::uint64_t kMostLabels = 64;       // of one goroutine
constexpr std::uint64_t kMostText = 16U << 10;  // bytes of all its keys and values
constexpr std::size_t kAtOnce = 1024;           // goroutines whose labels are read together
constexpr int kFirstWithSlice = 24;             // go1.24: labelMap is a LabelSet's slice

// runtime/map.go up to 1.23: type hmap, and bmap for map[string]string.
constexpr std::uint32_t kHmapSize = 48, kHmapB = 9, kHmapBuckets = 16, kHmapOldBuckets = 24;
constexpr std::uint32_t kSlots = 8, kMinTopHash = 5;
constexpr std::uint32_t kBucketSize = 8 + kSlots * 16 * 2 + 8;
constexpr std::uint32_t kMostB = 6;  // 64 buckets of 8

struct Text {
  Address address = 0;
  std::uint64_t length = 0;
};

/// One key or value of the label set number `owner`.
struct Pair {
  std::size_t owner = 0;
  Text key, value;
};

Text text_at(Bytes bytes, std::uint64_t offset) {
  return {load<Address>(bytes, offset).value_or(0),
          load<std::uint64_t>(bytes, offset + 8).value_or(0)};
}

/// Reads one piece per owner: the bytes are empty where there is nothing.
class Level {
 public:
  explicit Level(const target::Memory& memory) : gather_(memory) {}
  void add(std::size_t owner, Address address, std::uint64_t size) {
    if (address == 0 || size == 0) return;
    gather_.add(address, static_cast<std::uint32_t>(size));
    owners_.push_back(owner);
  }
  Result<void> read() { return gather_.read(); }
  std::size_t size() const { return owners_.size(); }
  std::size_t owner(std::size_t i) const { return owners_[i]; }
  Bytes bytes(std::size_t i) const { return gather_[static_cast<Gather::Piece>(i)]; }

 private:
  Gather gather_;
  std::vector<std::size_t> owners_;
};

Result<std::vector<Pair>> pairs_of_slices(const target::Memory& memory,
                                          std::span<const Address> pointers) {
  Level headers(memory);
  for (std::size_t i = 0; i < pointers.size(); ++i) headers.add(i, pointers[i], 24);
  CS_CHECK(headers.read());
  Level arrays(memory);
  for (std::size_t i = 0; i < headers.size(); ++i) {
    const Text slice = text_at(headers.bytes(i), 0);
    if (slice.length <= kMostLabels) arrays.add(headers.owner(i), slice.address, slice.length * 32);
  }
  CS_CHECK(arrays.read());
  std::vector<Pair> pairs;
  for (std::size_t i = 0; i < arrays.size(); ++i)
    for (std::uint64_t at = 0; at + 32 <= arrays.bytes(i).size(); at += 32)
      pairs.push_back(
          {arrays.owner(i), text_at(arrays.bytes(i), at), text_at(arrays.bytes(i), at + 16)});
  return pairs;
}

/// Entries of a map: those of all its buckets, and while it grows the ones still in the old.
Result<std::vector<Pair>> pairs_of_maps(const target::Memory& memory,
                                        std::span<const Address> pointers) {
  // g.labels points to a labelMap, a variable of map type: itself a pointer to the hmap.
  Level maps(memory);
  for (std::size_t i = 0; i < pointers.size(); ++i) maps.add(i, pointers[i], 8);
  CS_CHECK(maps.read());
  Level headers(memory);
  for (std::size_t i = 0; i < maps.size(); ++i)
    headers.add(maps.owner(i), load<Address>(maps.bytes(i), 0).value_or(0), kHmapSize);
  CS_CHECK(headers.read());
  std::vector<std::pair<std::size_t, Address>> todo;
  for (std::size_t i = 0; i < headers.size(); ++i) {
    const Bytes map = headers.bytes(i);
    const auto b = load<std::uint8_t>(map, kHmapB).value_or(0);
    if (map.empty() || b > kMostB) continue;
    const auto add = [&](std::uint32_t field, std::uint64_t count) {
      const Address first = load<Address>(map, field).value_or(0);
      for (std::uint64_t n = 0; first != 0 && n < count; ++n)
        todo.emplace_back(headers.owner(i), first + n * kBucketSize);
    };
    add(kHmapBuckets, std::uint64_t{1} << b);
    add(kHmapOldBuckets, (std::uint64_t{1} << b) / 2 + (b == 0 ? 1 : 0));
  }
  std::vector<Pair> pairs;
  for (int level = 0; !todo.empty() && level < 8; ++level) {  // overflow buckets hang on each other
    Level buckets(memory);
    for (const auto& [owner, address] : todo) buckets.add(owner, address, kBucketSize);
    CS_CHECK(buckets.read());
    todo.clear();
    for (std::size_t i = 0; i < buckets.size(); ++i) {
      const Bytes bucket = buckets.bytes(i);
      if (bucket.empty()) continue;
      for (std::uint32_t slot = 0; slot < kSlots; ++slot)
        if (load<std::uint8_t>(bucket, slot).value_or(0) >= kMinTopHash)
          pairs.push_back({buckets.owner(i), text_at(bucket, 8 + slot * 16),
                           text_at(bucket, 8 + kSlots * 16 + slot * 16)});
      const Address overflow = load<Address>(bucket, kBucketSize - 8).value_or(0);
      if (overflow != 0) todo.emplace_back(buckets.owner(i), overflow);
    }
  }
  return pairs;
}

/// Leaves out the sets that are too large to be label sets.
void keep_plausible(std::vector<Pair>& pairs, std::size_t owners) {
  std::vector<std::uint64_t> text(owners);
  std::vector<std::uint64_t> count(owners);
  for (const Pair& pair : pairs) {
    text[pair.owner] += std::min(pair.key.length, kMostText + 1);
    text[pair.owner] += std::min(pair.value.length, kMostText + 1);
    ++count[pair.owner];
  }
  std::erase_if(pairs, [&](const Pair& pair) {
    return text[pair.owner] > kMostText || count[pair.owner] > kMostLabels;
  });
}

/// Adds the texts of the pairs to the snapshot, each owner's sorted by key as the runtime prints
/// them.
Result<void> add_texts(const target::Memory& memory, const std::vector<Pair>& pairs,
                       std::span<snapshot::LabelsId> ids, snapshot::Snapshot& snapshot) {
  Level texts(memory);
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    texts.add(i * 2, pairs[i].key.address, pairs[i].key.length);
    texts.add(i * 2 + 1, pairs[i].value.address, pairs[i].value.length);
  }
  CS_CHECK(texts.read());
  std::vector<std::string_view> words(pairs.size() * 2);
  for (std::size_t i = 0; i < texts.size(); ++i) words[texts.owner(i)] = as_text(texts.bytes(i));
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    auto& id = ids[pairs[i].owner];
    if (id == snapshot::kNone) {
      id = static_cast<snapshot::LabelsId>(snapshot.labels.size());
      snapshot.labels.emplace_back();
    }
    snapshot.labels[id].emplace_back(snapshot.strings.add(words[i * 2]),
                                     snapshot.strings.add(words[i * 2 + 1]));
  }
  for (const snapshot::LabelsId id : ids) {
    if (id == snapshot::kNone) continue;
    std::ranges::sort(snapshot.labels[id], {},
                      [&](const auto& pair) { return snapshot.strings[pair.first]; });
  }
  return {};
}

}  // namespace

Result<std::vector<snapshot::LabelsId>> read_labels(const Runtime& runtime,
                                                    std::span<const Address> pointers,
                                                    snapshot::Snapshot& snapshot) {
  std::vector<snapshot::LabelsId> ids(pointers.size(), snapshot::kNone);
  const bool slices = runtime.layout.release.minor >= kFirstWithSlice;
  for (std::size_t begin = 0; begin < pointers.size(); begin += kAtOnce) {
    const auto some = pointers.subspan(begin, std::min(kAtOnce, pointers.size() - begin));
    CS_TRY(auto pairs,
           slices ? pairs_of_slices(*runtime.memory, some) : pairs_of_maps(*runtime.memory, some));
    keep_plausible(pairs, some.size());
    CS_CHECK(
        add_texts(*runtime.memory, pairs, std::span(ids).subspan(begin, some.size()), snapshot));
  }
  return ids;
}

}  // namespace chanspect::capture
