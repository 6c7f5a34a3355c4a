#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

/// Why the kernel does not let us look into a process, and which command would. The rules are those
/// of ptrace(2), "Ptrace access mode checking", which process_vm_readv(2) and /proc/PID/mem obey.
namespace chanspect::target {

/// What was tried on the process.
enum class Access : std::uint8_t { read, stop };

/// What /proc/PID/status says of a process's rights.
struct Credentials {
  uid_t real_uid = 0, effective_uid = 0, saved_uid = 0;
  gid_t real_gid = 0, effective_gid = 0, saved_gid = 0;
  std::uint64_t permitted = 0, effective = 0, bounding = 0;  ///< capability sets
  bool no_new_privileges = false;                            ///< sudo and setcap are without effect
  bool seccomp_filter = false;
  pid_t thread_group = 0;  ///< differs from the pid where that is a thread's
  pid_t tracer = 0;
  std::string user;  ///< name of real_uid in /etc/passwd; may be empty
};

/// All that the rules look at, gathered beforehand so that each rule is a pure function.
struct AccessFacts {
  pid_t pid = 0;
  int error = 0;  ///< errno of what was tried
  Access access = Access::read;
  Credentials ours;
  std::optional<Credentials> theirs;  ///< nothing where /proc does not show the process
  bool exists = true;                 ///< by kill(2), which also knows what /proc hides

  bool weak_access = false;  ///< the kernel grants PTRACE_MODE_READ, which Yama has no say in
  std::optional<bool> dumpable;
  bool descendant = false;  ///< a child, grandchild, … of ours
  bool same_user_namespace = true;
  bool initial_user_namespace = true;  ///< ours is
  bool initial_pid_namespace = true;   ///< ours is
  bool calls_filtered = false;         ///< process_vm_readv fails even on ourselves
  std::string tracer_name;             ///< of theirs->tracer
  int yama_scope = 0;                  ///< kernel.yama.ptrace_scope; 0 also where there is no Yama
  std::string security_label;          ///< our AppArmor profile or SELinux context, if confined

  bool container = false;
  bool kubernetes = false;
  bool sudo = true;     ///< there is a sudo on this machine
  std::string program;  ///< path of our executable
  std::string command;  ///< our command line, quoted for a shell
};

enum class DenyingRule : std::uint8_t {
  no_such_process,
  thread,             ///< the number is that of a thread, not of a process
  hidden,             ///< /proc is mounted with hidepid
  user_namespace,     ///< our CAP_SYS_PTRACE does not reach into the target's namespace
  different_user,     ///< other uid or gid, and we lack CAP_SYS_PTRACE
  not_dumpable,       ///< setuid, PR_SET_DUMPABLE or an unreadable executable
  more_capabilities,  ///< the target holds capabilities that we lack
  yama_restricted,    ///< ptrace_scope 1: only descendants
  yama_admin,         ///< ptrace_scope 2: only CAP_SYS_PTRACE
  yama_off,           ///< ptrace_scope 3: nobody, until the next boot
  traced,             ///< somebody else traces the target already (only for Access::stop)
  seccomp,            ///< a system call filter on us
  security_module,    ///< nothing of the above: AppArmor, SELinux or another module
};

AccessFacts access_facts(pid_t pid, int error, Access access = Access::read);

/// The rule that denied what was tried.
DenyingRule denying_rule(const AccessFacts& facts);

/// The rule that will deny it, for what was not tried; nothing where all that can be known from
/// outside allow it (a security module may still say no).
std::optional<DenyingRule> foreseen_rule(const AccessFacts& facts);

/// The rule in two or three words, for a table.
std::string_view in_short(DenyingRule rule);

/// The rule in words and the command that would work, one alternative a line in `hint`.
Error explain(const AccessFacts& facts);

/// Our own command line, run by root.
std::string as_root(const AccessFacts& facts);

/// How our command comes by CAP_SYS_PTRACE, one alternative a line.
std::string gain_capability(const AccessFacts& facts);

/// How our command comes to a place with every right, out of the container that we are in; one
/// alternative a line.
std::string from_outside(const AccessFacts& facts);

/// Whether CAP_SYS_PTRACE is in a set of capabilities.
bool holds_ptrace(std::uint64_t capabilities);

/// What to tell when the kernel answered `error` (EPERM, EACCES, ENOSYS, ESRCH, ENOENT) to an
/// attempt at `access`. Its code is `denied`, or `no_such_process` where there is none.
Error explain_denied(pid_t pid, int error, Access access = Access::read);

}  // namespace chanspect::target
