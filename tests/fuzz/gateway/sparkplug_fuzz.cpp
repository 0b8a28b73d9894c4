// Sparkplug B payloads, and sessions of them. What is read stays within the limits, and what waits is bounded.

#include "gateway/mqtt/sparkplug_sessions.h"
#include "tests/fuzz/expect.h"

using namespace tally;
using namespace tally::gateway::mqtt;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView all(data, size);
    if (const auto payload = read_sparkplug(all); payload)
        TALLY_FUZZ_EXPECT(payload->metrics.size() <= kMostMetrics);
    else
        TALLY_FUZZ_EXPECT(payload.error().code == Code::malformed || payload.error().code == Code::invalid_argument);

    // The input as a series of messages: a byte says of which type and for how many bytes.
    int births = 0;
    std::size_t samples = 0;
    SparkplugSessions sessions(
        {[](const std::string&, const std::string& field) { return field.size() < 4; },
         [&](const std::string&, const std::vector<SenmlSample>& some, std::size_t) { samples += some.size(); },
         [&](const std::string&) { ++births; }, [](const std::string&, bool) {}});
    std::int64_t now = 1'000'000;
    constexpr std::string_view kTypes[] = {"NBIRTH", "NDATA", "NDEATH", "DBIRTH", "DDATA", "DDEATH"};
    for (std::size_t at = 0; at + 1 < size; now += 100) {
        const auto type = kTypes[data[at] % 6];
        const auto length = std::min<std::size_t>(data[at + 1], size - at - 2);
        (void)sessions.take({type, "n", type.front() == 'D' ? "d" : ""}, all.subspan(at + 2, length), now);
        sessions.look(now);
        TALLY_FUZZ_EXPECT(sessions.alive() <= 2);
        at += 2 + length;
    }
    sessions.look(now + 2 * SparkplugSessions::kReorder_ms);
    TALLY_FUZZ_EXPECT(!sessions.is_waiting());
    return 0;
}

extern "C" void tally_fuzz_seeds(void (*add)(const std::uint8_t*, std::size_t)) {
    // NBIRTH (bdSeq 1, "e" with alias 1, seq 0), then NDATA of the alias with seq 1, then NDEATH.
    for (const std::string_view hex : {"001b080112090a05626453657120045801120a0a0165100120045805180001"
                                       "0b080112051001580718010000021012090a056264536571200458011801",
                                       "080112090a0562645365712004580118001209100168ffffffffffffff7f"}) {
        if (const auto bytes = from_hex(hex)) add(bytes->data(), bytes->size());
    }
}
