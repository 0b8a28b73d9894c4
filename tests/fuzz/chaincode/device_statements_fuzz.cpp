// What a device states of its keys: a proof of possession, a key rotation. What is accepted has one form alone, and
// signing it again gives that form.

#include "chaincode/records/key_rotation.h"
#include "chaincode/records/possession.h"
#include "crypto/cose.h"
#include "tests/fuzz/expect.h"

using namespace tally;
using namespace tally::chaincode;

namespace {

crypto::PrivateKey key() { return *crypto::PrivateKey::from_raw(crypto::Algorithm::ed25519, Bytes(32, 7)); }

bool same_payload(ByteView a, ByteView b) {
    return equal(crypto::Sign1::decode(a)->payload, crypto::Sign1::decode(b)->payload);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView in(data, size);
    if (const auto stated = decode_possession(in)) {
        TALLY_FUZZ_EXPECT(crypto::Sign1::decode(in)->headers.kid == stated->device);
        TALLY_FUZZ_EXPECT(same_payload(in, sign_possession(key(), "main", *stated)));
        TALLY_FUZZ_EXPECT(!decode_key_rotation(in));
    }
    if (const auto rotation = decode_key_rotation(in)) {
        TALLY_FUZZ_EXPECT(crypto::Sign1::decode(in)->headers.kid == rotation->device);
        TALLY_FUZZ_EXPECT(same_payload(in, sign_key_rotation(key(), "main", *rotation)));
        TALLY_FUZZ_EXPECT(!decode_possession(in));
    }
    return 0;
}

extern "C" void tally_fuzz_seeds(void (*add)(const std::uint8_t*, std::size_t)) {
    for (const auto& message : {sign_possession(key(), "main", {"GridCo", "meter-1"}),
                                sign_key_rotation(key(), "main", {"meter-1", 2, key().public_key().spki()})}) {
        add(message.data(), message.size());
    }
}
