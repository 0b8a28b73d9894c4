// Batch signatures. What is accepted must encode again to the same bytes; only the seeds' own signatures verify for
// their messages, with the memo and without it.

#include <algorithm>

#include "crypto/batch_signature.h"
#include "tests/fuzz/expect.h"

using namespace tally;
using namespace tally::crypto;

namespace {

struct Batch {
    PrivateKey key = *PrivateKey::from_raw(Algorithm::ed25519, Bytes(32, 5));
    std::vector<Bytes> messages;
    std::vector<Bytes> signatures;

    Batch() {
        for (int i = 0; i < 5; ++i) messages.push_back(to_bytes(std::to_string(i)));
        signatures = sign_batch(key, std::vector<ByteView>(messages.begin(), messages.end()));
    }
};

const Batch& batch() {
    static const Batch kept;
    return kept;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView in(data, size);
    const Result<BatchSignature> decoded = BatchSignature::decode(in);
    if (decoded) TALLY_FUZZ_EXPECT(equal(decoded->encode(), in));
    static VerifiedSignatures memo(64);
    for (std::size_t i = 0; i < batch().messages.size(); ++i) {
        const PublicKey& key = batch().key.public_key();
        const Status plainly = verify_signature(key, batch().messages[i], in);
        const Status remembered = verify_signature(key, batch().messages[i], in, &memo);
        TALLY_FUZZ_EXPECT(plainly.has_value() == remembered.has_value());
        if (plainly) TALLY_FUZZ_EXPECT(equal(batch().signatures[i], in));
    }
    return 0;
}

extern "C" void tally_fuzz_seeds(void (*add)(const std::uint8_t*, std::size_t)) {
    for (const Bytes& seed : batch().signatures) add(seed.data(), seed.size());
}
