#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "base/shell_word.h"
#include "capture/diagnose.h"
#include "cli/commands.h"
#include "cli/go_processes.h"
#include "cli/inspection.h"
#include "cli/target_argument.h"
#include "report/reports.h"
#include "target/live_memory.h"
#include "target/machine.h"

namespace chanspect::cli {
namespace {

struct Words {
  std::string target, executable;
};

/// How many Go processes there are and how many of them may be read.
Check processes_check(const target::AccessFacts& ours) {
  std::size_t hidden = 0;
  const auto found = go_processes_among(target::list_processes(), &hidden);
  const auto readable =
      static_cast<std::size_t>(std::ranges::count_if(found, [](const GoProcess& one) {
        return target::LiveMemory::open(one.process.pid).has_value();
      }));
  std::string text = fmt::format("{} of {} may be read", readable, found.size());
  if (found.empty()) text = "none that we can see";
  if (hidden > 0) text += fmt::format("; the kernel does not show us what {} more run", hidden);
  const bool all = readable == found.size() && (hidden == 0 || geteuid() == 0);
  return {"Go processes", all ? CheckState::ok : CheckState::warn, std::move(text),
          all ? "" : target::gain_capability(ours)};
}

Diagnosis diagnose_machine() {
  const target::MachineFacts facts = target::machine_facts();
  Diagnosis diagnosis;
  diagnosis.subject = "this machine, and our place on it";
  diagnosis.checks = target::checks_of(facts);
  diagnosis.checks.push_back(processes_check(facts.access));
  diagnosis.next = "chanspect ps";
  diagnosis.purpose = "the Go processes, and whether each can be read";
  return diagnosis;
}

/// A word that means no process leaves nothing else to look at.
Diagnosis nobody(const std::string& word, Error error) {
  Diagnosis diagnosis;
  diagnosis.subject = word;
  diagnosis.target = shell_word(word);
  diagnosis.add("process", CheckState::no, error.message(), error.hint);
  diagnosis.error = std::move(error);
  diagnosis.next = "chanspect ps";
  diagnosis.purpose = "lists the Go processes of this machine";
  return diagnosis;
}

Result<Diagnosis> diagnose_target(const Words& words, const CommonOptions& common) {
  auto target = find_target(words.target);
  if (!target && target.error().code == ErrorCode::usage)
    return std::unexpected(std::move(target).error());
  if (!target) return nobody(words.target, std::move(target).error());
  if (!target->core.empty())
    return capture::diagnose_core(target->core, words.executable, common.threads);
  if (!words.executable.empty())
    return fail(ErrorCode::usage, "--exe is for core files",
                "a process tells its executable itself");
  return capture::diagnose_process(target->pid, common.threads);
}

ExitCode code_of(const Diagnosis& diagnosis) {
  if (diagnosis.error) return exit_code(diagnosis.error->code);
  return diagnosis.incomplete ? ExitCode::incomplete : ExitCode::ok;
}

Result<ExitCode> run(const Words& words, const CommonOptions& common) {
  ExitCode code = ExitCode::ok;
  const auto gather = [&] -> Result<Print> {
    CS_TRY(Diagnosis diagnosis,
           words.target.empty() ? diagnose_machine() : diagnose_target(words, common));
    code = code_of(diagnosis);
    return [diagnosis = std::move(diagnosis)](const report::Style& style, report::Output& out) {
      return report::print_diagnosis(diagnosis, style, out);
    };
  };
  CS_CHECK(print_where_wanted(common, gather));
  return code;
}

}  // namespace

Command doctor_command() {
  const auto words = std::make_shared<Words>();
  Positional target = target_positional(&words->target);
  target.required = false;
  target.help += "; without it, this machine is looked at";
  return {
      .name = "doctor",
      .brief = "what chanspect can do here and with a target, and what would cure what it cannot",
      .description =
          "Looks at each thing on which reading a target depends and prints a line for it: ok, "
          "warn or no, what was found, and below what is not ok the command that would cure it. "
          "Then what works: the list of goroutines, channels, stacks, types, lengths of waits, "
          "freezing. Without TARGET it tells what this machine and our place on it allow. Nothing "
          "is stopped or changed.",
      .positionals = {std::move(target)},
      .options = {text("--exe", "FILE", &words->executable,
                       "with a core: its executable (else the one that the core names, from where "
                       "it lay)")},
      .examples = {{"chanspect doctor", "what this machine lets us do"},
                   {"chanspect doctor 4242", "why process 4242 cannot be read, or how it is read"},
                   {"chanspect doctor core.4242 --exe ./payments", "whether core and program fit"}},
      .reads_target = false,
      .run = [words](const CommonOptions& common) { return run(*words, common); },
  };
}

}  // namespace chanspect::cli
