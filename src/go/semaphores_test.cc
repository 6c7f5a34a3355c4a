#include "go/semaphores.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "support/go_target.h"

namespace chanspect::go {
namespace {

using testing::GoProcess;
using testing::GoTarget;

class Semaphores : public ::testing::TestWithParam<std::string> {};

TEST_P(Semaphores, NameTheSudogOfEachWaiter) {
  GoProcess process({testing::go_program("semaphores", GetParam())});
  std::unordered_map<std::uint64_t, Address> truth;  // goroutine id -> address waited on
  for (std::string line = process.line(); line != "done"; line = process.line()) {
    ASSERT_FALSE(line.empty());
    const std::size_t space = line.find(' ');
    truth[std::strtoull(line.c_str(), nullptr, 10)] =
        std::strtoull(line.c_str() + space + 1, nullptr, 16);
  }
  ASSERT_EQ(truth.size(), 600U * 4 + 3);
  const GoTarget target(process.pid());
  const auto waiters = testing::must(
      read_semaphores(*target.memory, target.layout, target.symbol("runtime.semtable")));
  std::size_t found = 0;
  for (const Address address : target.all_g()) {
    std::vector<std::byte> bytes(target.layout.g.size);
    target.must_read(address, bytes);
    const auto expected = truth.find(Structure(bytes, target.layout.g)[&GLayout::goid]);
    const Address sudog = waiters.sudog_of(address);
    EXPECT_EQ(sudog != 0, expected != truth.end());
    if (sudog == 0) continue;
    std::vector<std::byte> sudog_bytes(target.layout.sudog.size);
    target.must_read(sudog, sudog_bytes);
    const Structure fields(sudog_bytes, target.layout.sudog);
    EXPECT_EQ(fields[&SudogLayout::g], address);
    EXPECT_EQ(fields[&SudogLayout::elem], expected->second);
    ++found;
  }
  EXPECT_EQ(found, truth.size());
  EXPECT_EQ(waiters.size(), truth.size());
}

INSTANTIATE_TEST_SUITE_P(Releases, Semaphores, ::testing::ValuesIn(testing::go_releases()),
                         [](const auto& release) {
                           std::string name = release.param;
                           std::ranges::replace(name, '.', '_');
                           return name;
                         });

}  // namespace
}  // namespace chanspect::go
