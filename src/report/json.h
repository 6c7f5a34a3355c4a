#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "report/output.h"
#include "snapshot/snapshot.h"

namespace chanspect::report {

/// Writes JSON as it comes, so that a document of a million rows is never in memory. Commas are put
/// where they belong; objects and arrays must be closed by their opener. Bytes that are no UTF-8
/// become U+FFFD.
class Json {
 public:
  explicit Json(Output& out) : out_(&out) {}

  Json& open_object();
  Json& close_object();
  Json& open_array();
  Json& close_array();
  Json& key(std::string_view name);  ///< a name of the schema: letters and underscores

  Json& text(std::string_view value);
  Json& number(std::uint64_t value);
  Json& seconds(std::int64_t ns);          ///< kUnknown: null
  Json& address(snapshot::Address value);  ///< "0xc000…"; 0: null
  Json& flag(bool value);
  Json& null();
  /// An object's key that the target has chosen.
  Json& foreign_key(std::string_view name);

  /// A line's end between rows. Hands what is written over when there is enough of it.
  void next_line();
  void finish();

 private:
  void separate();
  void quote(std::string_view value);
  void append_number(std::uint64_t value, int base);

  Output* out_;
  std::string text_;
  bool comma_ = false;  ///< a value stands before: the next one is parted from it
};

}  // namespace chanspect::report
