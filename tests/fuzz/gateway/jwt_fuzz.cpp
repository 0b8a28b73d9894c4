// Bearer tokens. Whatever is parsed has a chain and stays within the limits; only tokens that the seeds' keys have
// signed are accepted.

#include <algorithm>

#include "gateway/rest/token.h"
#include "tests/fuzz/expect.h"
#include "tests/unit/gateway/make_token.h"

using namespace tally;
using namespace tally::gateway;

namespace {

constexpr std::int64_t kNowMs = 1'780'000'000'000;

struct Seeds {
    std::vector<std::string> tokens;
    std::vector<crypto::PublicKey> keys;

    Seeds() {
        const auto root_key = *crypto::PrivateKey::from_raw(crypto::Algorithm::ed25519, Bytes(32, 7));
        const auto root = crypto::issue_root(root_key, {"root", "OrgA", "admin"}, 0, 2 * kNowMs);
        for (const auto algorithm : {crypto::Algorithm::ed25519, crypto::Algorithm::p256}) {
            const auto key = *crypto::PrivateKey::from_raw(algorithm, Bytes(32, 9));
            crypto::Issue what{.subject = {"meters-1", "OrgA", "client"}, .key = key.public_key()};
            what.not_after_ms = 2 * kNowMs;
            const std::vector chain = {*crypto::issue(root_key, root, what), root};
            keys.push_back(key.public_key());
            tokens.push_back(test::make_token(key, chain, "metering", kNowMs));
            tokens.push_back(
                test::make_token(key, std::span(chain).first(1), "metering", kNowMs, std::chrono::seconds(300)));
        }
    }
};

const Seeds& seeds() {
    static const Seeds kept;
    return kept;
}

// Certificates have random serials, so a corpus holds tokens of other runs, signed by the same keys.
bool is_signer(const crypto::PublicKey& key) {
    return std::find(seeds().keys.begin(), seeds().keys.end(), key) != seeds().keys.end();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = as_text(ByteView(data, size));
    const auto token = parse_token(text);
    if (!token) {
        TALLY_FUZZ_EXPECT(token.error().code == Code::unauthenticated);
        return 0;
    }
    TALLY_FUZZ_EXPECT(!token->chain.empty() && token->chain.size() <= kMaxTokenChain);
    TALLY_FUZZ_EXPECT(text.size() <= kMaxTokenBytes && text.starts_with(token->signed_text));
    const auto accepted = check_token(*token, "metering", kNowMs);
    if (accepted) TALLY_FUZZ_EXPECT(is_signer(token->chain.front().public_key()));
    TALLY_FUZZ_EXPECT(!check_token(*token, "metering", kNowMs + 400'000));
    return 0;
}

extern "C" void tally_fuzz_seeds(void (*add)(const std::uint8_t*, std::size_t)) {
    for (const auto& token : seeds().tokens) add(reinterpret_cast<const std::uint8_t*>(token.data()), token.size());
}
