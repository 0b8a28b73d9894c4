#include "gateway/mqtt/bridge.h"

#include <deque>
#include <mutex>
#include <thread>

#include "chaincode/json/strict_json.h"
#include "chaincode/records/device_record.h"
#include "chaincode/records/ocmf_record.h"
#include "crypto/thread_name.h"
#include "gateway/http/log_value.h"
#include "gateway/mqtt/registrar.h"
#include "gateway/mqtt/reply.h"
#include "gateway/mqtt/telemetry_bridge.h"
#include "gateway/mqtt/topics.h"
#include "gateway/rest/answers.h"

namespace tally::gateway::mqtt {
namespace {

constexpr std::string_view kRequest = "mqtt";
constexpr auto kTurn = std::chrono::milliseconds(500);
constexpr auto kLastAnswers = std::chrono::seconds(10);
constexpr int kMostLines = 20;              // of the log, in a second
constexpr std::size_t kMostReplies = 1000;  // that the broker has not acknowledged

std::int64_t system_ms() {
    using namespace std::chrono;
    return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

// A flood of what is refused must not flood the log: at most so many lines a second, then how many were left out.
Bridge::Log limited(Bridge::Log log) {
    struct State {
        std::mutex mutex;
        std::int64_t second = 0;
        int lines = 0;
        std::uint64_t left_out = 0;
    };
    return [log = std::move(log), state = std::make_shared<State>()](const std::string& line) {
        const auto second = system_ms() / 1000;
        std::string note;
        {
            const std::lock_guard lock(state->mutex);
            if (second != state->second) {
                if (state->left_out > 0) note = fmt::format("event=mqtt_lines_left_out count={}", state->left_out);
                state->second = second;
                state->lines = 0;
                state->left_out = 0;
            }
            if (++state->lines > kMostLines) {
                ++state->left_out;
                return;
            }
        }
        if (!note.empty()) log(note);
        log(line);
    };
}

struct Reply {
    std::string topic;
    std::string text;
    int qos = 1;
};

struct Signed {
    std::string device;
    std::string content_id;
    std::string_view content_type;
    std::optional<TelemetryBridge::Counted> traffic;  // of what is no day's own record
};

Result<Signed> signed_by(ByteView payload) {
    const auto text = as_text(payload);
    if (text.starts_with("OCMF|")) {
        const auto record = TRY(chaincode::read_ocmf(text));
        return Signed{record.meter(), record.content_id.hex(), kOcmf, {}};
    }
    const auto message = TRY(chaincode::decode_record(payload));
    const auto& record = message.record;
    Signed out{record.device, message.content_id.hex(), kCose, {}};
    if (record.kind == chaincode::RecordKind::DAILY) return out;
    out.traffic = {record.start_s * 1000, message.content_id, static_cast<std::int64_t>(payload.size()), 0};
    for (const auto& field : record.summary) out.traffic->samples += field.count;
    return out;
}

}  // namespace

// Answers may come after the bridge has stopped, so they hold on to this.
struct Bridge::Impl : std::enable_shared_from_this<Impl> {
    BridgeOptions options;
    Submissions* submissions = nullptr;
    Caller caller;
    Log log;
    BridgeCounters counters;
    std::unique_ptr<TelemetryBridge> telemetry;
    std::unique_ptr<Connection> connection;
    std::thread thread;
    std::atomic<bool> stopping = false;
    std::atomic<std::size_t> in_flight = 0;
    std::mutex mutex;
    std::deque<Reply> replies;  // guarded by mutex
    bool is_over = false;       // guarded by mutex: nobody sends replies any more

    void take(const Incoming& message) {
        if (telemetry && telemetry->take(message)) return;
        const auto name = parse_device_topic(message.topic, options.channel);
        const bool is_ours = name && (name->kind == TopicKind::record ||
                                      (name->kind == TopicKind::registration && options.registrar != nullptr));
        if (message.retained || message.qos == 0 || !is_ours) {
            ++counters.dropped;
            return;
        }
        if (name->kind == TopicKind::registration) return take_registration(std::string(name->device), message.payload);
        const std::string device(name->device);
        ++counters.records;
        const auto topic = device_topic(options.channel, device, TopicKind::reply);
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
            [self = shared_from_this(), topic, record = std::move(*record)](const Result<RecordOutcome>& outcome) {
                self->answer(topic, record, outcome);
                --self->in_flight;
                self->wake();
            });
    }

