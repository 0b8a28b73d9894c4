#pragma once
// Names that people give to things on the ledger (devices, shards, schemas, fields). They become parts of state keys,
// of MQTT topics and of paths, so their characters are few. Pure; from any thread. Fails with malformed.

#include <string_view>

#include "crypto/error.h"

namespace tally::chaincode {

inline constexpr std::size_t kMaxIdentifier = 64;

// 1 to 64 of A-Z a-z 0-9 . _ : - with a letter or digit among them, not beginning with . or - (in a path "." and ".."
// are other folders, and a command line takes "-x" for an option). `what` names it in the refusal.
[[nodiscard]] Status check_identifier(std::string_view text, std::string_view what);
// A unit as in SenML's registry (RFC 8428 section 12.1): 1 to 32 visible ASCII characters.
[[nodiscard]] Status check_unit(std::string_view text, std::string_view what);

}  // namespace tally::chaincode
