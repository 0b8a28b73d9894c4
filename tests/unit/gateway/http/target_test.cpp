#include "gateway/http/target.h"

#include <gtest/gtest.h>

namespace tally::gateway {
namespace {

using Segments = std::vector<std::string>;
using Query = std::vector<std::pair<std::string, std::string>>;

TEST(Target, PathAndQueryAreTakenApart) {
    const auto target = parse_target("/v1/devices/dev%2F7/days?from=1&to=2&x=a%20b+c&flag&from=3");
    ASSERT_TRUE(target) << target.error().message;
    EXPECT_EQ(target->segments, (Segments{"v1", "devices", "dev/7", "days"}));
    EXPECT_EQ(target->query, (Query{{"from", "1"}, {"to", "2"}, {"x", "a b c"}, {"flag", ""}, {"from", "3"}}));
}

TEST(Target, PlusIsABlankOnlyInTheQuery) { EXPECT_EQ(parse_target("/a+b?c=d+e")->segments, Segments{"a+b"}); }

TEST(Target, RootHasNoSegmentsAndATrailingSlashLeavesAnEmptyOne) {
    EXPECT_TRUE(parse_target("/")->segments.empty());
    EXPECT_TRUE(parse_target("/?a=1")->segments.empty());
    EXPECT_EQ(parse_target("/a/")->segments, (Segments{"a", ""}));
    EXPECT_EQ(parse_target("//")->segments, (Segments{"", ""}));
}

TEST(Target, AbsoluteFormIsAccepted) {
    EXPECT_EQ(parse_target("https://host:8443/a?b=c")->segments, Segments{"a"});
    EXPECT_TRUE(parse_target("http://host")->segments.empty());
    EXPECT_FALSE(parse_target("https:///a"));
    EXPECT_TRUE(parse_target("*"));
}

TEST(Target, WhatIsUnusualIsRefused) {
    for (const std::string text : {"",
                                   "a",
                                   "?a",
                                   "/%",
                                   "/%4",
                                   "/%4g",
                                   "/%00",
                                   "/%0a",
                                   "/a%7f",
                                   "/\x01",
                                   "/../etc",
                                   "/a/./b",
                                   "/%2e%2e/a",
                                   "/a#b",
                                   "/%ff",
                                   "/%c0%af",
                                   "/%ed%a0%80",
                                   "/%f4%90%80%80",
                                   "/a?b=%0d%0aSet-Cookie",
                                   "ftp://host/a"}) {
        const auto target = parse_target(text);
        ASSERT_FALSE(target) << text;
        EXPECT_EQ(target.error().code, Code::malformed);
    }
}

TEST(Target, PartsAreCounted) {
    std::string path, query = "/?";
    for (std::size_t i = 0; i < kMaxSegments; ++i) path += "/a";
    for (std::size_t i = 0; i < kMaxQueryParameters; ++i) query += "a=1&";
    EXPECT_TRUE(parse_target(path));
    EXPECT_FALSE(parse_target(path + "/a"));
    EXPECT_TRUE(parse_target(query));
    EXPECT_FALSE(parse_target(query + "a=1"));
}

TEST(Target, EncodingIsUndoneByParsing) {
    const std::string text = "a/b?c&d=e+f%g h#\xc3\xa9~";
    const auto encoded = percent_encode(text);
    EXPECT_EQ(encoded, "a%2Fb%3Fc%26d%3De%2Bf%25g%20h%23%C3%A9~");
    EXPECT_EQ(parse_target("/" + encoded)->segments, Segments{text});
    EXPECT_EQ(parse_target("/?q=" + encoded)->query, (Query{{"q", text}}));
}

}  // namespace
}  // namespace tally::gateway
