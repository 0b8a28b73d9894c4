// Proposals. An accepted one has its parts within their limits and an id that does not depend on the signature.

#include "chaincode/proposal.h"
#include "tests/fuzz/expect.h"

using namespace tally;
using namespace tally::chaincode;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView in(data, size);
    const auto decoded = SignedProposal::decode(in, 1 << 16);
    if (!decoded) {
        TALLY_FUZZ_EXPECT(!decoded.error().message.empty());
        return 0;
    }
    TALLY_FUZZ_EXPECT(decoded->proposal.attachments.size() <= 64);
    TALLY_FUZZ_EXPECT(decoded->proposal.created_ms >= 0);
    TALLY_FUZZ_EXPECT(decoded->id ==
                      crypto::sha256(crypto::sig_structure(decoded->cose.protected_bytes, {}, decoded->cose.payload)));
    for (const auto attachment : decoded->proposal.attachments) {
        TALLY_FUZZ_EXPECT(attachment.empty() ||
                          (attachment.data() >= data && attachment.data() + attachment.size() <= data + size));
    }
    const Bytes other_signature(decoded->cose.signature.size(), 0xee);
    const auto resigned = crypto::encode_sign1(decoded->cose.protected_bytes, decoded->cose.unprotected,
                                               &decoded->cose.payload, other_signature);
    const auto again = SignedProposal::decode(resigned, 1 << 16);
    TALLY_FUZZ_EXPECT(again && again->id == decoded->id);
    return 0;
}

extern "C" void tally_fuzz_seeds(void (*add)(const std::uint8_t*, std::size_t)) {
    const auto key = *crypto::PrivateKey::from_raw(crypto::Algorithm::ed25519, Bytes(32, 7));
    const std::vector<crypto::Certificate> chain = {crypto::issue_root(key, {"ada", "GridCo", "client"}, 0, 1'000'000)};
    const Bytes attachment(200, 0x11);
    for (std::size_t attachments = 0; attachments < 3; ++attachments) {
        const Proposal proposal{"main",
                                "data",
                                "publish",
                                R"({"format":"record"})",
                                std::vector<ByteView>(attachments, attachment),
                                {},
                                1'750'000'000'000};
        const auto message = sign_proposal(key, chain, proposal);
        add(message.data(), message.size());
    }
}
