#include "go/function_table.h"

#include <algorithm>
#include <unordered_map>

#include "go/pclntab.h"
#include "go/printed_arguments.h"

namespace chanspect::go {
namespace {

constexpr std::uint8_t kTopFrame = 1, kSpWrite = 2, kAssembly = 4;  // abi.FuncFlag…
constexpr int kDeepestInlining = 1024;
constexpr std::int32_t kLargestFrame = 1 << 30;

SourceFrame source_frame(const Pclntab& table, const FuncRecord& record, std::int32_t name,
                         Address pc) {
  SourceFrame frame;
  frame.function = table.function_name(name);
  // symtab.go: funcline1
  const std::int32_t file = table.value_at(record, record.pcfile, pc);
  const std::int32_t line = table.value_at(record, record.pcln, pc);
  const bool known = file >= 0 && line >= 0;
  frame.file = known ? table.file_name(record, file) : "?";
  frame.line = known ? static_cast<std::uint32_t>(line) : 0;
  return frame;
}

/// Where the physical function itself stands at `pc`, behind the calls inlined there.
Address outermost_pc(const Pclntab& table, const FuncRecord& record, Address pc) {
  for (int depth = 0; depth < kDeepestInlining; ++depth) {
    const auto call = table.inlined_at(record, pc);
    if (!call) break;
    pc = record.entry + call->parent_pc;
  }
  return pc;
}

/// The names looked for. Nearly all names of a program differ from them within the part that they
/// have in common ("runtime."), so that is compared first.
class WantedNames {
 public:
  explicit WantedNames(std::span<const std::string_view> names) {
    if (!names.empty()) common_ = names[0];
    for (std::size_t i = 0; i < names.size(); ++i) {
      numbers_.emplace(names[i], i);
      longest_ = std::max(longest_, names[i].size());
      const auto differ = std::ranges::mismatch(common_, names[i]);
      common_ = std::string_view(common_.begin(), differ.in1);
    }
  }

  std::size_t longest() const { return longest_; }

  /// The number of the name that stands NUL-ended at the front of `bytes`.
  std::optional<std::size_t> match(Bytes bytes) const {
    if (!as_text(bytes).starts_with(common_)) return std::nullopt;
    const auto name = c_string(bytes, 0);
    if (!name) return std::nullopt;
    const auto found = numbers_.find(*name);
    return found == numbers_.end() ? std::nullopt : std::optional(found->second);
  }

 private:
  std::unordered_map<std::string_view, std::size_t> numbers_;
  std::string_view common_;
  std::size_t longest_ = 0;
};

}  // namespace

struct FunctionTable::Tables {
  struct Part {
    Pclntab table;
    std::uint32_t first = 0;  ///< index of its first function
  };

  std::vector<Module> modules;
  Release release;
  std::vector<Part> parts;
  std::uint32_t functions = 0;

  /// The part that holds the function with this index.
  const Part& part(std::uint32_t index) const {
    std::size_t i = parts.size() - 1;
    while (i > 0 && parts[i].first > index) --i;
    return parts[i];
  }

