#include "cli/man_page.h"

#include <fmt/format.h>

#include <string_view>

#include "cli/common_options.h"
#include "cli/exit_code.h"

namespace chanspect::cli {
namespace {

constexpr const char* kDescription =
    "chanspect looks into a running Go program from outside and says which goroutine is stuck on "
    "which channel, since when and where. It needs no change of the program, no debug port and no "
    "restart: it reads the process's memory with process_vm_readv(2), and does not stop it.";

constexpr const char* kWaits =
    "A goroutine's wait is a lower bound, printed as >= 2h51m: the Go runtime notes the time only "
    "when its garbage collector next comes by. A wait that nobody has noted is printed as -. With "
    "--watch the target is looked at twice, and who waited through both looks has waited at least "
    "that long.";

constexpr const char* kStopping =
    "By default (--stop none) the target is never stopped: a parked goroutine holds still, so it "
    "is "
    "read, read again, and kept only if nothing moved. No row mixes two moments; rows may be "
    "milliseconds apart. What moved at every look is told as unsettled: it is not stuck. With "
    "--stop freeze all threads stand still while bytes are copied, the whole report is one moment, "
    "and it says for how long the target stood. Killed at any instant, chanspect leaves the target "
    "running.";

constexpr const char* kPermissions =
    "The kernel lets us read a process by the rules of ptrace(2): it must belong to the same user "
    "and be dumpable, and Yama's kernel.yama.ptrace_scope must be 0; or we must hold "
    "CAP_SYS_PTRACE, as root does. Where it refuses, chanspect says which rule it was and the "
    "command that would work.";

/// Text in which roff finds nothing to obey.
std::string plain(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '\\')
      escaped += "\\e";
    else if (c == '-')
      escaped += "\\-";
    else
      escaped += c;
  }
  if (escaped.starts_with('.') || escaped.starts_with('\'')) escaped.insert(0, "\\&");
  return escaped;
}

std::string paragraph(std::string_view text) {
  return ".PP\n" + plain(text) + "\n";
}

std::string tagged(const std::string& tag, std::string_view meaning) {
  return fmt::format(".TP\n{}\n{}\n", tag, plain(meaning));
}

std::string tagged(const Option& option) {
  std::string tag = option.letter != 0 ? fmt::format("\\fB\\-{}\\fR, ", option.letter) : "";
  tag += "\\fB" + plain(option.name) + "\\fR";
  if (!option.value.empty()) tag += " \\fI" + plain(option.value) + "\\fR";
  return tagged(tag, option.help);
}

std::string usage_of(const Command& command) {
  std::string text = "\\fBchanspect " + command.name + "\\fR";
  for (const Positional& positional : command.positionals) {
    const std::string name =
        "\\fI" + positional.name + "\\fR" + (positional.repeated ? " ..." : "");
    text += positional.required ? " " + name : " [" + name + "]";
  }
  return text + " [\\fIOPTION\\fR ...]";
}

std::string examples_of(const Command& command) {
  std::string text;
  for (const Example& example : command.examples) {
    text += fmt::format("{}\n", plain(example.line));
    if (!example.meaning.empty()) text += fmt::format("    {}\n", plain(example.meaning));
  }
  return ".PP\n.RS\n.nf\n" + text + ".fi\n.RE\n";
}

std::string section_of(const Command& command) {
  std::string text = fmt::format(".SS {}\n{}\n", usage_of(command), plain(command.description));
  for (const Positional& positional : command.positionals)
    text += tagged("\\fI" + positional.name + "\\fR", positional.help);
  for (const Option& option : command.options) text += tagged(option);
  return text + examples_of(command);
}

}  // namespace

std::string man_page(const std::vector<Command>& commands) {
  std::string text = fmt::format(
      ".\\\" made by: chanspect man\\-page\n"
      ".TH CHANSPECT 1 \"\" \"chanspect {}\" \"User Commands\"\n"
      ".SH NAME\nchanspect \\- see every stuck goroutine and its channel in a live Go process\n"
      ".SH SYNOPSIS\n\\fBchanspect\\fR \\fITARGET\\fR [\\fIOPTION\\fR ...]\n.br\n"
      "\\fBchanspect\\fR \\fICOMMAND\\fR [\\fITARGET\\fR ...] [\\fIOPTION\\fR ...]\n"
      ".SH DESCRIPTION\n{}\n",
      plain(CHANSPECT_VERSION), plain(kDescription));
  text += paragraph(
      "TARGET is a pid, or the name of a running Go program: that of its executable, the first "
      "word of its command line, or a path. A word that is no command is the TARGET of overview; "
      "behind -- every word is one.");
  text += paragraph(kWaits);
  text += ".SH COMMANDS\n";
  for (const Command& command : commands) text += section_of(command);
  text += ".SH OPTIONS OF ALL COMMANDS\n";
  CommonOptions unused;
  for (const Option& option : common_options_of(commands.front(), &unused)) text += tagged(option);
  text += tagged("\\fB\\-h\\fR, \\fB\\-\\-help\\fR", "Print the help of the command.");
  text += tagged("\\fB\\-\\-version\\fR", "Print version and build id.");
  text += paragraph(
      "A DURATION is 500ms, 60s, 5m, 2h, 1h30m or 1d. An ADDR is hexadecimal, with or without 0x. "
      "--stop and --watch are known to the commands that look into one target.");
  text += ".SH STOPPING THE TARGET\n" + plain(kStopping) + "\n";
  text += ".SH PERMISSIONS\n" + plain(kPermissions) + "\n";
  text += ".SH EXIT STATUS\n";
  for (const ExitCodeMeaning& one : exit_code_meanings())
    text += tagged(fmt::format("\\fB{}\\fR", static_cast<int>(one.code)), one.meaning);
  text +=
      paragraph("Ended by SIGINT or SIGTERM, it dies by that signal and leaves nothing behind.");
  text += ".SH ENVIRONMENT\n" +
          tagged("\\fBNO_COLOR\\fR", "Set to anything: no color unless --color always says so.");
  return text + ".SH SEE ALSO\n\\fBptrace\\fR(2), \\fBprocess_vm_readv\\fR(2), \\fBproc\\fR(5)\n";
}

}  // namespace chanspect::cli