    void take_registration(const std::string& device, ByteView request) {
        ++counters.registrations;
        const auto topic = device_topic(options.channel, device, TopicKind::reply);
        const auto id = crypto::sha256(request).hex();
        const auto taken = options.registrar->take(device, request, system_ms());
        log(fmt::format(
            "event=registration device={} {}", log_value(device),
            taken ? fmt::format("outcome={}", *taken == Registrar::Outcome::pending ? "pending" : "known")
                  : fmt::format("code={} what={}", taken.error().code.name(), log_value(taken.error().message))));
        if (!taken) return reply(topic, reply_text(id, taken.error()));
        const bool is_pending = *taken == Registrar::Outcome::pending;
        Response response;
        response.status = is_pending ? 202 : 200;
        response.content_type = "application/json";
        response.body = chaincode::json_text(json::object{{"state", is_pending ? "PENDING" : "REGISTERED"}});
        reply(topic, reply_text(id, response));
    }

    void answer(const std::string& topic, const Signed& record, const Result<RecordOutcome>& outcome) {
        if (!outcome) return refuse(topic, record.content_id, outcome.error());
        json::object body{{"content_id", outcome->content_id},
                          {"duplicate", outcome->duplicate},
                          {"transaction", transaction_json(outcome->transaction)}};
        const auto response = transaction_response(outcome->transaction, std::move(body), kRequest);
        const bool is_committed = response.status == 200;
        ++(is_committed ? counters.committed : counters.refused);
        if (is_committed && telemetry && record.traffic) telemetry->count_record(record.device, *record.traffic);
        reply(topic, reply_text(record.content_id, response));
    }

    void refuse(const std::string& topic, const std::string& content_id, const Error& error) {
        ++counters.refused;
        reply(topic, reply_text(content_id, error));
    }

    void reply(std::string topic, std::string text, int qos = 1) {
        const std::lock_guard lock(mutex);
        if (!is_over) replies.push_back({std::move(topic), std::move(text), qos});
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
            (void)connection->publish(each.topic, as_bytes(each.text), each.qos);
        }
    }

    void run() {
        name_thread("mqtt");
        auto deadline = std::chrono::steady_clock::time_point::max();
        while (true) {
            if (stopping && deadline == std::chrono::steady_clock::time_point::max())
                deadline = std::chrono::steady_clock::now() + kLastAnswers;
            if (stopping && (in_flight == 0 || std::chrono::steady_clock::now() > deadline)) break;
            connection->run(kTurn, [this] { return !stopping && in_flight < options.max_in_flight; });
            if (telemetry) telemetry->look();
            send_replies();
        }
        send_replies();
        connection->run(std::chrono::milliseconds(0), [] { return false; });
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
    impl->log = limited(std::move(log));
    auto* const self = impl.get();
    const auto& in = impl->options;
    const auto topic = device_topic(in.channel, "+", TopicKind::record);
    std::vector<std::string> topics{in.share.empty() ? topic : fmt::format("$share/{}/{}", in.share, topic)};
    if (in.registrar != nullptr) topics.push_back(device_topic(in.channel, "+", TopicKind::registration));
    if (in.telemetry != nullptr) {
        const auto with_qos = [self](int qos) {
            return [self, qos](std::string to, std::string text) { self->reply(std::move(to), std::move(text), qos); };
        };
        impl->telemetry = std::make_unique<TelemetryBridge>(in, impl->caller.organization, impl->counters, impl->log,
                                                            with_qos(1), with_qos(0));
        std::ranges::move(TelemetryBridge::topics(in), std::back_inserter(topics));
    }
    // A session that is kept would hold what other members of a group are to have.
    ConnectionOptions connection{in.broker,    in.authorities,    in.certificate,   in.key,
                                 in.client_id, std::move(topics), in.share.empty(), kMostPacketBytes};
    impl->connection = TRY(Connection::create(
        std::move(connection), [self](const Incoming& message) { self->take(message); },
        [self](bool connected, const std::string& what) {
            if (connected && self->telemetry && !self->connection->is_resumed()) (void)self->telemetry->session_ended();
            self->counters.connected = connected;
            self->log(fmt::format("event={} broker={}:{} what={}", connected ? "mqtt_connected" : "mqtt_lost",
                                  log_value(self->options.broker.host), self->options.broker.port, log_value(what)));
        },
        [self] { return self->telemetry ? self->telemetry->settle() : Status(); }));
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
