#include "chaincode/records/key_rotation.h"

#include "tests/unit/chaincode/memory_state.h"

namespace tally::chaincode::test {
namespace {

TEST(KeyRotation, IsReadAsItWasSigned) {
    const auto key = *crypto::PrivateKey::from_raw(crypto::Algorithm::ed25519, Bytes(32, 1));
    const KeyRotation rotation{"meter-1", 7, {1, 2, 3}};
    const auto message = sign_key_rotation(key, "main", rotation);
    const auto read = decode_key_rotation(message);
    ASSERT_OK(read);
    EXPECT_EQ(read->device, "meter-1");
    EXPECT_EQ(read->epoch, 7);
    EXPECT_EQ(read->new_key, rotation.new_key);
    EXPECT_TRUE(crypto::Sign1::decode(message)->verify(key.public_key(), as_bytes("main")));
    EXPECT_FALSE(crypto::Sign1::decode(message)->verify(key.public_key(), as_bytes("other")));
    for (std::size_t size = 0; size < message.size(); ++size) {
        EXPECT_EQ(code_of(decode_key_rotation(ByteView(message).first(size))), Code::malformed);
    }
    EXPECT_EQ(code_of(decode_key_rotation(Bytes(5000))), Code::too_large);
}

}  // namespace
}  // namespace tally::chaincode::test
