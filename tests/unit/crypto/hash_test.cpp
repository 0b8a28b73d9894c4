#include "crypto/hash.h"

#include <unordered_set>

#include "tests/unit/crypto/unhex.h"

namespace tally::crypto {
namespace {

// FIPS 180-4 example values, and `printf '' | sha256sum`.
TEST(Hash, GivesThePublishedDigests) {
    EXPECT_EQ(sha256(as_bytes("abc")).hex(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(sha256(as_bytes("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")).hex(),
              "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    EXPECT_EQ(sha256(ByteView{}).hex(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(sha256(Bytes(1'000'000, 'a')).hex(), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Hash, OfPartsIsTheHashOfTheirConcatenation) {
    EXPECT_EQ(sha256({as_bytes("a"), ByteView{}, as_bytes("bc")}), sha256(as_bytes("abc")));
    Sha256 context;
    context.update(as_bytes("ab"));
    Sha256 branch = context;
    EXPECT_EQ(context.update(as_bytes("c")).finish(), sha256(as_bytes("abc")));
    EXPECT_EQ(branch.update(as_bytes("d")).finish(), sha256(as_bytes("abd")));
    EXPECT_EQ(context.update(as_bytes("abc")).finish(), sha256(as_bytes("abc"))) << "finish starts over";
    branch = context;
    EXPECT_EQ(branch.finish(), sha256(ByteView{}));
}

TEST(Hash, IsReadFromExactlyThirtyTwoBytes) {
    EXPECT_EQ(code_of(Hash::from(Bytes(31))), Code::malformed);
    EXPECT_EQ(code_of(Hash::from(Bytes(33))), Code::malformed);
    EXPECT_TRUE(Hash::from(Bytes(32))->is_zero());
    EXPECT_EQ(code_of(Hash::from_hex("00")), Code::malformed);
    EXPECT_EQ(Hash::from_hex(sha256(as_bytes("abc")).hex()), sha256(as_bytes("abc")));
}

TEST(Hash, OrdersAndHashes) {
    Hash low, high;
    high.bytes[0] = 1;
    EXPECT_LT(low, high);
    EXPECT_EQ((std::unordered_set<Hash>{low, high, low}).size(), 2u);
}

// RFC 3720 appendix B.4 (iSCSI), and the usual check value.
TEST(Crc32c, GivesThePublishedChecksums) {
    EXPECT_EQ(crc32c(as_bytes("123456789")), 0xe3069283u);
    EXPECT_EQ(crc32c(Bytes(32, 0x00)), 0x8a9136aau);
    EXPECT_EQ(crc32c(Bytes(32, 0xff)), 0x62a8ab43u);
    EXPECT_EQ(crc32c(ByteView{}), 0u);
}

TEST(Crc32c, ContinuesFromWhatCameBefore) {
    const std::string_view text = "the quick brown fox jumps over the lazy dog";
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        EXPECT_EQ(crc32c(as_bytes(text.substr(cut)), crc32c(as_bytes(text.substr(0, cut)))), crc32c(as_bytes(text)));
    }
}

}  // namespace
}  // namespace tally::crypto
