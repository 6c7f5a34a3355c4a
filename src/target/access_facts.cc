#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string_view>

#include "base/shell_word.h"
#include "target/permission.h"
#include "target/proc_file.h"

/// Gathers what the rules of permission.cc look at. Nothing here fails: a fact that /proc does not
/// give keeps its default, which accuses no rule.
namespace chanspect::target {
namespace {

std::string read_line(const std::string& path) {
  std::string text = read_whole(path);
  while (!text.empty() && (text.back() == '\n' || text.back() == '\0')) text.pop_back();
  return text;
}

/// The name of a uid in /etc/passwd ("name:x:uid:…"), without the shared objects that getpwuid(3)
/// would load.
std::string user_name(uid_t uid) {
  std::ifstream file("/etc/passwd");
  const std::string wanted = std::to_string(uid);
  for (std::string line; std::getline(file, line);) {
    std::istringstream fields(line);
    std::string name;
    std::string password;
    std::string number;
    std::getline(fields, name, ':');
    std::getline(fields, password, ':');
    std::getline(fields, number, ':');
    if (number == wanted) return name;
  }
  return {};
}

/// Parses /proc/PID/status; nothing where it is not shown.
std::optional<Credentials> credentials(const std::string& process) {
  std::istringstream lines(read_whole(process + "/status"));
  std::optional<Credentials> found;
  std::string line;
  while (std::getline(lines, line)) {
    if (!found) found.emplace();
    std::istringstream words(line);
    std::string key;
    words >> key;
    if (key == "Tgid:") words >> found->thread_group;
    if (key == "TracerPid:") words >> found->tracer;
    if (key == "Uid:") words >> found->real_uid >> found->effective_uid >> found->saved_uid;
    if (key == "Gid:") words >> found->real_gid >> found->effective_gid >> found->saved_gid;
    if (key == "CapPrm:") words >> std::hex >> found->permitted;
    if (key == "CapEff:") words >> std::hex >> found->effective;
    if (key == "CapBnd:") words >> std::hex >> found->bounding;
    if (key == "NoNewPrivs:") words >> found->no_new_privileges;
    int mode = 0;
    if (key == "Seccomp:" && words >> mode) found->seccomp_filter = mode == 2;
  }
  if (found) found->user = user_name(found->real_uid);
  return found;
}

/// A process that is not dumpable gives its files in /proc to root (fs/proc/base.c,
/// task_dump_owner); where it is root's anyway, nothing is told.
std::optional<bool> dumpable(const std::string& process, const Credentials& theirs) {
  struct stat facts{};
  if (theirs.effective_uid == 0 || stat((process + "/status").c_str(), &facts) != 0)
    return std::nullopt;
  return facts.st_uid == theirs.effective_uid;
}

/// The parent of a process: field 4 of /proc/PID/stat, counted from the last ')'.
pid_t parent_of(pid_t pid) {
  const std::string stat = read_whole(fmt::format("/proc/{}/stat", pid));
  std::istringstream fields(stat.substr(std::min(stat.size(), stat.rfind(')') + 1)));
  std::string state;
  pid_t parent = 0;
  fields >> state >> parent;
  return fields ? parent : 0;
}

bool descends_from_us(pid_t pid) {
  constexpr int kMostGenerations = 1000;  // pids move under our hands: do not walk for ever
  for (int i = 0; i < kMostGenerations && pid > 1; ++i) {
    if (pid == getpid()) return true;
    pid = parent_of(pid);
  }
  return false;
}

/// Namespaces by their links; where the other's is not readable, by the uid map, which is.
bool same_user_namespace(const std::string& process) {
  const std::string theirs = read_link(process + "/ns/user");
  if (!theirs.empty()) return theirs == read_link("/proc/self/ns/user");
  return read_whole(process + "/uid_map") == read_whole("/proc/self/uid_map");
}

/// The kernel gives the first namespaces these inode numbers (include/linux/proc_ns.h).
bool is_initial(const char* link, unsigned inode) {
  const std::string text = read_link(link);
  return text.empty() || text.find(fmt::format("[{}]", inode)) != std::string::npos;
}

/// A process may always read itself: only a system call filter says no to that.
bool reading_ourselves_fails() {
  int from = 1;
  int into = 0;
  const iovec local{&into, sizeof(into)};
  const iovec remote{&from, sizeof(from)};
  return process_vm_readv(getpid(), &local, 1, &remote, 1, 0) < 0;
}

int yama_scope() {
  const std::string text = read_line("/proc/sys/kernel/yama/ptrace_scope");
  int scope = 0;
  std::from_chars(text.data(), text.data() + text.size(), scope);
  return scope;
}

std::string security_label() {
  std::string label = read_line("/proc/self/attr/current");
  if (label.starts_with("unconfined") || label == "kernel") label.clear();
  return label;
}

bool has_sudo() {
  return std::ranges::any_of(
      std::array{"/usr/bin/sudo", "/bin/sudo", "/usr/local/bin/sudo", "/run/wrappers/bin/sudo"},
      [](const char* path) { return access(path, X_OK) == 0; });
}

/// Our command line as it can be typed behind sudo, whose own PATH knows only the usual folders.
std::string our_command(const std::string& program) {
  const std::string words = read_whole("/proc/self/cmdline");
  const std::string folder = program.substr(0, program.rfind('/'));
  const bool usual = std::ranges::any_of(
      std::array{"/usr/bin", "/bin", "/usr/local/bin", "/usr/sbin", "/sbin", "/usr/local/sbin"},
      [&](const char* one) { return folder == one; });
  std::string command = shell_word(usual ? program.substr(program.rfind('/') + 1) : program);
  for (std::size_t at = words.find('\0'); at != std::string::npos && at + 1 < words.size();) {
    const std::size_t end = words.find('\0', at + 1);
    command += ' ' + shell_word(std::string_view(words).substr(at + 1, end - at - 1));
    at = end;
  }
  return command;
}

void add_facts_of_target(AccessFacts& facts) {
  const std::string process = fmt::format("/proc/{}", facts.pid);
  facts.theirs = credentials(process);
  facts.exists = facts.theirs || kill(facts.pid, 0) == 0 || errno == EPERM;
  if (!facts.theirs) return;
  facts.weak_access = !read_link(process + "/exe").empty();
  facts.dumpable = dumpable(process, *facts.theirs);
  facts.descendant = descends_from_us(facts.pid);
  facts.same_user_namespace = same_user_namespace(process);
  if (facts.theirs->tracer != 0)
    facts.tracer_name = read_line(fmt::format("/proc/{}/comm", facts.theirs->tracer));
}

}  // namespace

AccessFacts access_facts(pid_t pid, int error, Access access) {
  constexpr unsigned kInitialUserNamespace = 0xEFFFFFFD;
  constexpr unsigned kInitialPidNamespace = 0xEFFFFFFC;
  AccessFacts facts;
  facts.pid = pid;
  facts.error = error;
  facts.access = access;
  facts.ours = credentials("/proc/self").value_or(Credentials{});
  add_facts_of_target(facts);
  facts.initial_user_namespace = is_initial("/proc/self/ns/user", kInitialUserNamespace);
  facts.initial_pid_namespace = is_initial("/proc/self/ns/pid", kInitialPidNamespace);
  facts.calls_filtered = reading_ourselves_fails();
  facts.yama_scope = yama_scope();
  facts.security_label = security_label();
  facts.kubernetes = std::getenv("KUBERNETES_SERVICE_HOST") !=  // NOLINT(concurrency-mt-unsafe)
                     nullptr;
  facts.container = facts.kubernetes || ::access("/.dockerenv", F_OK) == 0 ||
                    ::access("/run/.containerenv", F_OK) == 0;
  facts.sudo = has_sudo();
  facts.program = read_link("/proc/self/exe");
  facts.command = our_command(facts.program);
  return facts;
}

Error explain_denied(pid_t pid, int error, Access access) {
  return explain(access_facts(pid, error, access));
}

}  // namespace chanspect::target
