#include "cli/exit_code.h"

#include <gtest/gtest.h>

#include <array>
#include <utility>

namespace chanspect::cli {
namespace {

TEST(ExitCode, OfEveryError) {
  constexpr std::array<std::pair<ErrorCode, int>, 10> kPromised{{
      {ErrorCode::usage, 2},
      {ErrorCode::no_such_process, 3},
      {ErrorCode::gone, 3},
      {ErrorCode::denied, 3},
      {ErrorCode::not_go, 3},
      {ErrorCode::unknown_release, 3},
      {ErrorCode::unreadable, 3},
      {ErrorCode::bad_data, 3},
      {ErrorCode::io, 1},
      {ErrorCode::unsupported, 3},
  }};
  for (const auto& [error, number] : kPromised)
    EXPECT_EQ(static_cast<int>(exit_code(error)), number) << static_cast<int>(error);
}

TEST(ExitCode, OnlyUnreadableMemoryMakesAnAnswerIncomplete) {
  snapshot::Completeness completeness;
  completeness.unsettled = 3;
  completeness.channels_unsettled = 1;
  EXPECT_EQ(exit_code(completeness), ExitCode::ok);
  completeness.unreadable = 1;
  EXPECT_EQ(static_cast<int>(exit_code(completeness)), 4);
}

}  // namespace
}  // namespace chanspect::cli
