#include "gateway/mqtt/connection.h"

#include <mosquitto.h>
#include <mqtt_protocol.h>
#include <netdb.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <bitset>
#include <cerrno>
#include <charconv>
#include <cstring>

namespace tally::gateway::mqtt {
namespace {

constexpr int kKeepAlive_s = 60;
constexpr int kQos = 1;
constexpr int kPortPatience_ms = 2000;
constexpr std::uint32_t kSessionKept_s = 86'400;
constexpr int kMostUnacknowledged = 200;  // messages that either side sends ahead
constexpr int kReadsAtOnce = 200;         // before they are acknowledged together
constexpr auto kFirstWait = std::chrono::milliseconds(200);
constexpr auto kLongestWait = std::chrono::milliseconds(30'000);

using Clock = std::chrono::steady_clock;

void initialize_library() {
    static const int once = mosquitto_lib_init();
    (void)once;
}

std::string reason_of(int code) {
    if (code == MOSQ_ERR_ERRNO) return std::strerror(errno);
    return mosquitto_strerror(code);
}

// Whether a connection to the port can be made within two seconds.
Status try_port(const Broker& broker) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    const auto port = std::to_string(broker.port);
    const int resolved = ::getaddrinfo(broker.host.c_str(), port.c_str(), &hints, &found);
    if (resolved != 0) return fail(Code::unavailable, "{}: {}", broker.host, ::gai_strerror(resolved));
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
    int reason = 0;
    for (const auto* at = found; at != nullptr; at = at->ai_next) {
        const int socket = ::socket(at->ai_family, at->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, at->ai_protocol);
        if (socket < 0) continue;
        reason = ::connect(socket, at->ai_addr, at->ai_addrlen) == 0 ? 0 : errno;
        if (reason == EINPROGRESS) {
            pollfd polled{socket, POLLOUT, 0};
            socklen_t size = sizeof reason;
            if (::poll(&polled, 1, kPortPatience_ms) <= 0 ||
                ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &reason, &size) != 0)
                reason = ETIMEDOUT;
        }
        ::close(socket);
        if (reason == 0) return {};
    }
    return fail(Code::unavailable, "{}:{}: {}", broker.host, broker.port, std::strerror(reason));
}

struct Free {
    void operator()(mosquitto* client) const { mosquitto_destroy(client); }
};

struct FreeProperties {
    void operator()(mosquitto_property* list) const { mosquitto_property_free_all(&list); }
};
using Properties = std::unique_ptr<mosquitto_property, FreeProperties>;

}  // namespace

Result<Broker> parse_broker(std::string_view url) {
    Broker out;
    std::string_view rest;
    if (url.starts_with("mqtts://")) {
        rest = url.substr(8);
    } else if (url.starts_with("mqtt://")) {
        rest = url.substr(7);
        out.tls = false;
        out.port = kPort;
    } else {
        return fail(Code::invalid_argument, "\"{}\" is no broker's address; mqtts://HOST:PORT or mqtt://HOST:PORT is",
                    url);
    }
    if (rest.ends_with('/')) rest.remove_suffix(1);
    const auto bracket = rest.rfind(']');
    const auto colon = rest.rfind(':');
    if (colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket)) {
        const auto digits = rest.substr(colon + 1);
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out.port);
        if (error != std::errc() || end != digits.data() + digits.size() || out.port == 0)
            return fail(Code::invalid_argument, "\"{}\": \"{}\" is no port", url, digits);
        rest = rest.substr(0, colon);
    }
    if (rest.starts_with('[') && rest.ends_with(']')) rest = rest.substr(1, rest.size() - 2);
    if (rest.empty() || rest.find_first_of("/@ ") != std::string_view::npos)
        return fail(Code::invalid_argument, "\"{}\" names no host", url);
    out.host = rest;
    return out;
}

struct Connection::Impl {
    ConnectionOptions options;
    OnMessage on_message;
    OnState on_state;
    Settle before_acknowledging;
    std::unique_ptr<mosquitto, Free> client;
    int wakes = -1;
    bool connected = false;
    bool subscribed = false;
    bool begun = false;
    bool resumed = false;
    std::bitset<65536> seen;  // ids of packets that came in this connection
    std::size_t unacknowledged = 0;
    Clock::time_point next_attempt{};
    std::chrono::milliseconds wait = kFirstWait;

    ~Impl() {
        client.reset();
        if (wakes >= 0) ::close(wakes);
    }

    void lost(const std::string& what) {
        if (connected || !begun) on_state(false, what);
        connected = subscribed = false;
        begun = true;
        next_attempt = Clock::now() + wait;
        wait = std::min(wait * 2, kLongestWait);
    }

