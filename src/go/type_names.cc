// abi.Type and abi.Name (internal/abi/type.go), and the names that reflect gives to types it makes
// (reflect/type.go: ChanOf, FuncOf, StructOf, …).

#include "go/type_names.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/bytes.h"

namespace chanspect::go {
namespace {

enum Kind : std::uint8_t {
  kArray = 17,
  kChan = 18,
  kFunc = 19,
  kInterface = 20,
  kMap = 21,
  kPointer = 22,
  kSlice = 23,
  kStruct = 25,
  kUnsafePointer = 26,
};
constexpr std::uint8_t kKindMask = 31;
constexpr std::array<std::string_view, 27> kBasicNames = {
    "invalid", "bool",      "int",        "int8",   "int16",  "int32",         "int64",
    "uint",    "uint8",     "uint16",     "uint32", "uint64", "uintptr",       "float32",
    "float64", "complex64", "complex128", "array",  "chan",   "func",          "interface {}",
    "map",     "*",         "[]",         "string", "struct", "unsafe.Pointer"};

constexpr std::uint8_t kFlagUncommon = 1, kFlagExtraStar = 2;  // abi.TFlag…
constexpr std::uint8_t kNameHasTag = 2, kNameIsEmbedded = 8;   // abi.Name's first byte
constexpr std::uint64_t kTypeSize = 48;                        // of abi.Type itself
constexpr std::uint64_t kHeadSize = 72;                        // with what follows by kind
constexpr std::uint64_t kLongestName = 1 << 16;
constexpr std::size_t kLongestResult = 1 << 16;
constexpr int kMostParts = 4096;  // types and literals of one name
constexpr std::uint64_t kMostFields = 256;

/// The head of a type: abi.Type and the first words of ChanType, ArrayType, …
struct Head {
  Address address = 0;
  std::array<std::byte, kHeadSize> bytes{};

  template <class T>
  T at(std::uint64_t offset) const {
    return load<T>(bytes, offset).value_or(T{});
  }
  std::uint8_t flags() const { return at<std::uint8_t>(20); }
  std::uint8_t kind() const { return at<std::uint8_t>(23) & kKindMask; }
  std::int32_t name() const { return at<std::int32_t>(40); }
  Address elem() const { return at<Address>(48); }
};

Result<Head> read_head(const target::Memory& memory, Address address) {
  Head head;
  head.address = address;
  // A type of a plain kind may be the last thing before memory that is not there.
  if (!memory.read(address, head.bytes)) {
    head.bytes.fill(std::byte{0});
    CS_CHECK(memory.read(address, std::span(head.bytes).first(kTypeSize)));
  }
  return head;
}

/// A varint of abi.Name.
std::optional<std::uint64_t> take_varint(Bytes& bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes.size() && i < 5; ++i) {
    const auto byte = static_cast<std::uint64_t>(bytes[i]);
    value |= (byte & 0x7f) << (7 * i);
    if ((byte & 0x80) != 0) continue;
    bytes = bytes.subspan(i + 1);
    return value;
  }
  return std::nullopt;
}

struct Name {
  std::string text;
  std::string tag;
  bool embedded = false;
};

/// An abi.Name: flags, then length and bytes of the name, and of the tag if there is one.
Result<Name> read_name(const target::Memory& memory, Address address) {
  constexpr std::uint64_t kGuess = 64;  // most names and their headers
  std::vector<std::byte> buffer(kGuess);
  if (!memory.read(address, buffer)) {
    buffer.resize(4);
    CS_CHECK(memory.read(address, buffer));
  }
  const auto broken = [] { return fail(ErrorCode::bad_data, "a type's name makes no sense"); };
  // The lengths say how much there is to read: twice, as the tag's stands behind the name.
  for (int tries = 0; tries < 3; ++tries) {
    Bytes rest(buffer);
    const auto flags = static_cast<std::uint8_t>(rest[0]);
    rest = rest.subspan(1);
    Name name;
    name.embedded = (flags & kNameIsEmbedded) != 0;
    std::uint64_t missing = 0;
    for (std::string* text : {&name.text, &name.tag}) {
      if (text == &name.tag && (flags & kNameHasTag) == 0) break;
      const auto length = take_varint(rest);
      if (!length && text == &name.text) return broken();
      missing = length ? *length : 5;
      if (missing > kLongestName) return broken();
      if (!length || missing > rest.size()) {
        missing -= std::min<std::uint64_t>(missing, rest.size());
        break;
      }
      *text = as_text(rest.first(missing));
      rest = rest.subspan(missing);
      missing = 0;
    }
    if (missing == 0) return name;
    buffer.resize(buffer.size() + missing + ((flags & kNameHasTag) != 0 ? 8 : 0));
    if (!memory.read(address, buffer)) {
      buffer.resize(buffer.size() - ((flags & kNameHasTag) != 0 ? 8 : 0));
      CS_CHECK(memory.read(address, buffer));
    }
  }
  return broken();
}

/// Writes the name of a type made at run time out of its parts. Types name further types, so what
/// is still to be written waits on a stack of our own, of bounded size.
class Composer {
 public:
  Composer(const target::Memory& memory, const std::vector<Module>& modules)
      : memory_(&memory), modules_(&modules) {}

  Result<std::string> compose(Address type) {
    todo_.push_back({{}, type});
    for (int parts = 0; !todo_.empty(); ++parts) {
      if (parts > kMostParts || result_.size() > kLongestResult)
        return fail(ErrorCode::bad_data, "a type's name does not end");
      const Part part = std::move(todo_.back());
      todo_.pop_back();
      result_ += part.text;
      if (part.type != 0) CS_CHECK(write(part.type));
    }
    return std::move(result_);
  }

