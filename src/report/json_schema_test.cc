// Every command's JSON, from a snapshot with something of everything, against the schema.

#include <gtest/gtest.h>
#include <stdlib.h>  // NOLINT(modernize-deprecated-headers): mkdtemp is POSIX's

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "report/reports.h"
#include "support/payments_snapshot.h"
#include "support/printed.h"

namespace chanspect::report {
namespace {

using analysis::GroupKey;
using snapshot::Snapshot;

struct Document {
  std::string name;
  std::function<Result<void>(const Snapshot&, const Style&, Output&)> print;
};

StackQuery stack_query(std::vector<std::uint64_t> ids, std::optional<std::uint32_t> frame) {
  StackQuery query;
  query.goroutines.ids = std::move(ids);
  query.frame = frame;
  return query;
}

std::vector<Document> documents() {
  using S = const Snapshot&;
  using T = const Style&;
  using O = Output&;
  analysis::GoroutineQuery system;
  system.with_system = true;
  return {
      {"overview", [](S s, T t, O o) { return print_overview(s, t, o); }},
      {"channels", [](S s, T t, O o) { return print_channels(s, {}, t, o); }},
      {"channel", [](S s, T t, O o) { return print_channel(s, 0xc00012a000, t, o); }},
      {"channel_moving", [](S s, T t, O o) { return print_channel(s, 0xc000500000, t, o); }},
      {"nth", [](S s, T t, O o) { return print_nth(s, {}, t, o); }},
      {"nth_frame", [](S s, T t, O o) { return print_nth(s, {.frame = 2}, t, o); }},
      {"blocked", [](S s, T t, O o) { return print_blocked(s, {}, t, o); }},
      {"goroutines", [=](S s, T t, O o) { return print_goroutines(s, system, {}, t, o); }},
      {"groups",
       [](S s, T t, O o) {
         return print_goroutines(s, {},
                                 {GroupKey::site, GroupKey::reason, GroupKey::creator,
                                  GroupKey::label, GroupKey::channel, GroupKey::stack},
                                 t, o);
       }},
      {"stack", [](S s, T t, O o) { return print_stacks(s, {}, t, o); }},
      {"stack_frame",
       [](S s, T t, O o) { return print_stacks(s, stack_query({20, 30}, 1), t, o); }},
      {"doctor",
       [](S, T t, O o) {
         Diagnosis diagnosis;
         diagnosis.subject = "process 1";
         diagnosis.target = "1";
         diagnosis.add("access", CheckState::no, "denied", "sudo\nsetcap");
         diagnosis.works.push_back({"list", CheckState::warn, "some", {}});
         diagnosis.error = Error{ErrorCode::denied, "cannot read", "", ""};
         return print_diagnosis(diagnosis, t, o);
       }},
      {"doctor_machine", [](S, T t, O o) { return print_diagnosis({}, t, o); }},
      {"ps",
       [](S, T t, O o) {
         return print_processes({{1, "a", "", snapshot::kUnknown, 5, "yes", ""},
                                 {2, "b", "go1.26", 5, {}, "no", "sudo"}},
                                t, o);
       }},
  };
}

/// What is not in the payments program: two looks, a stopped target, a moving channel, notes, bytes
/// that are no UTF-8, nothing known of times.
Snapshot odd_snapshot() {
  Snapshot snapshot = testing::payments_snapshot();
  snapshot.source.pid = 0;
  snapshot.source.name = "b\xff\"d";
  snapshot.source.uptime_ns = snapshot::kUnknown;
  snapshot.source.stop = snapshot::StopMode::freeze;
  snapshot.source.stopped_ns = 3'000'000;
  snapshot.source.watched_ns = 5'000'000'000;
  snapshot.source.goroutines_before = 10;
  snapshot.completeness.gc_known = false;
  snapshot.completeness.unreadable = 2;
  snapshot.completeness.notes = {"a note"};
  snapshot.channels[0].waiters_before = 3;
  snapshot.channels[0].elem_type = 0;
  snapshot::Channel& moving = snapshot.channels.back();
  moving.settled = false;
  moving.receiver_count = moving.sender_count = 0;
  for (auto& wait : snapshot.waits)
    if (wait.object == moving.address) wait.direction = snapshot::Direction::unknown;
  return snapshot;
}

class Folder {
 public:
  Folder() : path_("/tmp/chanspect-json-XXXXXX") {
    if (mkdtemp(path_.data()) == nullptr) throw std::runtime_error("mkdtemp");
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

int validate(const std::string& files) {
  const std::string command =
      "/usr/bin/python3 " SOURCE_DIR "/tests/schema/validate.py " + files + " 2>&1";
  return std::system(command.c_str());  // NOLINT(concurrency-mt-unsafe, bugprone-command-processor)
}

TEST(JsonSchema, EveryCommandsDocumentIsValid) {
  const Folder folder;
  for (const auto& [prefix, snapshot] :
       {std::pair("usual_", testing::payments_snapshot()), std::pair("odd_", odd_snapshot()),
        std::pair("empty_", Snapshot())}) {
    for (const Document& document : documents()) {
      std::string text;
      Output out(&text);
      const Result<void> done = document.print(snapshot, {.format = Format::json}, out);
      if (snapshot.goroutines.empty() && !done) continue;  // no such channel, no such goroutine
      ASSERT_TRUE(done) << document.name << ": " << done.error().message();
      std::ofstream(folder.path() + "/" + prefix + document.name) << text;
    }
  }
  EXPECT_EQ(validate(folder.path() + "/*"), 0);
}

TEST(JsonSchema, ADocumentThatBreaksItIsFound) {
  const Folder folder;
  const auto broken = [&](const std::string& from, const std::string& to) {
    std::string text = testing::printed({.format = Format::json}, [](auto& style, auto& out) {
      return print_blocked(testing::payments_snapshot(), {}, style, out);
    });
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    text.replace(at, from.size(), to);
    std::ofstream(folder.path() + "/document") << text;
    return validate(folder.path() + "/document >/dev/null") != 0;
  };
  EXPECT_FALSE(broken("chanspect/1", "chanspect/1"));
  EXPECT_TRUE(broken("chanspect/1", "chanspect/2"));
  EXPECT_TRUE(broken("\"block_type\":", "\"blocktype\":"));
  EXPECT_TRUE(broken("\"0xc00012a000\"", "824635"));
  EXPECT_TRUE(broken("\"_Gwaiting\"", "\"waiting\""));
  EXPECT_TRUE(broken("\"total\":16", "\"total\":16,\"more\":1"));
}

TEST(JsonSchema, LimitsRowsAndTellsHowManyThereAre) {
  const std::string text =
      testing::printed({.format = Format::json, .limit = 2}, [](auto& style, auto& out) {
        return print_blocked(testing::payments_snapshot(), {}, style, out);
      });
  EXPECT_NE(text.find("\"total\":16"), std::string::npos);
  EXPECT_NE(text.find("\"id\":21,"), std::string::npos);
  EXPECT_EQ(text.find("\"id\":22,"), std::string::npos);
}

}  // namespace
}  // namespace chanspect::report
