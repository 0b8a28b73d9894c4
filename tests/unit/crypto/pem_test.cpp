#include "crypto/pem.h"

#include "tests/unit/crypto/unhex.h"

namespace tally::crypto {
namespace {

TEST(Pem, IsWrittenInLinesOfSixtyFour) {
    EXPECT_EQ(encode_pem("X", Bytes(49, 0)),
              "-----BEGIN X-----\n" + std::string(64, 'A') + "\nAA==\n-----END X-----\n");
    EXPECT_EQ(decode_pem(encode_pem("X", Bytes(49, 0)), "X"), Bytes(49, 0));
}

TEST(Pem, TextAroundBlocksAndOtherBlocksAreLeftAside) {
    const std::string text = "subject=...\n" + encode_pem("A", Bytes{1}) + "more\r\n" + encode_pem("B", Bytes{2});
    EXPECT_EQ(decode_pem(text, "B"), Bytes{2});
    EXPECT_EQ(decode_pem(text)->size(), 2u);
    EXPECT_EQ(code_of(decode_pem(text, "C")), Code::malformed);
    EXPECT_EQ(code_of(decode_pem(text + text, "A")), Code::malformed) << "which of the two?";
}

TEST(Pem, BrokenBlocksAreRefused) {
    for (const char* text : {"-----BEGIN A", "-----BEGIN A-----\nAA==\n", "-----BEGIN A-----\nAA==\n-----END B-----\n",
                             "-----BEGIN A-----\nA*==\n-----END A-----\n", "-----BEGIN A-----\nAAA\n-----END A-----\n",
                             "-----BEGIN A-----\nKey: value\n\nAA==\n-----END A-----\n"}) {
        EXPECT_EQ(code_of(decode_pem(text)), Code::malformed) << text;
    }
    EXPECT_EQ(code_of(decode_pem(std::string(kMaxPemBytes + 1, ' '))), Code::too_large);
}

}  // namespace
}  // namespace tally::crypto
