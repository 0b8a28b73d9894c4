#include "gateway/mqtt/device.h"

#include "chaincode/json/strict_json.h"
#include "gateway/mqtt/topics.h"

namespace tally::gateway::mqtt {
namespace {

constexpr auto kDeviceTurn = std::chrono::milliseconds(100);

// None for a reply to another record, or what is no reply at all: anybody may write to a broker.
std::optional<ClientResponse> read_reply(ByteView payload, const std::string& content_id) {
    const auto value = chaincode::parse_json(as_text(payload), "a reply");
    const auto* const reply = value ? value->if_object() : nullptr;
    if (reply == nullptr) return std::nullopt;
    const auto* const id = reply->if_contains("content_id");
    const auto* const status = reply->if_contains("status");
    const auto* const type = reply->if_contains("content_type");
    const auto* const body = reply->if_contains("body");
    if (id == nullptr || !id->is_string() || std::string_view(id->get_string()) != content_id) return std::nullopt;
    if (status == nullptr || !status->is_int64() || type == nullptr || !type->is_string() || body == nullptr)
        return std::nullopt;
    return ClientResponse{static_cast<int>(status->get_int64()),
                          {{"Content-Type", std::string(type->get_string())}},
                          chaincode::json_text(*body)};
}

}  // namespace

struct DeviceConnection::Impl {
    std::string channel;
    std::string device;
    std::chrono::milliseconds patience;
    std::unique_ptr<Connection> connection;
    std::string wanted;  // the content id of the record that was sent
    std::optional<ClientResponse> answer;
    std::string problem;
};

DeviceConnection::DeviceConnection(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
DeviceConnection::DeviceConnection(DeviceConnection&&) noexcept = default;
DeviceConnection::~DeviceConnection() = default;

Result<DeviceConnection> DeviceConnection::create(ConnectionOptions options, std::string channel, std::string device,
                                                  std::chrono::milliseconds patience) {
    auto impl = std::make_unique<Impl>();
    impl->channel = std::move(channel);
    impl->device = std::move(device);
    impl->patience = patience;
    options.topics = {device_topic(impl->channel, impl->device, TopicKind::reply)};
    auto* const self = impl.get();
    impl->connection = TRY(Connection::create(
        std::move(options),
        [self](const Incoming& message) {
            if (!self->answer) self->answer = read_reply(message.payload, self->wanted);
        },
        [self](bool connected, const std::string& what) { self->problem = connected ? "" : what; }));
    return DeviceConnection(std::move(impl));
}

Result<ClientResponse> DeviceConnection::publish(ByteView record, const crypto::Hash& content_id) {
    auto& self = *impl_;
    self.wanted = content_id.hex();
    self.answer.reset();
    const auto deadline = std::chrono::steady_clock::now() + self.patience;
    bool sent = false;
    while (!self.answer) {
        if (std::chrono::steady_clock::now() > deadline) {
            if (!sent) return fail(Code::unavailable, "the broker cannot be reached: {}", self.problem);
            return fail(Code::timeout, "no reply came within {} s{}", self.patience.count() / 1000,
                        self.problem.empty() ? "" : ": " + self.problem);
        }
        // After a loss it is sent again: the connection that took it may be gone with it.
        if (!self.connection->is_connected()) {
            sent = false;
        } else if (!sent) {
            const auto status =
                self.connection->publish(device_topic(self.channel, self.device, TopicKind::record), record);
            if (!status && status.error().code == Code::too_large) return std::unexpected(status.error());
            sent = status.has_value();
        }
        self.connection->run(kDeviceTurn, [] { return true; });
    }
    return std::move(*self.answer);
}

}  // namespace tally::gateway::mqtt
