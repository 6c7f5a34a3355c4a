#pragma once

#include <memory>
#include <string>
#include <vector>

#include "binary/elf.h"
#include "go/build_info.h"
#include "go/function_table.h"
#include "go/layout.h"
#include "go/module.h"
#include "support/go_program.h"
#include "target/live_memory.h"
#include "target/process_facts.h"

/// A Go program, running or in a core, opened as the capture opens one, for tests of single parts
/// of src/go.
namespace chanspect::testing {

/// The value of a Result, or an exception that says why there is none.
template <class T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message());
  return std::move(*result);
}

struct GoTarget {
  explicit GoTarget(pid_t pid)
      : GoTarget("/proc/" + std::to_string(pid) + "/exe", must(target::LiveMemory::open(pid)),
                 must(target::entry_point(pid))) {}

  GoTarget(const std::string& executable, std::unique_ptr<target::Memory> its_memory,
           Address entry_point)
      : elf(must(binary::Elf::open(executable))),
        memory(std::move(its_memory)),
        release(must(
            go::parse_release(must(go::read_build_info(elf)).version, must(go::arch_of(elf))))),
        layout(must(go::layout_from_table(release))),
        bias(elf.type() == 3 /* ET_DYN */ ? entry_point - elf.entry() : 0) {}

  /// Address in the process of a variable of the runtime.
  Address symbol(std::string_view name) const {
    const auto found = elf.find_symbols(std::vector{name});
    if (!found.at(0)) throw std::runtime_error("no symbol " + std::string(name));
    return found[0]->address + bias;
  }

  go::FunctionTable functions() const {
    auto modules = must(go::read_modules(*memory, symbol("runtime.firstmoduledata"), release));
    return must(go::FunctionTable::load(*memory, std::move(modules), release));
  }

  /// The g's of all goroutines that were ever made.
  std::vector<Address> all_g() const {
    const auto length = must(target::read_value<std::uint64_t>(*memory, symbol("runtime.allglen")));
    const auto array = must(target::read_value<Address>(*memory, symbol("runtime.allgptr")));
    std::vector<Address> addresses(length);
    must_read(array, std::as_writable_bytes(std::span(addresses)));
    return addresses;
  }

  void must_read(Address from, std::span<std::byte> into) const {
    if (auto read = memory->read(from, into); !read)
      throw std::runtime_error(read.error().message());
  }

  binary::Elf elf;
  std::unique_ptr<target::Memory> memory;
  go::Release release;
  go::RuntimeLayout layout;
  Address bias;
};

}  // namespace chanspect::testing
