#include "crypto/bytes.h"

#include "tests/unit/crypto/unhex.h"

namespace tally::crypto {
namespace {

TEST(Bytes, HexIsWrittenInLowerCaseAndReadInEither) {
    const Bytes bytes = {0x00, 0x7f, 0xab, 0xff};
    EXPECT_EQ(to_hex(bytes), "007fabff");
    EXPECT_EQ(from_hex("007FaBfF"), bytes);
    EXPECT_EQ(from_hex(""), Bytes{});
}

TEST(Bytes, HexRefusesOddLengthsAndOtherCharacters) {
    for (const char* text : {"a", "0g", "0x00", " 00", "00 ", "-1"}) {
        EXPECT_EQ(code_of(from_hex(text)), Code::malformed) << text;
    }
}

// RFC 4648 section 10.
TEST(Bytes, Base64GivesTheVectorsOfTheRfc) {
    const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                           {"f", "Zg=="},
                                                           {"fo", "Zm8="},
                                                           {"foo", "Zm9v"},
                                                           {"foob", "Zm9vYg=="},
                                                           {"fooba", "Zm9vYmE="},
                                                           {"foobar", "Zm9vYmFy"}};
    for (const auto& [text, encoded] : vectors) {
        EXPECT_EQ(to_base64(as_bytes(text)), encoded);
        EXPECT_EQ(from_base64(encoded), to_bytes(std::string_view(text)));
        std::string unpadded = encoded;
        while (unpadded.ends_with('=')) unpadded.pop_back();
        EXPECT_EQ(to_base64url(as_bytes(text)), unpadded);
        EXPECT_EQ(from_base64url(unpadded), to_bytes(std::string_view(text)));
    }
}

TEST(Bytes, TheTwoAlphabetsDifferInTheirLastTwoDigits) {
    const Bytes bytes = {0xfb, 0xff, 0xfe};
    EXPECT_EQ(to_base64(bytes), "+//+");
    EXPECT_EQ(to_base64url(bytes), "-__-");
    EXPECT_EQ(code_of(from_base64("-__-")), Code::malformed);
    EXPECT_EQ(code_of(from_base64url("+//+")), Code::malformed);
}

TEST(Bytes, Base64IsStrict) {
    for (const char* text : {"Zg", "Zg=", "Zh==", "Zm9=", "Zm 9", "Zg==\n", "====", "Z===", "=Zg=", "Zg==Zg=="}) {
        EXPECT_EQ(code_of(from_base64(text)), Code::malformed) << text;
    }
    for (const char* text : {"Z", "Zg==", "Zh", "Zm9", "Zm9v\n"}) {
        EXPECT_EQ(code_of(from_base64url(text)), Code::malformed) << text;
    }
}

}  // namespace
}  // namespace tally::crypto