    // At most one attempt; the rest of the handshake is read by `run`. libmosquitto waits for TCP as long as the system
    // does, which is minutes; so whether the port answers is tried first.
    void connect() {
        if (Clock::now() < next_attempt) return;
        next_attempt = Clock::now() + wait;
        const auto& broker = options.broker;
        if (const auto reached = try_port(broker); !reached) return lost(reached.error().message);
        const int code = mosquitto_connect_bind_v5(client.get(), broker.host.c_str(), broker.port, kKeepAlive_s,
                                                   nullptr, connect_properties().get());
        if (code != MOSQ_ERR_SUCCESS)
            lost(fmt::format("{}:{}: {}", broker.host, broker.port, reason_of(code)));
        else
            begun = true;
    }

    [[nodiscard]] Properties connect_properties() const {
        mosquitto_property* list = nullptr;
        (void)mosquitto_property_add_int32(&list, MQTT_PROP_MAXIMUM_PACKET_SIZE, options.max_packet_bytes);
        if (options.keeps_session)
            (void)mosquitto_property_add_int32(&list, MQTT_PROP_SESSION_EXPIRY_INTERVAL, kSessionKept_s);
        return Properties(list);
    }

    // Without a goodbye, and so without an acknowledgement of what was read.
    void drop(const std::string& what) {
        const int socket = mosquitto_socket(client.get());
        if (socket < 0) return;
        lost(what);
        (void)::shutdown(socket, SHUT_RDWR);
        (void)mosquitto_loop_read(client.get(), 1);
    }

    static Impl& of(void* object) { return *static_cast<Impl*>(object); }

    static void on_connect(mosquitto* client, void* object, int code, int flags, const mosquitto_property*) {
        auto& self = of(object);
        if (code != 0) return self.lost(mosquitto_reason_string(code));
        self.connected = true;
        self.resumed = (flags & 1) != 0;
        self.seen.reset();
        self.wait = kFirstWait;
        for (const auto& topic : self.options.topics) {
            if (mosquitto_subscribe_v5(client, nullptr, topic.c_str(), kQos, 0, nullptr) != MOSQ_ERR_SUCCESS)
                return self.lost("the subscription cannot be sent");
        }
        if (self.options.topics.empty()) self.ready();
    }

    void ready() {
        subscribed = true;
        on_state(true, "");
    }

    static void on_subscribe(mosquitto* client, void* object, int, int count, const int* granted,
                             const mosquitto_property*) {
        auto& self = of(object);
        for (int i = 0; i < count; ++i) {
            if (granted[i] <= 2) continue;
            self.lost(fmt::format("the broker refuses the subscription: {}", mosquitto_reason_string(granted[i])));
            (void)mosquitto_disconnect(client);  // and it is tried again
            return;
        }
        if (!self.subscribed) self.ready();
    }

    static void on_disconnect(mosquitto*, void* object, int code, const mosquitto_property*) {
        of(object).lost(code > 0 && code < 128 ? reason_of(code) : std::string(mosquitto_reason_string(code)));
    }

    static void on_publish(mosquitto*, void* object, int, int, const mosquitto_property*) {
        auto& self = of(object);
        if (self.unacknowledged > 0) --self.unacknowledged;
    }

    static void on_message_of(mosquitto*, void* object, const mosquitto_message* message, const mosquitto_property*) {
        auto& self = of(object);
        const auto packet = static_cast<std::uint16_t>(message->mid);
        const bool may_be_again = self.resumed && message->qos > 0 && !self.seen[packet];
        self.seen.set(packet);
        self.on_message(
            {message->topic,
             {static_cast<const std::uint8_t*>(message->payload), static_cast<std::size_t>(message->payloadlen)},
             message->qos,
             message->retain,
             packet,
             may_be_again});
    }

    [[nodiscard]] Status set_tls() const {
        if (!options.broker.tls) return {};
        const auto text = [](const std::filesystem::path& file) {
            return file.empty() ? std::string() : file.string();
        };
        const auto authorities = text(options.authorities), certificate = text(options.certificate),
                   key = text(options.key);
        if (authorities.empty())
            return fail(Code::bad_configuration, "a broker with TLS needs the authorities of its certificate");
        const int code = mosquitto_tls_set(client.get(), authorities.c_str(), nullptr,
                                           certificate.empty() ? nullptr : certificate.c_str(),
                                           key.empty() ? nullptr : key.c_str(), nullptr);
        if (code != MOSQ_ERR_SUCCESS)
            return fail(Code::bad_configuration, "the files for TLS ({}, {}, {}) cannot be used: {}", authorities,
                        certificate, key, reason_of(code));
        return {};
    }
};

