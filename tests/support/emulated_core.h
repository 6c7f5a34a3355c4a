#pragma once

#include <elf.h>
#include <fcntl.h>

#include <csignal>
#include <filesystem>
#include <memory>
#include <string>

#include "base/unique_fd.h"
#include "binary/elf.h"
#include "support/go_target.h"
#include "target/core_file.h"

/// Real cores of programs for another processor, as qemu's user-mode emulator writes them.
namespace chanspect::testing {

/// A Go program for arm64 that runs under qemu-aarch64 until it is killed and leaves a core.
class EmulatedProgram {
 public:
  explicit EmulatedProgram(const std::string& binary)
      : binary_(binary),
        folder_(make_folder()),
        process_({"/bin/sh", "-c",
                  "cd " + folder_ +
                      " && ulimit -c unlimited && GOTRACEBACK=crash exec qemu-aarch64 " + binary +
                      " 2>/dev/null"}) {}
  EmulatedProgram(const EmulatedProgram&) = delete;
  EmulatedProgram& operator=(const EmulatedProgram&) = delete;
  ~EmulatedProgram() { std::filesystem::remove_all(folder_); }

  /// The next line of the program's standard output without its end; empty at end of file.
  std::string line() { return process_.line(); }

  /// The memory and threads of the program as it is now, which ends it.
  std::unique_ptr<target::CoreFile> dump_core() {
    process_.end_by(SIGABRT);
    for (const auto& entry : std::filesystem::directory_iterator(folder_))
      if (entry.path().extension() == ".core") {
        auto core = must(target::CoreFile::open(entry.path().string()));
        attach_executable(*core);
        return core;
      }
    throw std::runtime_error("qemu-aarch64 has written no core (is it installed?)");
  }

 private:
  static std::string make_folder() {
    std::string folder = std::filesystem::temp_directory_path() / "chanspect-core-XXXXXX";
    if (mkdtemp(folder.data()) == nullptr) throw std::runtime_error("mkdtemp");
    return folder;
  }

  /// The core holds neither code nor the names of the files that do.
  void attach_executable(target::CoreFile& core) const {
    const auto elf = must(binary::Elf::open(binary_));
    const Address bias = elf.type() == ET_DYN ? core.facts().entry_point - elf.entry() : 0;
    std::vector<target::FileMapping> parts;
    for (const binary::Segment& segment : elf.segments())
      if (segment.type == PT_LOAD && segment.file_size != 0)
        parts.push_back({{segment.address + bias, segment.file_size}, segment.offset, binary_});
    core.attach(std::move(parts), UniqueFd(open(binary_.c_str(), O_RDONLY | O_CLOEXEC)));
  }

  std::string binary_;
  std::string folder_;
  GoProcess process_;
};

}  // namespace chanspect::testing
