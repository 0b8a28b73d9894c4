#pragma once

#include <string_view>

namespace tally {

// The release, as CMakeLists.txt has it: "0.2.0".
extern const std::string_view kRelease;

}  // namespace tally
