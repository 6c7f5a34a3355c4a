#include "go/type_names.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "support/go_target.h"

namespace chanspect::go {
namespace {

using testing::GoProcess;
using testing::GoTarget;

class TypeNames : public ::testing::TestWithParam<std::string> {};

TEST_P(TypeNames, AreThoseOfReflect) {
  GoProcess process({testing::go_program("types", GetParam())});
  std::vector<std::pair<Address, std::string>> truth;
  for (std::string line = process.line(); line != "done"; line = process.line()) {
    ASSERT_FALSE(line.empty());
    const std::size_t space = line.find(' ');
    truth.emplace_back(std::strtoull(line.c_str(), nullptr, 16), line.substr(space + 1));
  }
  ASSERT_GT(truth.size(), 300U);
  const GoTarget target(process.pid());
  const auto modules = testing::must(
      read_modules(*target.memory, target.symbol("runtime.firstmoduledata"), target.release));
  std::size_t made = 0;
  for (const auto& [address, name] : truth) {
    const auto ours = type_name(*target.memory, modules, address);
    ASSERT_TRUE(ours) << name << ": " << ours.error().message();
    EXPECT_EQ(*ours, name);
    made += address < modules[0].types || address >= modules[0].etypes ? 1 : 0;
  }
  EXPECT_GT(made, 200U);
}

INSTANTIATE_TEST_SUITE_P(Releases, TypeNames, ::testing::ValuesIn(testing::go_releases()),
                         [](const auto& release) {
                           std::string name = release.param;
                           std::ranges::replace(name, '.', '_');
                           return name;
                         });

}  // namespace
}  // namespace chanspect::go
