#include "cli/error_text.h"

#include <gtest/gtest.h>

namespace chanspect::cli {
namespace {

TEST(ErrorText, WhatWhyAndWhatToTry) {
  EXPECT_EQ(error_text({ErrorCode::denied, "cannot read process 4242", "Yama", "sudo a\nsudo b"}),
            "chanspect: cannot read process 4242: Yama\n  try: sudo a\n   or: sudo b\n");
  EXPECT_EQ(error_text({ErrorCode::gone, "process 4242 ended", "", ""}),
            "chanspect: process 4242 ended\n");
}

}  // namespace
}  // namespace chanspect::cli
