#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "go/release.h"
#include "target/memory.h"

namespace chanspect::go {

/// One runtime.moduledata of the target (symtab.go): the executable itself, a plugin, a shared
/// library. Addresses are as in the running process, relocated.
struct Module {
  Address address = 0;  ///< of the moduledata
  Address text = 0, etext = 0;
  Address types = 0, etypes = 0;
  Address data = 0, edata = 0, bss = 0, ebss = 0, noptrdata = 0, enoptrdata = 0, noptrbss = 0,
          enoptrbss = 0;
  Address gofunc = 0;  ///< base of funcdata offsets
  Address rodata = 0;
  Address pclntab = 0;  ///< of the pcHeader
  // The parts of the pclntab, as the moduledata's slices give them (sizes in bytes).
  target::Range function_names;  // funcnametab
  target::Range cu_table;        // cutab, u32 each
  target::Range file_table;      // filetab
  target::Range pc_table;        // pctab
  target::Range function_data;   // pclntable: ftab and _func records
  target::Range ftab;            // functab, 8 bytes each, inside function_data
  std::string name;              ///< modulename; empty for the executable
};

/// Reads the chain of moduledata that starts at `first` (the address of runtime.firstmoduledata),
/// bounded, each checked for sense (ordered text, ftab inside the pclntab, pcHeader magic).
Result<std::vector<Module>> read_modules(const target::Memory& memory, Address first,
                                         const Release& release);

}  // namespace chanspect::go
