#include "crypto/z85.h"

#include <gtest/gtest.h>

namespace tally::crypto {
namespace {

TEST(Z85, IsWholeGroupsOfItsAlphabetBelowTwoToThe32) {
    for (const std::string_view good : {"", "HelloWorld", "00000", "%nSc0",             // 2^32 - 1
                                        "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6"}) {  // ZeroMQ RFC 32 and its key
        EXPECT_TRUE(is_z85(good)) << good;
    }
    for (const std::string_view bad :
         {"Hello1", "Hell", "%nSc1", "#####", "Hell,", "Hell~", "Hell ", "Hell\"", "Hell\x80"})
        EXPECT_FALSE(is_z85(bad)) << bad;
    EXPECT_FALSE(is_z85(std::string_view("Hel\0o", 5)));
}

}  // namespace
}  // namespace tally::crypto
