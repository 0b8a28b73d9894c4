#pragma once
// Names that people give to things on the ledger (devices, shards, schemas, fields). They become parts of state keys,
// of MQTT topics and of paths, so their characters are few. Pure; from any thread. Fails with malformed.

#include <string_view>

#include "chaincode/json/fields.h"

namespace tally::chaincode {

inline constexpr std::size_t kMaxIdentifier = 64;

// 1 to 64 of A-Z a-z 0-9 . _ : - with a letter or digit among them, not beginning with . or - (in a path "." and ".."
// are other folders, and a command line takes "-x" for an option). `what` names it in the refusal.
[[nodiscard]] Status check_identifier(std::string_view text, std::string_view what);
// A unit as in SenML's registry (RFC 8428 section 12.1): 1 to 32 visible ASCII characters.
[[nodiscard]] Status check_unit(std::string_view text, std::string_view what);
// 64 hexadecimal digits: a SHA-256. invalid_argument.
[[nodiscard]] Status check_hash(std::string_view text, std::string_view what);
// An organization's name, as a part of a key: not empty, without NUL. invalid_argument.
[[nodiscard]] Status check_organization(std::string_view text, std::string_view what);
// 1 to 1000 bytes that are not all white space: a reason, a remark. invalid_argument.
[[nodiscard]] Status check_statement(std::string_view text, std::string_view what);

inline constexpr TextForm kIdentifier{"^[A-Za-z0-9_:][A-Za-z0-9._:-]{0,63}$", &check_identifier};
inline constexpr TextForm kUnit{"^[!#-\\[\\]-~]{1,32}$", &check_unit};
inline constexpr TextForm kHash{"^[0-9a-fA-F]{64}$", &check_hash};
inline constexpr TextForm kOrganization{{}, &check_organization};
inline constexpr TextForm kStatement{{}, &check_statement};

}  // namespace tally::chaincode
