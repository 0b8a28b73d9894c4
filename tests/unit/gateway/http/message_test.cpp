#include "gateway/http/message.h"

#include <gtest/gtest.h>

#include "gateway/http/responder.h"
#include "gateway/http/wire.h"

namespace tally::gateway {
namespace {

TEST(MediaType, IsWithoutParametersAndInLowerCase) {
    EXPECT_EQ(media_type(" Application/JSON ; charset=utf-8"), "application/json");
    EXPECT_EQ(media_type(""), "");
}

TEST(Accept, RangesAndWeights) {
    const std::string_view type = "text/event-stream";
    for (const std::string_view accept :
         {"", "*/*", "text/*", "text/event-stream", "application/json, text/event-stream;q=0.5", "TEXT/Event-Stream",
          "text/html;q=0, */*"}) {
        EXPECT_TRUE(accepts(accept, type)) << accept;
    }
    for (const std::string_view accept : {"application/json", "text/html", "text/event-stream;q=0", "*/*; q=0.0"}) {
        EXPECT_FALSE(accepts(accept, type)) << accept;
    }
}

TEST(Wire, HeaderValuesCannotEndTheHeader) {
    Response response;
    response.headers = {{"Location", "/a\r\nSet-Cookie: x"}};
    std::string out;
    append_response(out, response, {.request_id = "r"});
    EXPECT_EQ(out.find("\r\nSet-Cookie"), std::string::npos);
    EXPECT_NE(out.find("\r\nContent-Length: 0\r\n"), std::string::npos);
}

TEST(Wire, ChunksCarryTheirLengthInHexadecimal) {
    std::string out;
    append_chunk(out, "");
    EXPECT_TRUE(out.empty()) << "an empty chunk would end the body";
    append_chunk(out, std::string(26, 'x'));
    EXPECT_EQ(out, "1a\r\n" + std::string(26, 'x') + "\r\n");
}

TEST(Responder, FirstAnswerCountsAndADroppedOneIsAFailure) {
    std::vector<int> statuses;
    const auto deliver = [&](const Response& response) { statuses.push_back(response.status); };
    {
        const Responder responder("r", deliver);
        const Responder copy = responder;
        copy.send(Response{.status = 202, .content_type = {}, .body = {}, .headers = {}, .stream = {}, .note = {}});
        responder.send(Error{Code::busy, "late"});
    }
    EXPECT_EQ(statuses, std::vector<int>{202});
    {
        const Responder dropped("r", deliver);
    }
    EXPECT_EQ(statuses, (std::vector<int>{202, 500}));
}

}  // namespace
}  // namespace tally::gateway
