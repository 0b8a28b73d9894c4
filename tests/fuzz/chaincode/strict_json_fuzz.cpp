// Strict JSON, and the structs that are read from it. Accepted text written again is accepted again, to the same value
// and the same bytes; it holds no fractions and is no deeper than allowed.

#include <string_view>

#include "chaincode/contracts/registry/arguments.h"
#include "chaincode/json/strict_json.h"
#include "tests/fuzz/expect.h"

using namespace tally;
using namespace tally::chaincode;

namespace {

std::size_t depth_of(const json::value& value) {
    std::size_t deepest = 0;
    if (value.is_double()) std::abort();
    if (const auto* list = value.if_array()) {
        for (const auto& element : *list) deepest = std::max(deepest, depth_of(element));
        return deepest + 1;
    }
    if (const auto* object = value.if_object()) {
        for (const auto& member : *object) deepest = std::max(deepest, depth_of(member.value()));
        return deepest + 1;
    }
    return 0;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto value = parse_json(text, "it", {.max_bytes = 1 << 16});
    if (!value) {
        TALLY_FUZZ_EXPECT(!value.error().message.empty());
        return 0;
    }
    TALLY_FUZZ_EXPECT(depth_of(*value) <= 16);
    const auto written = json_text(*value);
    const auto again = parse_json(written, "it", {.max_bytes = 1 << 20});
    TALLY_FUZZ_EXPECT(again && *again == *value && json_text(*again) == written);
    if (const auto device = from_json<registry::RegisterDevice>(*value)) {
        TALLY_FUZZ_EXPECT(json_text(to_json(*from_json<registry::RegisterDevice>(to_json(*device)))) ==
                          json_text(to_json(*device)));
    }
    return 0;
}

extern "C" void tally_fuzz_seeds(void (*add)(const std::uint8_t*, std::size_t)) {
    for (
        const std::string_view text :
        {R"({"a":[1,-2,18446744073709551615,true,null,"\u00e9\n"],"b":{"c":{}}})", R"([[[[[[[[]]]]]]]])",
         "-9223372036854775808", "\"\"",
         R"({"id":"meter-1","shard":"north","public_key":"00","schemas":["site@1"],"polling_interval_s":60,"keepalive_interval_s":3600})"}) {
        add(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
    }
}
