// COSE_Sign1 decoding. What is accepted must encode again to the same bytes, and a changed message must not verify
// under the key that the seeds are signed with unless its signed bytes are among the seeds'.

#include <algorithm>

#include "crypto/cbor.h"
#include "crypto/cose.h"
#include "tests/fuzz/expect.h"
#include "tests/unit/crypto/sign1_batch.h"

using namespace tally;
using namespace tally::crypto;

namespace {

const PrivateKey& key() {
    static const PrivateKey kept = *PrivateKey::from_raw(Algorithm::ed25519, Bytes(32, 7));
    return kept;
}

const std::vector<Bytes>& seeds() {
    static const std::vector<Bytes> kept = [] {
        Sign1Options plain;
        plain.headers.content_type = "application/tally-record+cbor";
        plain.headers.kid = "meter-7";
        Sign1Options rich;
        rich.headers.x5chain = {Bytes{0x30, 0x00}, Bytes{0x30, 0x01, 0x00}};
        rich.headers.extra = {{2, CborWriter().array(1).integer(4).take()}, {-9, CborWriter().map(0).take()}};
        rich.headers.kid = "k";
        rich.unprotected_map = CborWriter().map(1).uint(394).array(0).take();
        Sign1Options detached;
        detached.detached = true;
        std::vector<Bytes> messages = {sign1(key(), as_bytes("payload"), plain), sign1(key(), as_bytes("rich"), rich),
                                       sign1(key(), {}, detached)};
        const ByteView payloads[] = {as_bytes("a"), as_bytes("b"), as_bytes("c")};
        for (Bytes& message : test::sign1_batch(key(), payloads, plain.headers)) messages.push_back(std::move(message));
        return messages;
    }();
    return kept;
}

Bytes to_be_signed(const Sign1& message, ByteView external_aad) {
    return sig_structure(message.protected_bytes, external_aad, message.payload);
}

bool is_signed_by_a_seed(const Sign1& message) {
    return std::any_of(seeds().begin(), seeds().end(), [&](const Bytes& seed) {
        return to_be_signed(*Sign1::decode(seed), {}) == to_be_signed(message, {});
    });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView in(data, size);
    const Result<Sign1> message = Sign1::decode(in, 1 << 16);
    if (!message) {
        TALLY_FUZZ_EXPECT(!message.error().message.empty());
        return 0;
    }
    TALLY_FUZZ_EXPECT(message->headers.encode() == message->protected_bytes);
    const Bytes again = encode_sign1(message->protected_bytes, message->unprotected,
                                     message->detached ? nullptr : &message->payload, message->signature);
    TALLY_FUZZ_EXPECT(equal(again, in));
    TALLY_FUZZ_EXPECT(message->to_be_signed_hash(in) == sha256(to_be_signed(*message, in)));
    const Status verified = message->detached ? message->verify_detached(key().public_key(), {}, {})
                                              : message->verify(key().public_key(), {});
    if (verified) TALLY_FUZZ_EXPECT(is_signed_by_a_seed(*message));
    return 0;
}

extern "C" void tally_fuzz_seeds(void (*add)(const std::uint8_t*, std::size_t)) {
    for (const Bytes& seed : seeds()) add(seed.data(), seed.size());
}
