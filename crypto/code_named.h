#pragma once
// Errors that come back over a border: from the code's text to the code.

#include "crypto/error.h"

namespace tally {

// The platform's code of this name, or one with this name and the given kind: a contract's, or a newer program's.
// `internal` for a text that is no code's name.
[[nodiscard]] Code code_named(std::string_view name, Kind kind);

}  // namespace tally
