#pragma once
// The request target of HTTP/1.1 (RFC 9112 section 3.2), taken apart strictly.
//
// Path segments and query parameters are percent-decoded one by one, so that an encoded slash stays inside its segment.
// In the query "+" is a space, as forms and curl send it. Anything unusual is refused (malformed) with a sentence:
// control characters, broken escapes, text that is not UTF-8, "." and ".." segments, a fragment, too many parts.
// Pure functions; callable from any thread.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "crypto/error.h"

namespace tally::gateway {

struct Target {
    std::vector<std::string> segments;                       // "/" has none; a trailing slash leaves an empty last one
    std::vector<std::pair<std::string, std::string>> query;  // in order; a name may repeat
};

inline constexpr std::size_t kMaxSegments = 16;
inline constexpr std::size_t kMaxQueryParameters = 32;

// Takes the origin form ("/a/b?x=1") and the absolute form ("https://host/a/b?x=1"); "*" is a target without parts.
[[nodiscard]] Result<Target> parse_target(std::string_view text);

// The inverse for one segment or one query value: everything but unreserved characters is escaped (RFC 3986
// section 2.3).
[[nodiscard]] std::string percent_encode(std::string_view text);

}  // namespace tally::gateway
