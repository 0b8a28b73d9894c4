// Request targets, event cursors and Accept headers. What is parsed encodes to a target that parses to the same parts.

#include <cctype>

#include "crypto/utf8.h"
#include "gateway/http/message.h"
#include "gateway/rest/event_cursor.h"
#include "tests/fuzz/expect.h"

using namespace tally;
using namespace tally::gateway;

namespace {

std::string encode(const Target& target) {
    std::string out;
    for (const auto& segment : target.segments) out += "/" + percent_encode(segment);
    if (out.empty()) out = "/";
    char separator = '?';
    for (const auto& [name, value] : target.query) {
        out += separator + percent_encode(name) + "=" + percent_encode(value);
        separator = '&';
    }
    return out;
}

void expect_harmless(std::string_view text) {
    TALLY_FUZZ_EXPECT(is_utf8(text));
    for (const unsigned char c : text) TALLY_FUZZ_EXPECT(c >= 0x20 && c != 0x7f);
}

void check_target(std::string_view text) {
    const auto target = parse_target(text);
    if (!target) return;
    TALLY_FUZZ_EXPECT(target->segments.size() <= kMaxSegments && target->query.size() <= kMaxQueryParameters);
    for (const auto& segment : target->segments) {
        expect_harmless(segment);
        TALLY_FUZZ_EXPECT(segment != "." && segment != "..");
    }
    for (const auto& [name, value] : target->query) {
        expect_harmless(name);
        expect_harmless(value);
    }
    // A path of one empty segment ("//" has two) is the root, which has none.
    const auto again = parse_target(encode(*target));
    TALLY_FUZZ_EXPECT(again.has_value());
    TALLY_FUZZ_EXPECT(again->segments == target->segments && again->query == target->query);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = as_text(ByteView(data, size));
    check_target(text);
    if (const auto cursor = parse_cursor(text)) {
        TALLY_FUZZ_EXPECT(cursor_text(*cursor) == text);
        TALLY_FUZZ_EXPECT(*cursor < after(*cursor) || cursor->block == UINT64_MAX);
    }
    (void)accepts(text, "text/event-stream");
    return 0;
}

extern "C" void tally_fuzz_seeds(void (*add)(const std::uint8_t*, std::size_t)) {
    for (const std::string_view seed :
         {"/v1/devices/dev%2F7/days?from=1&to=2&fields=a,b", "https://host:8443/a/?x=%C3%A9+b", "/", "*", "41.3.7",
          "18446744073709551615.4294967295.4294967295", "text/*;q=0.5, */*;q=0"}) {
        add(reinterpret_cast<const std::uint8_t*>(seed.data()), seed.size());
    }
}
