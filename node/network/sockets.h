#pragma once
// The ZeroMQ sockets of the network between nodes: their options, and who connects to a listening one. Internal to
// network.h.

#include <functional>
#include <string>
#include <zmq.hpp>

#include "node/addresses/host_port.h"
#include "node/network/frame.h"
#include "node/network/transport_key.h"

namespace tally::node {

inline constexpr int kSilenceMs = 4000;  // then a connection is given up, and a socket that takes nothing

// `at` has an IP address; bind takes kEveryAddress too. zmq::error_t when it cannot be.
void bind(zmq::socket_t& socket, const HostPort& at);
void dial(zmq::socket_t& socket, const HostPort& at);
void set_common(zmq::socket_t& socket, std::size_t max_message);
void set_server(zmq::socket_t& socket, const TransportKey& own);
void set_client(zmq::socket_t& socket, const TransportKey& own, const std::string& server);
// ZeroMQ sends the frame's own bytes and lets go of them when it has.
[[nodiscard]] zmq::message_t borrow(const FramePtr& frame);

// Answers one question of the ZAP handler `zap` (ZeroMQ RFC 27): may the holder of this public key (Z85) connect? True
// when it may; its messages carry the key as their User-Id.
bool answer_zap(zmq::socket_t& zap, const std::function<bool(std::string_view key)>& knows);

// Dials the socket that is bound to `listening` with a key that is no peer's. A ZAP domain without a working handler
// lets strangers in (libzmq 4.3), so a node tries this first: internal when the stranger was let in, or had no answer.
[[nodiscard]] Status knock_as_stranger(zmq::context_t& context, const HostPort& listening,
                                       const std::string& server_key);

// Counts the connections of a listening socket, which must outlive it. ZeroMQ accepts every connection, and learns only
// after the handshake who it is; so while too many are open this accepts no more.
// Threads: the socket's.
class Doors {
  public:
    // Before the socket is bound.
    void watch(zmq::context_t& context, zmq::socket_t& socket);
    void close();
    // Reads what has happened. Closes for newcomers at `most` connections, and opens again at half of them.
    void count(std::size_t most);
    [[nodiscard]] int descriptor() const { return events_.get(zmq::sockopt::fd); }

  private:
    void close_for_newcomers(bool close);

    zmq::socket_t* watched_ = nullptr;
    zmq::socket_t events_;
    int listener_ = -1;  // the descriptor of the socket, which ZeroMQ owns
    std::size_t open_ = 0;
    bool closed_ = false;
};

}  // namespace tally::node
