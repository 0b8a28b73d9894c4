#include "bench/cluster/bench_mqtt.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "chaincode/json/strict_json.h"
#include "chaincode/records/device_record.h"
#include "gateway/mqtt/connection.h"
#include "gateway/mqtt/topics.h"
#include "node/threads/stopwatch.h"
#include "storage/files.h"

namespace tally::node::cli {

namespace json = boost::json;
namespace mqtt = gateway::mqtt;

namespace {

constexpr const char* kMosquitto = "/usr/sbin/mosquitto";
constexpr auto kMqttPatience = std::chrono::seconds(30);
constexpr auto kMqttTurn = std::chrono::milliseconds(100);

// One connection and its thread; any thread may send.
class SharedClient {
  public:
    static Result<std::shared_ptr<SharedClient>> open(const BenchBroker& broker, std::string channel) {
        auto out = std::shared_ptr<SharedClient>(new SharedClient(std::move(channel)));
        mqtt::ConnectionOptions options{{"127.0.0.1", broker.port(), true}, broker.authorities(), {}, {}, "bench", {}};
        options.topics = {mqtt::device_topic(out->channel_, "+", mqtt::TopicKind::reply)};
        auto* const self = out.get();
        out->connection_ = TRY(mqtt::Connection::create(
            std::move(options), [self](const mqtt::Incoming& message) { self->take(message); },
            [](bool, const std::string&) {}));
        const Stopwatch watch;
        while (!out->connection_->is_connected()) {
            if (watch.seconds() > 20) return fail(Code::unavailable, "the broker does not answer");
            out->connection_->run(kMqttTurn, [] { return true; });
        }
        out->thread_ = std::jthread([self](const std::stop_token& stop) {
            while (!stop.stop_requested()) {
                self->connection_->run(kMqttTurn, [] { return true; });
                self->send_waiting();
            }
        });
        return out;
    }

    // The reply's transaction.
    Result<std::string> send(const std::string& device, const std::string& content_id, ByteView message) {
        Waiting waiting;
        {
            const std::lock_guard lock(mutex_);
            waiting_[{device, content_id}] = &waiting;
            outgoing_.push_back({device, to_bytes(message)});
        }
        connection_->wake();
        std::unique_lock lock(mutex_);
        if (!waiting.came.wait_for(lock, kMqttPatience, [&] { return waiting.answer.has_value(); })) {
            waiting_.erase({device, content_id});
            return fail(Code::timeout, "no reply came within {} s", kMqttPatience.count());
        }
        return std::move(*waiting.answer);
    }

  private:
    explicit SharedClient(std::string channel) : channel_(std::move(channel)) {}

    struct Waiting {
        std::optional<Result<std::string>> answer;
        std::condition_variable came;
    };
    struct Outgoing {
        std::string device;
        Bytes message;
    };

    void send_waiting() {
        std::deque<Outgoing> ready;
        {
            const std::lock_guard lock(mutex_);
            ready.swap(outgoing_);
        }
        for (const auto& each : ready)
            (void)connection_->publish(mqtt::device_topic(channel_, each.device, mqtt::TopicKind::record),
                                       each.message);
    }

    static Result<std::string> read(const json::object& reply) {
        const auto status = reply.at("status").as_int64();
        if (status != 200)
            return fail(Code::transaction_invalid, "{}: {}", status, chaincode::json_text(reply.at("body")));
        return std::string(reply.at("body").at("transaction").at("id").as_string());
    }

    void take(const mqtt::Incoming& message) {
        const auto reply = chaincode::parse_json(as_text(message.payload), "a reply");
        const auto topic = mqtt::parse_device_topic(message.topic, channel_);
        if (!reply || !reply->is_object() || !topic) return;
        const std::lock_guard lock(mutex_);
        const auto found =
            waiting_.find({std::string(topic->device), std::string(reply->at("content_id").as_string())});
        if (found == waiting_.end()) return;
        found->second->answer = read(reply->get_object());
        found->second->came.notify_one();
        waiting_.erase(found);
    }

    const std::string channel_;
    std::unique_ptr<mqtt::Connection> connection_;
    std::mutex mutex_;
    std::map<std::pair<std::string, std::string>, Waiting*> waiting_;  // by device and content id
    std::deque<Outgoing> outgoing_;
    std::jthread thread_;  // ends first
};

class MqttRequester : public Requester {
  public:
    MqttRequester(std::shared_ptr<SharedClient> client, const std::vector<Bytes>& messages, std::size_t first)
        : client_(std::move(client)), messages_(messages), first_(first) {}

