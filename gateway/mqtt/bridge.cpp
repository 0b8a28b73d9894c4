#include "gateway/mqtt/bridge.h"

#include <deque>
#include <mutex>
#include <thread>

#include "chaincode/json/strict_json.h"
#include "chaincode/records/device_record.h"
#include "chaincode/records/ocmf_record.h"
#include "crypto/thread_name.h"
#include "gateway/http/log_value.h"
#include "gateway/http/problem.h"
#include "gateway/rest/answers.h"

namespace tally::gateway::mqtt {
namespace {

constexpr std::string_view kPrefix = "tally/v1/";
constexpr std::string_view kRequest = "mqtt";
constexpr auto kTurn = std::chrono::milliseconds(500);
constexpr auto kLastAnswers = std::chrono::seconds(10);
constexpr std::size_t kMostBytes = 4U << 20;
constexpr std::size_t kMostReplies = 1000;  // that the broker has not acknowledged

struct Reply {
    std::string topic;
    std::string text;
};

// "tally/v1/CHANNEL/DEVICE/record": the device; empty for any other topic.
std::string_view device_of(std::string_view topic, std::string_view channel) {
    if (!topic.starts_with(kPrefix)) return {};
    topic.remove_prefix(kPrefix.size());
    if (!topic.starts_with(channel)) return {};
    topic.remove_prefix(channel.size());
    if (!topic.starts_with('/') || !topic.ends_with("/record")) return {};
    topic.remove_prefix(1);
    if (topic.size() < 8) return {};
    topic.remove_suffix(7);
    return topic.find('/') == std::string_view::npos ? topic : std::string_view();
}

struct Signed {
    std::string device;
    std::string content_id;
    std::string_view content_type;
};

Result<Signed> signed_by(ByteView payload) {
    const auto text = as_text(payload);
    if (text.starts_with("OCMF|")) {
        const auto record = TRY(chaincode::read_ocmf(text));
        return Signed{record.meter(), record.content_id.hex(), kOcmf};
    }
    const auto record = TRY(chaincode::decode_record(payload));
    return Signed{record.record.device, record.content_id.hex(), kCose};
}

std::string reply_of(const std::string& content_id, const Response& response) {
    auto body = chaincode::parse_json(response.body, "an answer");
    json::object out{{"content_id", content_id}, {"status", response.status}, {"content_type", response.content_type}};
    out["body"] = body ? std::move(*body) : json::value(response.body);
    return chaincode::json_text(out);
}

}  // namespace

std::string record_topic(std::string_view channel, std::string_view device) {
    return fmt::format("{}{}/{}/record", kPrefix, channel, device);
}

std::string reply_topic(std::string_view channel, std::string_view device) {
    return fmt::format("{}{}/{}/reply", kPrefix, channel, device);
}

// Answers may come after the bridge has stopped, so they hold on to this.
struct Bridge::Impl : std::enable_shared_from_this<Impl> {
    BridgeOptions options;
    Submissions* submissions = nullptr;
    Caller caller;
    Log log;
    BridgeCounters counters;
    std::unique_ptr<Connection> connection;
    std::thread thread;
    std::atomic<bool> stopping = false;
    std::atomic<std::size_t> in_flight = 0;
    std::mutex mutex;
    std::deque<Reply> replies;  // guarded by mutex
    bool is_over = false;       // guarded by mutex: nobody sends replies any more

    void take(const Incoming& message) {
        const auto device = device_of(message.topic, options.channel);
        if (message.retained || message.qos == 0 || device.empty()) {
            ++counters.dropped;
            return;
        }
        ++counters.records;
        const auto topic = reply_topic(options.channel, device);
        if (message.payload.size() > kMostBytes)
            return refuse(topic, "", fail(Code::too_large, "a record of {} bytes", message.payload.size()).error());
        auto record = signed_by(message.payload);
        if (!record) return refuse(topic, "", record.error());
        if (record->device != device) {
            ++counters.wrong_device;
            return refuse(topic, record->content_id,
                          fail(Code::permission_denied, "wrong_device: the topic is of \"{}\", the record of \"{}\"",
                               device, record->device)
                              .error());
        }
        ++in_flight;
        submissions->publish(
            to_bytes(message.payload), std::string(record->content_type), caller, Wait::committed,
            [self = shared_from_this(), topic, id = record->content_id](Result<RecordOutcome> outcome) {
                self->answer(topic, id, outcome);
                --self->in_flight;
                self->wake();
            });
    }

