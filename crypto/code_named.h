#pragma once
// Errors that come back over a border: from the code's text to the code.

#include "crypto/error.h"

namespace tally {

// internal for a text that names no code: whoever sent it speaks a newer version.
[[nodiscard]] Code code_named(std::string_view name);

}  // namespace tally
