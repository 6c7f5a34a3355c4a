#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "go/module.h"
#include "target/memory.h"

namespace chanspect::go {

/// The name of the abi.Type at `address` as reflect prints it ("*main.Callback", "struct {}",
/// "map[string]int"), from the type's own module (abi/type.go: Name). Types made at run time
/// (reflect.ChanOf and such) lie outside each module's [types, etypes); their name offset is
/// negative and found in runtime.reflectOffs, so they get a name made of their kind and parts.
Result<std::string> type_name(const target::Memory& memory, const std::vector<Module>& modules,
                              Address address);

}  // namespace chanspect::go
