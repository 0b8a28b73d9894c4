#pragma once
// JSON as Tally reads it at its borders: RFC 8259, no duplicate names, no floating point, bounded depth and size.
// Numbers are integers (int64 or uint64); decimals travel as strings. Formats of others, which write decimals as JSON
// numbers, are read with JsonNumbers::text. Borrowed input need not outlive the result.

#include <boost/json/value.hpp>
#include <string>
#include <string_view>

#include "crypto/error.h"

namespace tally::chaincode {

namespace json = boost::json;

enum class JsonNumbers {
    integers,  // a number that is no integer of 64 bits is refused
    text,      // every number becomes a string: its characters, exactly as they were written
};

struct JsonLimits {
    std::size_t max_bytes = 1 << 20;
    std::size_t max_depth = 16;
    JsonNumbers numbers = JsonNumbers::integers;
};

// Fails with malformed or too_large and says at which byte.
[[nodiscard]] Result<json::value> parse_json(std::string_view text, std::string_view what, JsonLimits limits = {});

// Whether the value's text has at most so many bytes. It is counted in pieces and never built.
[[nodiscard]] bool text_fits(const json::value& value, std::size_t max_bytes);

// Compact text; members stay in the order in which they were added, so equal construction gives equal bytes. Written
// here and not by a library, as what contracts keep and answer is part of a verdict. In strings only '"', '\\' and
// control characters are escaped: \b \f \n \r \t, \u00xx in lower case.
[[nodiscard]] std::string json_text(const json::value& value);

}  // namespace tally::chaincode
