#include "go/layout.h"

#include "go/layout_fields.h"
#include "go/layout_table.h"

namespace chanspect::go {
namespace {

/// Experiments that change the structs we read: with lock ranking each runtime.mutex carries its
/// rank (lockrank_on.go), which moves whatever follows one.
bool moves_fields(const std::string& experiments) {
  return experiments.find("staticlockranking") != std::string::npos;
}

Error unknown(const Release& release, std::string why) {
  return {ErrorCode::unknown_release, "the layouts of " + release.name() + " are not known",
          std::move(why),
          "the nearest release that chanspect knows is " + nearest_known(release) +
              "; a newer chanspect may know this one, and a program built without "
              "-ldflags=-w tells its layouts itself"};
}

/// Whether the table alone is to be believed: a pre-release may be half-way between two rows, and
/// an experiment may lead away from them.
bool table_is_sure(const Release& release) {
  return table_knows(release) && !release.prerelease && !moves_fields(release.experiments);
}

}  // namespace

Result<RuntimeLayout> layout_from_table(const Release& release) {
  if (!table_knows(release))
    return std::unexpected(unknown(release, "the built-in table does not reach to it"));
  if (moves_fields(release.experiments))
    return std::unexpected(unknown(release, "it was built with X:" + release.experiments));
  RuntimeLayout layout;
  layout.release = release;
  layout.source = "table " + release.name();
  CS_CHECK(fill_layout(LayoutTable(release), layout));
  return layout;
}

Result<RuntimeLayout> layout_of_nearest(const Release& release) {
  if (moves_fields(release.experiments))
    return std::unexpected(unknown(release, "it was built with X:" + release.experiments));
  CS_TRY(const Release nearest, parse_release(nearest_known(release), release.arch));
  CS_TRY(RuntimeLayout layout, layout_from_table(nearest));
  layout.release = release;
  layout.source = "table " + nearest.name() + ", inferred";
  return layout;
}

Result<RuntimeLayout> choose_layout(const binary::Elf& elf, const Release& release) {
  if (table_is_sure(release)) return layout_from_table(release);
  auto from_dwarf = layout_from_dwarf(elf, release);
  if (from_dwarf) return from_dwarf;
  // A pre-release of a minor that the table knows: its layouts are nearly always those of the
  // release, and a goroutine's is checked against the process before it is believed.
  auto from_table = layout_from_table(release);
  if (!from_table) from_table.error().why += "; its DWARF: " + from_dwarf.error().message();
  return from_table;
}

}  // namespace chanspect::go
