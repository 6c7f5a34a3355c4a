#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace chanspect::cli {

/// The candidate that `word` was most likely meant to be: it differs by one or two slips of the
/// keyboard, or one begins with the other. Empty when none is near.
std::string nearest_word(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace chanspect::cli
