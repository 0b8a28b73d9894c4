// Telemetry packs. Whatever is read stays within the limits, and JSON is read as CBOR never is.

#include "gateway/mqtt/senml.h"
#include "tests/fuzz/expect.h"

using namespace tally;
using namespace tally::gateway::mqtt;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::int64_t kNow = 1'800'000'000'000;
    const auto pack = read_senml({data, size}, kNow);
    if (!pack) {
        TALLY_FUZZ_EXPECT(pack.error().code == Code::malformed || pack.error().code == Code::invalid_argument);
        return 0;
    }
    TALLY_FUZZ_EXPECT(pack->samples.size() <= kMostSenmlRecords);
    for (const auto& sample : pack->samples) {
        TALLY_FUZZ_EXPECT(!sample.name.empty() && sample.name.size() <= 256);
        TALLY_FUZZ_EXPECT(sample.time_ms >= 0 && sample.time_ms < 253'402'300'800'000);
        // A number's text denotes the number.
        TALLY_FUZZ_EXPECT(ExactNumber::parse(sample.value.text()) == sample.value);
    }
    return 0;
}

extern "C" void tally_fuzz_seeds(void (*add)(const std::uint8_t*, std::size_t)) {
    for (
        const std::string_view text :
        {R"([{"bn":"d:","bt":1.276020076001e+09,"bu":"A","bver":5,"bv":1,"bs":2,"n":"a","u":"V","v":120.1},{"n":"b","t":-5,"v":1.2}])",
         R"([{"n":"a","vs":"x"},{"n":"a","vb":true},{"n":"a","vd":"aGk"},{"n":"a","s":1,"ut":5,"x":{"y":[1]}}])"})
        add(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
    for (const std::string_view hex :
         {"81a400616102182a041a3b9aca00230a", "81a300616102c4821901f505200601",
          "9fbf006161061a3b9aca0002c482211907daffa3006161061a3b9aca0002fa41a0cccda3006161061a3b9aca0002f93e00ff"}) {
        if (const auto bytes = from_hex(hex)) add(bytes->data(), bytes->size());
    }
}
