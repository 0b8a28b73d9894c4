// Server-Sent Events through the server: live delivery, resumption, filters, heartbeats, and no memory for the slow.

#include <condition_variable>
#include <thread>

#include "gateway/rest/event_cursor.h"
#include "gateway/rest/event_feed.h"
#include "tests/unit/gateway/gateway_fixture.h"
#include "tests/unit/gateway/raw_tls.h"

namespace tally::gateway {
namespace {

using test::expect_problem;

class EventsTest : public test::GatewayTest {
  protected:
    // The ids of the first `count` events of a stream.
    std::vector<std::string> ids(const std::string& path, std::size_t count, HeaderFields headers = {}) {
        std::vector<std::string> seen;
        std::atomic<bool> stop = false;
        auto listener = client();
        const auto ended = listener.stream(
            path, std::move(headers),
            [&](std::string_view line) {
                if (line.starts_with("id: ")) seen.emplace_back(line.substr(4));
                if (line.starts_with("data: ")) {
                    EXPECT_FALSE(json::parse(line.substr(6)).as_object().empty());
                }
                return seen.size() < count || !line.empty();
            },
            stop);
        EXPECT_TRUE(ended) << ended.error().message;
        return seen;
    }

    void wait_for_listeners(std::size_t count) {
        while (backend.listeners() != count) std::this_thread::yield();
    }
};

TEST_F(EventsTest, PastEventsComeInOrder) {
    start();
    backend.add_events(2);
    backend.add_events(1);
    EXPECT_EQ(ids("/v1/events?from_block=0", 3), (std::vector<std::string>{"1.0.0", "1.0.1", "2.0.0"}));
}

TEST_F(EventsTest, ResumptionMissesNothingAndRepeatsNothing) {
    start();
    for (int i = 0; i < 5; ++i) backend.add_events(100);
    const auto all = ids("/v1/events?from_block=0", 500);
    ASSERT_EQ(all.size(), 500U);
    std::vector<std::string> resumed;
    while (resumed.size() < 500) {
        HeaderFields headers;
        if (!resumed.empty()) headers.emplace_back("Last-Event-ID", resumed.back());
        for (auto& id : ids("/v1/events?from_block=0", std::min<std::size_t>(37, 500 - resumed.size()), headers)) {
            resumed.push_back(id);
        }
    }
    EXPECT_EQ(resumed, all);
}

TEST_F(EventsTest, ListenerHearsOfCommitsAsTheyHappen) {
    start();
    ASSERT_EQ(client().post("/v1/records", as_bytes("before"), "application/cose")->status, 200);
    std::thread publisher([this] {
        wait_for_listeners(1);
        EXPECT_EQ(client().post("/v1/records", as_bytes("after"), "application/cose")->status, 200);
    });
    EXPECT_EQ(ids("/v1/events", 1), (std::vector<std::string>{"2.0.0"}));
    publisher.join();
}

TEST_F(EventsTest, FiltersByContractAndName) {
    start();
    backend.add_events(4);
    ASSERT_EQ(client().post("/v1/records", as_bytes("one"), "application/cose")->status, 200);
    EXPECT_EQ(ids("/v1/events?from_block=0&contract=billing", 2), (std::vector<std::string>{"1.0.1", "1.0.3"}));
    EXPECT_EQ(ids("/v1/events?from_block=0&event=record_published", 1), (std::vector<std::string>{"2.0.0"}));
}

TEST_F(EventsTest, EventHasItsWholeStory) {
    start();
    ASSERT_EQ(client().post("/v1/records", as_bytes("story"), "application/cose")->status, 200);
    test::RawTls listener({.port = server->port(), .identity = client_member.tls()});
    ASSERT_TRUE(listener.secure());
    listener.send("GET /v1/events?from_block=0 HTTP/1.1\r\nHost: localhost\r\n\r\n");
    const auto head = listener.read_response();
    EXPECT_NE(head.find("Content-Type: text/event-stream\r\n"), std::string::npos);
    EXPECT_NE(head.find("Transfer-Encoding: chunked\r\n"), std::string::npos);
    EXPECT_NE(listener.read_until("\n\n").find("retry: 2000\n\n"), std::string::npos);
    const auto event = listener.read_until("}\n\n");
    EXPECT_NE(event.find("id: 1.0.0\nevent: record_published\ndata: {\"id\":\"1.0.0\",\"transaction\":\""),
              std::string::npos)
        << event;
    EXPECT_NE(
        event.find(
            "\"contract\":\"data\",\"name\":\"record_published\",\"time_ms\":1750000000000,\"payload\":{\"bytes\":5}}"),
        std::string::npos)
        << event;
}

TEST_F(EventsTest, SilentStreamHasAHeartbeat) {
    server_options.limits.heartbeat = std::chrono::milliseconds(20);
    start();
    std::atomic<bool> stop = false;
    int beats = 0;
    auto listener = client();
    const auto ended = listener.stream(
        "/v1/events", {}, [&](std::string_view line) { return !line.starts_with(":") || ++beats < 3; }, stop);
    EXPECT_TRUE(ended);
    EXPECT_EQ(beats, 3);
}

TEST_F(EventsTest, LastEventIdMustBeACursor) {
    start();
    for (const std::string id :
         {"1", "1.2", "1.2.3.4", "a.b.c", "-1.0.0", "01.0.0", "1.4294967296.0", "18446744073709551616.0.0"}) {
        expect_problem(client().get("/v1/events", {{"Last-Event-ID", id}}), 400, "invalid_argument");
    }
}

TEST_F(EventsTest, ListenerThatLeavesIsForgotten) {
    server_options.limits.heartbeat = std::chrono::milliseconds(10);
    start();
    {
        test::RawTls listener({.port = server->port(), .identity = client_member.tls()});
        listener.send("GET /v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n");
        ASSERT_FALSE(listener.read_until("retry").empty());
        wait_for_listeners(1);
    }
    wait_for_listeners(0);
}

TEST_F(EventsTest, ListenerThatDoesNotReadIsCutOff) {
    server_options.limits.write_timeout = std::chrono::milliseconds(300);
    start();
    for (int i = 0; i < 200; ++i) backend.add_events(1000);  // far more than the kernel's buffers take
    test::RawTls listener({.port = server->port(), .identity = client_member.tls()});
    listener.send("GET /v1/events?from_block=0 HTTP/1.1\r\nHost: localhost\r\n\r\n");
    wait_for_listeners(1);
    wait_for_listeners(0);
}

TEST_F(EventsTest, StopEndsTheStreamInOrder) {
    start();
    test::RawTls listener({.port = server->port(), .identity = client_member.tls()});
    listener.send("GET /v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n");
    wait_for_listeners(1);
    server->stop();
    const auto all = listener.read_to_the_end();
    EXPECT_TRUE(all.ends_with("0\r\n\r\n")) << all;
    EXPECT_EQ(backend.listeners(), 0U);
}

TEST_F(EventsTest, HttpTenClientGetsAPlainStream) {
    start();
    backend.add_events(1);
    test::RawTls listener({.port = server->port(), .identity = client_member.tls()});
    listener.send("GET /v1/events?from_block=0 HTTP/1.0\r\n\r\n");
    const auto head = listener.read_response();
    EXPECT_EQ(head.find("chunked"), std::string::npos);
    EXPECT_TRUE(listener.read_until("retry: 2000\n\n").starts_with("retry"));
}

TEST(EventCursor, TextAndBack) {
    const EventCursor cursor{41, 3, 7};
    EXPECT_EQ(cursor_text(cursor), "41.3.7");
    EXPECT_EQ(parse_cursor("41.3.7"), cursor);
    EXPECT_EQ(parse_cursor("0.0.0"), EventCursor{});
    EXPECT_EQ(after(cursor), (EventCursor{41, 3, 8}));
    EXPECT_EQ(after({41, 3, UINT32_MAX}), (EventCursor{41, 4, 0}));
    EXPECT_EQ(after({41, UINT32_MAX, UINT32_MAX}), (EventCursor{42, 0, 0}));
}

TEST_F(EventsTest, BlocksAreStreamedAfterANumber) {
    start();
    for (int i = 0; i < 5; ++i) backend.add_events(1);
    const HeaderFields stream{{"Accept", "text/event-stream"}};
    EXPECT_EQ(ids("/v1/blocks?after=2", 3, stream), (std::vector<std::string>{"3", "4", "5"}));
    EXPECT_EQ(ids("/v1/blocks?from=2", 2, stream), (std::vector<std::string>{"2", "3"}));
    EXPECT_EQ(ids("/v1/blocks?after=0", 1, {{"Accept", "text/event-stream"}, {"Last-Event-ID", "4"}}),
              std::vector<std::string>{"5"});
    for (const std::string id : {"1.2", "-1", "a", "18446744073709551616"}) {
        expect_problem(client().get("/v1/blocks", {{"Accept", "text/event-stream"}, {"Last-Event-ID", id}}), 400,
                       "invalid_argument");
    }
    const auto page = json::parse(client().get("/v1/blocks?after=3")->body);
    EXPECT_EQ(page.at("blocks").as_array().size(), 2U) << "who does not ask for a stream gets a page";
    expect_problem(client().get("/v1/blocks?after=3&from=4"), 400, "invalid_argument");
}

TEST_F(EventsTest, AnOrganizationHasABoundedNumberOfStreamsAndAnEndedOneMakesRoom) {
    rest_options.streams_of_organization = 2;
    server_options.limits.heartbeat = std::chrono::milliseconds(10);
    start();
    const std::string request = "GET /v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n";
    auto first =
        std::make_unique<test::RawTls>(test::RawTls::Options{.port = server->port(), .identity = client_member.tls()});
    test::RawTls second({.port = server->port(), .identity = client_member.tls()});
    first->send(request);
    second.send(request);
    wait_for_listeners(2);
    expect_problem(client().get("/v1/events"), 503, "busy");
    expect_problem(client().get("/v1/blocks", {{"Accept", "text/event-stream"}}), 503, "busy");
    first.reset();
    wait_for_listeners(1);
    backend.add_events(1);
    EXPECT_EQ(ids("/v1/events?from_block=0", 1).size(), 1U);
}

TEST(EventFeed, LineBreaksCannotForgeAnEvent) {
    EventRecord event;
    event.name = "a\nid: 9.9.9";
    event.payload = "{\"x\":\r\n1}";
    std::string out;
    append_event(out, event);
    EXPECT_EQ(std::count(out.begin(), out.end(), '\n'), 4);
    EXPECT_EQ(out.find("\nid:"), std::string::npos);
}

}  // namespace
}  // namespace tally::gateway
