#include "node/addresses/host_port.h"

#include <gtest/gtest.h>

namespace tally::node {
namespace {

TEST(HostPort, NamesAndAddressesAreReadAndWritten) {
    for (const auto& [text, host] :
         std::vector<std::pair<std::string, std::string>>{{"10.0.0.11:7000", "10.0.0.11"},
                                                          {"node1.example.org:7000", "node1.example.org"},
                                                          {"[2001:db8::11]:7000", "2001:db8::11"},
                                                          {"[::1]:7000", "::1"},
                                                          {"[::ffff:10.0.0.11]:7000", "::ffff:10.0.0.11"}}) {
        const auto parsed = HostPort::parse(text);
        ASSERT_TRUE(parsed.has_value()) << text;
        EXPECT_EQ(parsed->host, host);
        EXPECT_EQ(parsed->port, 7000);
        EXPECT_EQ(parsed->text(), text);
    }
}

TEST(HostPort, AnythingElseIsRefused) {
    for (const char* text : {"",         ":",         "7000",      ":7000",
                             "a:",       "a:0",       "a:65536",   "a:7000x",
                             "a: 7000",  "a:-1",      "::1:7000",  "2001:db8::11:7000",
                             "[::1]",    "[::1]7000", "[]:7000",   "[10.0.0.11]:7000",
                             "[a]:7000", "[::1:7000", "::1]:7000", "[[::1]]:7000"}) {
        EXPECT_FALSE(HostPort::parse(text).has_value()) << text;
    }
}

TEST(HostPort, ANodeWithANameListensEverywhere) {
    EXPECT_EQ((HostPort{"10.0.0.11", 1}.listening().text()), "10.0.0.11:1");
    EXPECT_EQ((HostPort{"2001:db8::11", 1}.listening().text()), "[2001:db8::11]:1");
    EXPECT_EQ((HostPort{"node1.example.org", 1}.listening().text()), "*:1");
}

}  // namespace
}  // namespace tally::node
