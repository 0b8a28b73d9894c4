#include "gateway/http/problem.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

namespace tally::gateway {
namespace {

TEST(Problem, DocumentHasTheMembersOfRfc9457) {
    auto problem = Problem::of({Code::busy, "the queue is full"});
    problem.retry_after_s = 7;
    const auto response = problem.response("r-1");
    EXPECT_EQ(response.status, 503);
    EXPECT_EQ(response.content_type, "application/problem+json");
    const auto document = boost::json::parse(response.body).as_object();
    EXPECT_EQ(document.at("type"), "urn:tally:problem:busy");
    EXPECT_EQ(document.at("title"), "Service Unavailable");
    EXPECT_EQ(document.at("status"), 503);
    EXPECT_EQ(document.at("code"), "busy");
    EXPECT_EQ(document.at("detail"), "the queue is full");
    EXPECT_EQ(document.at("instance"), "urn:tally:request:r-1");
    EXPECT_EQ(document.at("retry_after"), 7);
    EXPECT_FALSE(document.contains("validation_code"));
    EXPECT_EQ(response.headers.back(), (std::pair<std::string, std::string>{"Retry-After", "7"}));
}

TEST(Problem, EveryCodeIsAClientsOrANodesFault) {
    for (const auto& code : kPlatformCodes) {
        const auto status = http_status(code.kind());
        EXPECT_TRUE(status >= 400 && status <= 504) << code.name();
        EXPECT_NE(status_title(status), "Error") << status;
    }
}

TEST(Problem, InnerMessageOfAFailureGoesToTheLogOnly) {
    const auto response = Problem::of({Code::corrupt, "/var/lib/tally/000123.sst is torn"}).response("r");
    EXPECT_EQ(response.body.find("sst"), std::string::npos);
    EXPECT_NE(response.note.find("sst"), std::string::npos);
}

}  // namespace
}  // namespace tally::gateway
