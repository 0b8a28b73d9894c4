#include "chaincode/records/possession.h"

#include "tests/unit/chaincode/memory_state.h"

namespace tally::chaincode::test {
namespace {

const Possession kStated{"GridCo", "meter-1"};

crypto::PrivateKey device_key() { return *crypto::PrivateKey::from_raw(crypto::Algorithm::ed25519, Bytes(32, 1)); }

// From Python's cbor2 and cryptography: the example of docs/formats.md.
TEST(Possession, HasTheDocumentedForm) {
    const std::string_view expected =
        "d2845832a301270378236170706c69636174696f6e2f74616c6c792d726567697374726174696f6e2b63626f7204476d"
        "657465722d31a05183016647726964436f676d657465722d315840bc7e468b03c75de2ef9cd5d45d97f3f94d48bc398f"
        "489cec6b3bb0993829b64deec0c3888d8d5c37d9abbd77b79728b23068253619ab0f12cafa1df90024f506";
    EXPECT_EQ(to_hex(sign_possession(device_key(), "main", kStated)), expected);
}

TEST(Possession, CountsForItsKeyChannelOrganizationAndDeviceAlone) {
    const auto message = sign_possession(device_key(), "main", kStated);
    const auto key = device_key().public_key();
    ASSERT_OK(verify_possession(message, key, "main", kStated));
    const auto other = crypto::PrivateKey::from_raw(crypto::Algorithm::ed25519, Bytes(32, 2))->public_key();
    EXPECT_REFUSED(verify_possession(message, other, "main", kStated), Code::bad_signature, "not signed by the key");
    EXPECT_REFUSED(verify_possession(message, key, "north", kStated), Code::bad_signature, "\"north\"");
    EXPECT_REFUSED(verify_possession(message, key, "main", {"Bank", "meter-1"}), Code::bad_signature, "of GridCo");
    EXPECT_REFUSED(verify_possession(message, key, "main", {"GridCo", "meter-2"}), Code::bad_signature, "\"meter-1\"");
}

TEST(Possession, NothingElseIsTakenForOne) {
    const auto message = sign_possession(device_key(), "main", kStated);
    for (std::size_t size = 0; size < message.size(); ++size) {
        EXPECT_EQ(code_of(decode_possession(ByteView(message).first(size))), Code::malformed);
    }
    EXPECT_EQ(code_of(decode_possession(Bytes(5000))), Code::too_large);
    const auto signed_as = [](std::string content_type, std::string kid) {
        crypto::Sign1Options options;
        options.headers.content_type = std::move(content_type);
        options.headers.kid = std::move(kid);
        return crypto::sign1(device_key(), *from_hex("83016647726964436f676d657465722d31"), options);
    };
    const std::string type(kPossessionContentType);
    EXPECT_TRUE(decode_possession(signed_as(type, "meter-1")));
    EXPECT_EQ(code_of(decode_possession(signed_as(type, "meter-2"))), Code::malformed);
    EXPECT_EQ(code_of(decode_possession(signed_as("application/tally-record+cbor", "meter-1"))), Code::malformed);
}

}  // namespace
}  // namespace tally::chaincode::test