 private:
  struct Part {
    std::string text;
    Address type = 0;  ///< 0: only text
  };

  Result<void> write(Address address) {
    CS_TRY(const Head head, read_head(*memory_, address));
    const auto module = std::ranges::find_if(
        *modules_, [&](const Module& m) { return address >= m.types && address < m.etypes; });
    if (module == modules_->end()) return write_made(head);
    CS_TRY(const Name name, read_name(*memory_, module->types + static_cast<Address>(head.name())));
    const bool extra_star = (head.flags() & kFlagExtraStar) != 0 && !name.text.empty();
    result_ += std::string_view(name.text).substr(extra_star ? 1 : 0);
    return {};
  }

  /// Puts the parts of a type in line to be written next.
  Result<void> write_made(const Head& head) {
    switch (head.kind()) {
      case kArray:
        return push({{"[" + std::to_string(head.at<std::uint64_t>(64)) + "]", head.elem()}});
      case kChan:
        return push_chan(head);
      case kFunc:
        return push_func(head);
      case kMap:
        return push({{"map[", head.elem()}, {"]", head.at<Address>(56)}});
      case kPointer:
        return push({{"*", head.elem()}});
      case kSlice:
        return push({{"[]", head.elem()}});
      case kStruct:
        return push_struct(head);
      default:
        if (head.kind() >= kBasicNames.size() || head.kind() == 0)
          return fail(ErrorCode::bad_data, "a type of no known kind");
        result_ += kBasicNames[head.kind()];
        return {};
    }
  }

  Result<void> push(std::vector<Part> parts) {
    for (auto part = parts.rbegin(); part != parts.rend(); ++part)
      todo_.push_back(std::move(*part));
    return {};
  }

  Result<void> push_chan(const Head& head) {
    constexpr std::uint64_t kReceive = 1, kSend = 2;  // abi.ChanDir
    const auto direction = head.at<std::uint64_t>(56);
    if (direction == kReceive) return push({{"<-chan ", head.elem()}});
    if (direction == kSend) return push({{"chan<- ", head.elem()}});
    // "<-" would belong to the outer chan: chan (<-chan int)
    CS_TRY(const Head elem, read_head(*memory_, head.elem()));
    const bool ambiguous = elem.kind() == kChan && elem.at<std::uint64_t>(56) == kReceive;
    if (ambiguous) return push({{"chan (", head.elem()}, {")", 0}});
    return push({{"chan ", head.elem()}});
  }

  Result<void> push_func(const Head& head) {
    constexpr std::uint16_t kVariadic = 0x8000;
    const std::uint64_t ins = head.at<std::uint16_t>(48);
    const std::uint16_t out_word = head.at<std::uint16_t>(50);
    const std::uint64_t outs = out_word & static_cast<std::uint16_t>(~kVariadic);
    if (ins + outs > kMostFields) return fail(ErrorCode::bad_data, "a func type too large");
    // reflect: funcStr. The parameters' types follow FuncType and, if there is one, UncommonType.
    std::vector<Address> types(ins + outs);
    const Address array = head.address + 56 + ((head.flags() & kFlagUncommon) != 0 ? 16 : 0);
    CS_CHECK(memory_->read(array, std::as_writable_bytes(std::span(types))));
    std::vector<Part> parts = {{"func(", 0}};
    for (std::uint64_t i = 0; i < ins; ++i) {
      Part part{i == 0 ? "" : ", ", types[i]};
      if (i + 1 == ins && (out_word & kVariadic) != 0) {
        CS_TRY(const Head slice, read_head(*memory_, types[i]));
        part = {part.text + "...", slice.elem()};
      }
      parts.push_back(std::move(part));
    }
    parts.push_back({outs == 0 ? ")" : outs == 1 ? ") " : ") (", 0});
    for (std::uint64_t i = 0; i < outs; ++i) parts.push_back({i == 0 ? "" : ", ", types[ins + i]});
    if (outs > 1) parts.push_back({")", 0});
    return push(std::move(parts));
  }

  Result<void> push_struct(const Head& head) {
    // reflect: StructOf. StructType: PkgPath, then the slice of fields {Name, Typ, Offset}.
    const auto fields = head.at<Address>(56);
    const auto count = head.at<std::uint64_t>(64);
    if (count > kMostFields) return fail(ErrorCode::bad_data, "a struct type too large");
    std::vector<std::array<Address, 3>> words(count);
    CS_CHECK(memory_->read(fields, std::as_writable_bytes(std::span(words))));
    std::vector<Part> parts = {{"struct {", 0}};
    std::string before = " ";
    for (const auto& [name_address, type, offset] : words) {
      CS_TRY(const Name name, read_name(*memory_, name_address));
      parts.push_back({before + (name.embedded ? "" : name.text + " "), type});
      if (!name.tag.empty()) parts.push_back({" " + quoted_tag(name.tag), 0});
      before = "; ";
    }
    parts.push_back({count == 0 ? "}" : " }", 0});
    return push(std::move(parts));
  }

  static std::string quoted_tag(std::string_view tag) {
    std::string quoted = "\"";
    for (const char c : tag) {
      if (c == '"' || c == '\\') quoted += '\\';
      quoted += c;
    }
    return quoted + '"';
  }

  const target::Memory* memory_;
  const std::vector<Module>* modules_;
  std::string result_;
  std::vector<Part> todo_;
};

}  // namespace

Result<std::string> type_name(const target::Memory& memory, const std::vector<Module>& modules,
                              Address address) {
  return Composer(memory, modules).compose(address);
}

}  // namespace chanspect::go