    void answer(const std::string& topic, const std::string& content_id, const Result<RecordOutcome>& outcome) {
        if (!outcome) return refuse(topic, content_id, outcome.error());
        json::object body{{"content_id", outcome->content_id},
                          {"duplicate", outcome->duplicate},
                          {"transaction", transaction_json(outcome->transaction)}};
        const auto response = transaction_response(outcome->transaction, std::move(body), kRequest);
        ++(response.status == 200 ? counters.committed : counters.refused);
        reply(topic, reply_of(content_id, response));
    }

    void refuse(const std::string& topic, const std::string& content_id, const Error& error) {
        ++counters.refused;
        reply(topic, reply_of(content_id, Problem::of(error).response(kRequest)));
    }

    void reply(std::string topic, std::string text) {
        const std::lock_guard lock(mutex);
        if (!is_over) replies.push_back({std::move(topic), std::move(text)});
    }

    void wake() {
        const std::lock_guard lock(mutex);
        if (!is_over) connection->wake();
    }

    // A reply that cannot be sent is dropped, and so is one for which a broker that does not acknowledge leaves no
    // room: the device sends its record again, and that is a duplicate.
    void send_replies() {
        std::deque<Reply> ready;
        {
            const std::lock_guard lock(mutex);
            ready.swap(replies);
        }
        for (const auto& each : ready) {
            if (connection->unacknowledged() >= kMostReplies) return;
            (void)connection->publish(each.topic, as_bytes(each.text));
        }
    }

    void run() {
        name_thread("mqtt");
        auto deadline = std::chrono::steady_clock::time_point::max();
        while (true) {
            if (stopping && deadline == std::chrono::steady_clock::time_point::max())
                deadline = std::chrono::steady_clock::now() + kLastAnswers;
            if (stopping && (in_flight == 0 || std::chrono::steady_clock::now() > deadline)) break;
            connection->run(kTurn, !stopping && in_flight < options.max_in_flight);
            send_replies();
        }
        send_replies();
        connection->run(std::chrono::milliseconds(0), false);
        const std::lock_guard lock(mutex);
        is_over = true;
    }
};

Bridge::Bridge(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
Bridge::~Bridge() { stop(); }

Result<std::unique_ptr<Bridge>> Bridge::create(BridgeOptions options, Submissions& submissions, Caller caller,
                                               Log log) {
    auto impl = std::make_shared<Impl>();
    impl->options = std::move(options);
    impl->submissions = &submissions;
    impl->caller = std::move(caller);
    impl->log = std::move(log);
    const auto& in = impl->options;
    const auto topic = record_topic(in.channel, "+");
    ConnectionOptions connection{
        in.broker, in.authorities, in.certificate,
        in.key,    in.client_id,   {in.share.empty() ? topic : fmt::format("$share/{}/{}", in.share, topic)}};
    auto* const self = impl.get();
    impl->connection = TRY(Connection::create(
        std::move(connection), [self](const Incoming& message) { self->take(message); },
        [self](bool connected, const std::string& what) {
            self->counters.connected = connected;
            self->log(fmt::format("event={} broker={}:{} what={}", connected ? "mqtt_connected" : "mqtt_lost",
                                  log_value(self->options.broker.host), self->options.broker.port, log_value(what)));
        }));
    return std::unique_ptr<Bridge>(new Bridge(std::move(impl)));
}

void Bridge::start() {
    impl_->thread = std::thread([self = impl_] { self->run(); });
}

void Bridge::stop() {
    impl_->stopping = true;
    impl_->wake();
    if (impl_->thread.joinable()) impl_->thread.join();
}

const BridgeCounters& Bridge::counters() const { return impl_->counters; }

}  // namespace tally::gateway::mqtt
