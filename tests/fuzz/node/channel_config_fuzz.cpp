// Channel configurations and genesis blocks. What is accepted is written again and accepted again, with the same text.

#include "node/channel/channel_config.h"
#include "storage/model/archive.h"
#include "tests/fuzz/expect.h"

#include "crypto/x509.h"

using namespace tally;
using namespace tally::node;

namespace {

const ChannelConfig& sample() {
    static const ChannelConfig kept = [] {
        const auto key = crypto::PrivateKey::from_raw(crypto::Algorithm::ed25519, Bytes(32, 3)).value();
        const auto root = crypto::issue_root(key, {"root", "A", "authority"}, 1'700'000'000'000, 2'000'000'000'000);
        ChannelConfig config;
        config.channel = "main";
        config.rules = 1;
        config.contracts = newest_versions().contracts;
        config.fault_model = "crash";
        config.organizations = {{"A", {root.pem()}, {}, {}}};
        config.orderers = {{"o1", "A", key.public_key().pem()}};
        config.endorsement = "'A.peer'";
        config.policies = {{"data", "ANY"}};
        config.receipt = "MAJORITY";
        config.configuration = "MAJORITY";
        config.submission = "signed";
        config.proposal_lifetime_ms = 60'000;
        return config;
    }();
    return kept;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView in(data, size);
    if (const auto config = parse_channel_config(as_text(in))) {
        const auto json = channel_config_json(*config);
        const auto again = parse_channel_config(json);
        TALLY_FUZZ_EXPECT(again.has_value() && channel_config_json(*again) == json);
    }
    const auto block = storage::decode<storage::Block>(in, "the block");
    if (!block) return 0;
    if (const auto config = config_of_genesis(*block)) TALLY_FUZZ_EXPECT(config->channel == block->header.channel);
    return 0;
}

extern "C" void tally_fuzz_seeds(void (*add)(const std::uint8_t*, std::size_t)) {
    const auto json = channel_config_json(sample());
    add(as_bytes(json).data(), json.size());
    const auto genesis = storage::encode(make_genesis_block(sample(), 1'800'000'000'000));
    add(genesis.data(), genesis.size());
}
