#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "go/arch.h"
#include "target/memory.h"

namespace chanspect::go {

/// A place in static data that an instruction names by its address.
struct DataReference {
  enum Kind : std::uint8_t {
    address,  ///< the address itself is taken (LEA; ADRP and ADD)
    load,     ///< read, also to compare or to compute with
    store,
    update,  ///< read and written by one instruction, whole or not
  };

  Address place = 0;
  Kind kind = address;
  std::uint8_t width = 0;  ///< bytes; 0 for `address`, and where it is not known
};

/// All places in static data that the machine code of a function names, in the order of its
/// instructions. `entry` is the address at which `code` runs. Decodes front to back, up to the
/// first bytes that are no instruction.
std::vector<DataReference> data_references(Bytes code, Address entry, Arch arch);

}  // namespace chanspect::go
