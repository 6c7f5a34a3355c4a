#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "go/layout_fields.h"

namespace chanspect::go {

/// The value that a row's transitions ("1.18:152 1.23:160 1.25:-") give for a release: that of the
/// last transition not after it. Nothing before the first, where the value is "-", and for a
/// malformed row.
std::optional<std::uint32_t> value_at(std::string_view transitions, const Release& release);

/// The built-in table of layouts as of one release, on its architecture.
class LayoutTable final : public LayoutSource {
 public:
  explicit LayoutTable(const Release& release);

  std::optional<std::uint32_t> size(std::string_view structure) const override;
  std::optional<std::uint32_t> offset(std::string_view structure,
                                      std::string_view path) const override;
  std::optional<std::uint32_t> variable_size(std::string_view name) const override;

 private:
  std::optional<std::uint32_t> find(std::string_view kind, const std::string& name) const;

  Release release_;
  std::unordered_map<std::string, std::string_view> transitions_;  // by kind and name
};

/// The releases that the table is known to be true for: each minor up to the last patch release
/// that it was compared with. A later patch release may have moved fields (1.23.12 and 1.24.6 did).
bool table_knows(const Release& release);

/// The known release that comes nearest to one that is not: "go1.27.4" for 1.28.0.
std::string nearest_known(const Release& release);

}  // namespace chanspect::go
