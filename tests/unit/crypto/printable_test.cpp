#include "crypto/printable.h"

#include <gtest/gtest.h>

namespace tally {
namespace {

TEST(Printable, PlainTextStaysAsItIs) {
    for (const char* text : {"", "a note: 12 kW, \\ \"quoted\"", "Zähler № 7 – überprüft", "計器", "😀"})
        EXPECT_EQ(printable(text), text);
}

TEST(Printable, WhatActsOnATerminalIsWrittenAsAnEscape) {
    EXPECT_EQ(printable("a\nb\r\tc"), "a\\nb\\x0d\\x09c");
    EXPECT_EQ(printable("\x1b[2J\x1b[31mred\x07"), "\\x1b[2J\\x1b[31mred\\x07");
    EXPECT_EQ(printable(std::string_view("\0\x7f", 2)), "\\x00\\x7f");
    EXPECT_EQ(printable("\xc2\x9b"
                        "31m"),
              "\\x9b31m")
        << "CSI as one C1 character";
    EXPECT_EQ(printable("\u202Eevil\u2066\u2028\uFEFF"), "\\u202eevil\\u2066\\u2028\\ufeff");
}

TEST(Printable, BytesThatAreNotUtf8AreWrittenAsBytes) {
    EXPECT_EQ(printable("\xff\xfe"), "\\xff\\xfe");
    EXPECT_EQ(printable("\xc0\xaf"), "\\xc0\\xaf") << "overlong";
    EXPECT_EQ(printable("\xed\xa0\x80"), "\\xed\\xa0\\x80") << "a surrogate";
    EXPECT_EQ(printable("\xe2\x82"), "\\xe2\\x82") << "cut off";
    EXPECT_EQ(printable("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80") << "beyond the last code point";
}

}  // namespace
}  // namespace tally
