#include "gateway/http/log_value.h"

#include <gtest/gtest.h>

namespace tally::gateway {
namespace {

TEST(LogValue, AWordStandsAsItIs) {
    EXPECT_EQ(log_value("node-1/peer:7000"), "node-1/peer:7000");
    EXPECT_EQ(log_value("\xc3\xa9"), "\xc3\xa9");
}

TEST(LogValue, WhatIsNoWordIsQuoted) {
    EXPECT_EQ(log_value(""), R"("")");
    EXPECT_EQ(log_value("two words"), R"("two words")");
    EXPECT_EQ(log_value("a=b"), R"("a=b")");
}

TEST(LogValue, TextCannotEndTheValueOrTheLine) {
    EXPECT_EQ(log_value(R"(names "E" and \)"), R"("names \"E\" and \\")");
    EXPECT_EQ(log_value("a\nevent=started"), R"("a\x0aevent=started")");
    EXPECT_EQ(log_value("\x7f"), R"("\x7f")");
}

TEST(LogValue, OnlyTheBeginningOfALongOneIsKept) { EXPECT_EQ(log_value(" " + std::string(10'000, 'x')).size(), 514U); }

}  // namespace
}  // namespace tally::gateway