  std::optional<Function> function(const Part& part, std::uint32_t number) const {
    const auto record = part.table.record(number);
    if (!record) return std::nullopt;
    Function function;
    function.entry = record->entry;
    function.name = part.table.function_name(record->name);
    function.index = part.first + number;
    function.id = func_id(record->id, release);
    function.top_frame = (record->flags & kTopFrame) != 0;
    function.sp_write = (record->flags & kSpWrite) != 0;
    function.assembly = (record->flags & kAssembly) != 0;
    return function;
  }
};

FunctionTable::FunctionTable(std::unique_ptr<Tables> tables) : tables_(std::move(tables)) {}
FunctionTable::FunctionTable(FunctionTable&&) noexcept = default;
FunctionTable& FunctionTable::operator=(FunctionTable&&) noexcept = default;
FunctionTable::~FunctionTable() = default;

Result<FunctionTable> FunctionTable::load(const target::Memory& memory, std::vector<Module> modules,
                                          const Release& release) {
  auto tables = std::make_unique<Tables>();
  tables->release = release;
  for (Module& module : modules) {
    auto table = Pclntab::read(memory, module, release);
    if (!table && tables->parts.empty()) return std::unexpected(std::move(table).error());
    if (!table) continue;
    const std::uint32_t size = table->size();
    tables->parts.push_back({std::move(*table), tables->functions});
    tables->functions += size;
    tables->modules.push_back(std::move(module));
  }
  if (tables->parts.empty()) return fail(ErrorCode::bad_data, "no Go functions");
  return FunctionTable(std::move(tables));
}

std::optional<Function> FunctionTable::find(Address pc) const {
  for (const Tables::Part& part : tables_->parts)
    if (const auto number = part.table.find(pc)) return tables_->function(part, *number);
  return std::nullopt;
}

std::vector<std::optional<Function>> FunctionTable::find_by_names(
    std::span<const std::string_view> names) const {
  std::vector<std::optional<Function>> found(names.size());
  const WantedNames wanted(names);
  std::size_t missing = names.size();
  for (const Tables::Part& part : tables_->parts)
    for (std::uint32_t number = 0; number < part.table.size() && missing != 0; ++number) {
      const auto name = wanted.match(part.table.name_begin(number, wanted.longest() + 1));
      if (!name || found[*name]) continue;
      found[*name] = tables_->function(part, number);
      missing -= found[*name] ? 1 : 0;
    }
  return found;
}

std::optional<Function> FunctionTable::find_by_name(std::string_view name) const {
  return find_by_names(std::span(&name, 1))[0];
}

target::Range FunctionTable::code(const Function& function) const {
  const Tables::Part& part = tables_->part(function.index);
  const auto end = part.table.entry(function.index - part.first + 1);
  if (!end || *end < function.entry) return {};
  return {function.entry, *end - function.entry};
}

std::optional<std::int32_t> FunctionTable::sp_delta(const Function& function, Address pc) const {
  const Tables::Part& part = tables_->part(function.index);
  const auto record = part.table.record(function.index - part.first);
  if (!record) return std::nullopt;
  const std::int32_t delta = part.table.value_at(*record, record->pcsp, pc);
  if (delta < 0 || delta > kLargestFrame || delta % 8 != 0) return std::nullopt;
  return delta;
}

std::vector<SourceFrame> FunctionTable::source_frames(const Function& function, Address pc) const {
  std::vector<SourceFrame> frames;
  const Tables::Part& part = tables_->part(function.index);
  const auto record = part.table.record(function.index - part.first);
  if (!record) return frames;
  const Address start = pc;
  for (int depth = 0; depth < kDeepestInlining; ++depth) {
    const auto call = part.table.inlined_at(*record, pc);
    if (!call) break;
    SourceFrame& frame = frames.emplace_back(source_frame(part.table, *record, call->name, pc));
    frame.id = func_id(call->id, tables_->release);
    frame.inlined = true;
    pc = record->entry + call->parent_pc;
  }
  SourceFrame& frame = frames.emplace_back(source_frame(part.table, *record, record->name, pc));
  frame.id = function.id;
  frame.offset = static_cast<std::uint32_t>(start - record->entry);
  return frames;
}

FunctionTable::Arguments FunctionTable::arguments(const Function& function, Address pc) const {
  const Tables::Part& part = tables_->part(function.index);
  const auto record = part.table.record(function.index - part.first);
  if (!record) return {};
  // gentraceback of 1.20 and earlier asks for the liveness where the outermost inlined call stands.
  if (tables_->release.minor <= 20) pc = outermost_pc(part.table, *record, pc);
  return printed_arguments(part.table, *record, pc);
}

const std::vector<Module>& FunctionTable::modules() const {
  return tables_->modules;
}
const Release& FunctionTable::release() const {
  return tables_->release;
}
std::size_t FunctionTable::size() const {
  return tables_->functions;
}

}  // namespace chanspect::go
