#pragma once
// One connection to an MQTT broker (MQTT 5, libmosquitto), run by its owner's loop: it reads only when it is told to,
// so that a client which cannot take more messages leaves them to TCP and the broker.
//
// What was read is acknowledged (PUBACK) only after `before_acknowledging` has made it durable; if that fails, the
// connection is dropped and the broker sends the messages again. A broker acknowledges before it stores, so to a device
// an acknowledgement promises nothing; what counts is the reply.
//
// One thread owns it, but `wake`, which any thread may call. It reconnects after a loss, at once and then at growing
// intervals. Failures: bad_configuration (files for TLS), unavailable, too_large.

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "crypto/bytes.h"

namespace tally::gateway::mqtt {

inline constexpr std::uint16_t kPort = 1883;
inline constexpr std::uint16_t kTlsPort = 8883;
inline constexpr std::uint32_t kMostPacketBytes = (1U << 20) + (64U << 10);  // a record, its topic and a header

struct Broker {
    std::string host;
    std::uint16_t port = kTlsPort;
    bool tls = true;
};
// "mqtts://host:port" or "mqtt://host:port"; without a port 8883 or 1883. invalid_argument
[[nodiscard]] Result<Broker> parse_broker(std::string_view url);

struct ConnectionOptions {
    Broker broker;
    std::filesystem::path authorities;  // PEM; of the broker's certificate
    std::filesystem::path certificate;  // the client's own, where the broker asks for one
    std::filesystem::path key;
    std::string client_id;
    std::vector<std::string> topics;  // that are subscribed to, with QoS 1
    bool keeps_session = false;       // the broker keeps what comes while the client is away, for a day
    std::uint32_t max_packet_bytes = kMostPacketBytes;  // announced; a broker sends nothing larger
};

struct Incoming {
    std::string_view topic;
    ByteView payload;
    int qos = 0;
    bool retained = false;
    std::uint16_t packet = 0;   // its id, of QoS 1
    bool may_be_again = false;  // the first one of this id since a session was resumed
};

class Connection {
  public:
    using OnMessage = std::function<void(const Incoming&)>;
    // Is told what happened to the connection, for a log: a sentence; empty when it stands.
    using OnState = std::function<void(bool connected, const std::string& what)>;
    using Settle = std::function<Status()>;

    [[nodiscard]] static Result<std::unique_ptr<Connection>> create(
        ConnectionOptions options, OnMessage on_message, OnState on_state,
        Settle before_acknowledging = [] { return Status(); });
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    // Works for at most so long: writes, and reads while `reads()`; connects again where it must. Without reading,
    // acknowledgements are not read either.
    void run(std::chrono::milliseconds time, const std::function<bool()>& reads);
    void wake();  // ends a `run` early

    // unavailable while there is no connection; too_large: more than the broker takes.
    [[nodiscard]] Status publish(const std::string& topic, ByteView payload, int qos = 1);
    [[nodiscard]] bool is_connected() const;  // and subscribed
    [[nodiscard]] bool is_resumed() const;    // the broker had kept the session
    // Messages that were published here and wait in memory for the broker's acknowledgement.
    [[nodiscard]] std::size_t unacknowledged() const;

  private:
    struct Impl;
    explicit Connection(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace tally::gateway::mqtt
