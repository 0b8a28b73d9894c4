#include "node/cli/next_step.h"

#include <gtest/gtest.h>

namespace tally::node::cli {
namespace {

TEST(NextStep, AWordThatTheShellWouldTakeApartIsQuoted) {
    EXPECT_EQ(shell_word("nodes/node1"), "nodes/node1");
    EXPECT_EQ(shell_word("B=organizations/B/ca/crl.pem"), "B=organizations/B/ca/crl.pem");
    EXPECT_EQ(shell_word(""), "''");
    EXPECT_EQ(shell_word("my nodes"), "'my nodes'");
    EXPECT_EQ(shell_word("it's"), "'it'\\''s'");
    EXPECT_EQ(shell_word("$(rm x)"), "'$(rm x)'");
    EXPECT_EQ(command_line({"tally", "node", "start", "a b"}), "tally node start 'a b'");
}

}  // namespace
}  // namespace tally::node::cli