Connection::Connection(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Connection::~Connection() {
    if (!impl_->connected) return;
    mosquitto_disconnect(impl_->client.get());
    (void)mosquitto_loop_write(impl_->client.get(), 1);
}

Result<std::unique_ptr<Connection>> Connection::create(ConnectionOptions options, OnMessage on_message,
                                                       OnState on_state, Settle before_acknowledging) {
    initialize_library();
    auto impl = std::make_unique<Impl>();
    impl->options = std::move(options);
    impl->on_message = std::move(on_message);
    impl->on_state = std::move(on_state);
    impl->before_acknowledging = std::move(before_acknowledging);
    impl->wakes = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    impl->client.reset(mosquitto_new(impl->options.client_id.c_str(), !impl->options.keeps_session, impl.get()));
    if (!impl->client || impl->wakes < 0)
        return fail(Code::bad_configuration, "\"{}\" is no client id for MQTT", impl->options.client_id);
    auto* const client = impl->client.get();
    mosquitto_int_option(client, MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V5);
    mosquitto_int_option(client, MOSQ_OPT_RECEIVE_MAXIMUM, kMostUnacknowledged);
    mosquitto_int_option(client, MOSQ_OPT_SEND_MAXIMUM, kMostUnacknowledged);
    mosquitto_int_option(client, MOSQ_OPT_TCP_NODELAY, 1);
    // It then writes nothing but in mosquitto_loop_write, so acknowledgements wait for `before_acknowledging`.
    mosquitto_threaded_set(client, true);
    mosquitto_connect_v5_callback_set(client, &Impl::on_connect);
    mosquitto_disconnect_v5_callback_set(client, &Impl::on_disconnect);
    mosquitto_subscribe_v5_callback_set(client, &Impl::on_subscribe);
    mosquitto_message_v5_callback_set(client, &Impl::on_message_of);
    mosquitto_publish_v5_callback_set(client, &Impl::on_publish);
    TRY(impl->set_tls());
    return std::unique_ptr<Connection>(new Connection(std::move(impl)));
}

void Connection::run(std::chrono::milliseconds time, const std::function<bool()>& reads) {
    auto& self = *impl_;
    auto* const client = self.client.get();
    if (mosquitto_socket(client) < 0) self.connect();
    const int socket = mosquitto_socket(client);
    const auto may_read = [&] { return !self.subscribed || reads(); };  // a handshake is read in any case
    std::array<pollfd, 2> polled{{{self.wakes, POLLIN, 0}, {socket, 0, 0}}};
    if (socket >= 0) {
        if (may_read()) polled[1].events |= POLLIN;
        if (mosquitto_want_write(client)) polled[1].events |= POLLOUT;
    }
    (void)::poll(polled.data(), socket >= 0 ? 2 : 1, static_cast<int>(time.count()));
    if ((polled[0].revents & POLLIN) != 0) {
        std::uint64_t count = 0;
        (void)!::read(self.wakes, &count, sizeof count);
    }
    if (socket < 0) return;
    const bool is_over = (polled[1].revents & (POLLHUP | POLLERR)) != 0;
    bool is_ready = (polled[1].revents & POLLIN) != 0 || is_over;
    for (int i = 0; is_ready && i < kReadsAtOnce && (i == 0 || may_read()); ++i) {
        // It ends with a call of on_disconnect when the connection is lost. What TLS has read ahead it reads too.
        (void)mosquitto_loop_read(client, 1);
        pollfd next{socket, POLLIN, 0};
        is_ready = mosquitto_socket(client) == socket && ::poll(&next, 1, 0) > 0;
    }
    if (const auto settled = self.before_acknowledging(); !settled) return self.drop(settled.error().message);
    if (mosquitto_socket(client) >= 0 && mosquitto_want_write(client)) (void)mosquitto_loop_write(client, 1);
    (void)mosquitto_loop_misc(client);
}

void Connection::wake() {
    const std::uint64_t one = 1;
    (void)!::write(impl_->wakes, &one, sizeof one);
}

Status Connection::publish(const std::string& topic, ByteView payload, int qos) {
    if (!impl_->connected) return fail(Code::unavailable, "there is no connection to the broker");
    const int code = mosquitto_publish_v5(impl_->client.get(), nullptr, topic.c_str(), static_cast<int>(payload.size()),
                                          payload.data(), qos, false, nullptr);
    if (code == MOSQ_ERR_SUCCESS) {
        ++impl_->unacknowledged;
        return {};
    }
    if (code == MOSQ_ERR_OVERSIZE_PACKET || code == MOSQ_ERR_PAYLOAD_SIZE)
        return fail(Code::too_large, "the broker takes no message of {} bytes", payload.size());
    return fail(Code::unavailable, "the message cannot be sent: {}", reason_of(code));
}

bool Connection::is_connected() const { return impl_->connected && impl_->subscribed; }
bool Connection::is_resumed() const { return impl_->resumed; }

std::size_t Connection::unacknowledged() const { return impl_->unacknowledged; }

}  // namespace tally::gateway::mqtt
