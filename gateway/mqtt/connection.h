#pragma once
// One connection to an MQTT broker (MQTT 5, libmosquitto), run by its owner's loop: it reads only when it is told to,
// so that a client which cannot take more messages leaves them to TCP and the broker.
//
// libmosquitto acknowledges a message (PUBACK) before it is delivered here, and a broker before it stores it. So an
// acknowledgement promises nothing; what counts is the reply to a record.
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
};

struct Incoming {
    std::string_view topic;
    ByteView payload;
    int qos = 0;
    bool retained = false;
};

class Connection {
  public:
    using OnMessage = std::function<void(const Incoming&)>;
    // Is told what happened to the connection, for a log: a sentence; empty when it stands.
    using OnState = std::function<void(bool connected, const std::string& what)>;

    [[nodiscard]] static Result<std::unique_ptr<Connection>> create(ConnectionOptions options, OnMessage on_message,
                                                                    OnState on_state);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    // Works for at most so long: writes, and reads if `reads`; connects again where it must. Without reading,
    // acknowledgements are not read either.
    void run(std::chrono::milliseconds time, bool reads);
    void wake();  // ends a `run` early

    // With QoS 1. unavailable while there is no connection.
    [[nodiscard]] Status publish(const std::string& topic, ByteView payload);
    [[nodiscard]] bool is_connected() const;  // and subscribed
    // Messages that were published here and wait in memory for the broker's acknowledgement.
    [[nodiscard]] std::size_t unacknowledged() const;

  private:
    struct Impl;
    explicit Connection(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace tally::gateway::mqtt