    Status prepare(std::size_t i) override {
        message_ = messages_.at(first_ + i);
        const auto record = TRY(chaincode::decode_record(message_));
        device_ = record.record.device;
        content_id_ = record.content_id.hex();
        return {};
    }
    Result<std::string> send() override { return client_->send(device_, content_id_, message_); }

  private:
    std::shared_ptr<SharedClient> client_;
    const std::vector<Bytes>& messages_;
    std::size_t first_;
    ByteView message_;
    std::string device_, content_id_;
};

class MqttWork : public BenchWork {
  public:
    MqttWork(std::shared_ptr<SharedClient> client, const std::vector<Bytes>& messages, std::size_t first)
        : client_(std::move(client)), messages_(messages), first_(first) {}

    Result<std::unique_ptr<Requester>> requester(const Ground&, std::size_t) override {
        return std::make_unique<MqttRequester>(client_, messages_, first_);
    }
    [[nodiscard]] std::size_t request_bytes() const override { return messages_.back().size(); }

  private:
    std::shared_ptr<SharedClient> client_;
    const std::vector<Bytes>& messages_;
    std::size_t first_;
};

}  // namespace

Result<std::unique_ptr<BenchBroker>> BenchBroker::start(const Consortium& consortium,
                                                        const std::filesystem::path& folder) {
    auto out = std::unique_ptr<BenchBroker>(new BenchBroker());
    out->port_ = TRY(free_ports(1));
    out->authorities_ = folder / "tls-roots.pem";
    const auto identity = consortium.nodes.front() / "identity";
    const auto configuration = folder / "mosquitto.conf";
    TRY(storage::write_file(
        configuration,
        as_bytes(fmt::format("listener {} 127.0.0.1\ncertfile {}\nkeyfile {}\nallow_anonymous true\n"
                             "user root\nset_tcp_nodelay true\nmax_inflight_messages 1000\nmax_queued_messages 0\n",
                             out->port_, (identity / "tls.pem").string(), (identity / "tls-key.pem").string()))));
    for (const auto& node : consortium.nodes) {
        auto toml = TRY(storage::read_file(node / "node.toml"));
        toml += fmt::format("\n[mqtt]\nbroker = \"mqtts://127.0.0.1:{}\"\nauthorities = \"{}\"\n{}", out->port_,
                            out->authorities_.string(), consortium.nodes.size() > 1 ? "share = \"bench\"\n" : "");
        TRY(storage::write_file(node / "node.toml", as_bytes(toml)));
    }
    posix_spawn_file_actions_t quiet;
    ::posix_spawn_file_actions_init(&quiet);
    ::posix_spawn_file_actions_addopen(&quiet, 1, "/dev/null", O_WRONLY, 0);
    ::posix_spawn_file_actions_addopen(&quiet, 2, "/dev/null", O_WRONLY, 0);
    auto program = std::string(kMosquitto), option = std::string("-c"), file = configuration.string();
    std::array<char*, 4> arguments{program.data(), option.data(), file.data(), nullptr};
    const int failed = ::posix_spawn(&out->process_, kMosquitto, &quiet, nullptr, arguments.data(), environ);
    ::posix_spawn_file_actions_destroy(&quiet);
    if (failed != 0) return fail(Code::not_found, "{} cannot be started: install mosquitto", kMosquitto);
    const Stopwatch watch;
    while (probe_listen("127.0.0.1", out->port_)) {
        if (watch.seconds() > 10 || ::waitpid(out->process_, nullptr, WNOHANG) != 0)
            return fail(Code::unavailable, "{} does not listen on port {}", kMosquitto, out->port_);
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return out;
}

BenchBroker::~BenchBroker() {
    if (process_ <= 0) return;
    ::kill(process_, SIGTERM);
    ::waitpid(process_, nullptr, 0);
}

Result<std::unique_ptr<BenchWork>> make_mqtt_work(const BenchBroker& broker, std::string channel,
                                                  const std::vector<Bytes>& messages, std::size_t first) {
    return std::make_unique<MqttWork>(TRY(SharedClient::open(broker, std::move(channel))), messages, first);
}

}  // namespace tally::node::cli
