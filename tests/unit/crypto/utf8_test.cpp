#include "crypto/utf8.h"

#include <gtest/gtest.h>

namespace tally {
namespace {

TEST(Utf8, WellFormedOnly) {
    EXPECT_TRUE(is_utf8("plain"));
    EXPECT_TRUE(is_utf8("\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"));
    for (const std::string_view bad : {"\x80", "\xc1\xbf", "\xc2", "\xe0\x9f\xbf", "\xe1\x80", "\xed\xa0\x80",
                                       "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80"}) {
        EXPECT_FALSE(is_utf8(bad));
    }
}

// RFC 3629 section 7.
TEST(Utf8, CharactersHaveTheirCodePoints) {
    EXPECT_EQ(first_code_point("A\xe2\x89\xa2").value, 0x41U);
    EXPECT_EQ(first_code_point("\xe2\x89\xa2\xce\x91.").value, 0x2262U);
    EXPECT_EQ(first_code_point("\xce\x91").value, 0x391U);
    EXPECT_EQ(first_code_point("\xf0\xa3\x8e\xb4").value, 0x233B4U);
    EXPECT_EQ(first_code_point("\xf0\xa3\x8e\xb4").bytes, 4U);
    EXPECT_EQ(first_code_point("\xf0\xa3\x8e").bytes, 0U);
}

}  // namespace
}  // namespace tally
