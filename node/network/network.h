#pragma once
// The network between nodes: ZeroMQ with CURVE. Each node binds one socket to receive and connects one to each peer to
// send; a peer is known by its transport key, which ZAP ties to its name; connections with other keys are refused.
//
// Threads: `send` from any, which writes to the peer's socket itself and leaves to the network's own thread only what
// the socket does not take now. That thread calls `receive`, which must not block. Delivery is best effort: what does
// not fit into a peer's bounded queue pushes out the oldest, and what has waited for three seconds is dropped. A peer
// that sends malformed frames is ignored for a while; the others are not affected.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "node/network/frame.h"
#include "node/network/transport_key.h"

namespace tally::node {

struct NetworkPeer {
    std::string id;
    std::string address;     // host:port
    std::string public_key;  // Z85

    friend bool operator==(const NetworkPeer&, const NetworkPeer&) = default;
};

// The body of FrameKind::hello: what a node says of its own ledger. It is not proved.
struct Standing {
    std::uint64_t height = 0;     // the last committed block
    std::uint64_t kept_from = 0;  // the first block that it can give to others
    std::string knows{};          // the versions that its program knows, JSON (channel/known.h)

    static constexpr std::size_t kMaxKnows = 16'384;

    template <class A>
    void serialize(A& a) {
        a(height, kept_from, knows);
    }
};

struct NetworkOptions {
    std::string listen;  // host:port
    TransportKey key;
    std::vector<NetworkPeer> peers;
    std::size_t max_message_bytes = kMaxBodyBytes;
    std::size_t queue_bytes = 32U << 20;  // to one peer
    std::int64_t malformed_pause_ms = 10'000;
    std::function<Standing()> standing;  // of this node; none: it has no ledger
};

// Counted since the start.
struct PeerTraffic {
    std::string id;
    std::uint64_t sent_bytes = 0;
    std::uint64_t sent_messages = 0;
    std::uint64_t received_bytes = 0;
    std::uint64_t received_messages = 0;
    std::uint64_t dropped = 0;         // did not fit into the queue
    std::uint64_t malformed = 0;       // frames of this peer that could not be read, or break the protocol
    std::uint64_t refused = 0;         // messages of this peer for which their handler had no room
    std::int64_t heard_ms_ago = -1;    // none: never
    std::optional<Standing> standing;  // as it last said

    // Something came from this node within the last seconds.
    [[nodiscard]] bool is_there() const { return heard_ms_ago >= 0 && heard_ms_ago < 3000; }
};

class Network {
  public:
    using Receive = std::function<void(const std::string& peer, const Frame& frame)>;

    // Binds, proves that a stranger is refused, and runs. unavailable when the address cannot be bound.
    [[nodiscard]] static Result<std::unique_ptr<Network>> start(NetworkOptions options, Receive receive);
    ~Network();
    Network(const Network&) = delete;
    Network& operator=(const Network&) = delete;

    void send(const std::string& peer, FramePtr frame);  // dropped when there is no such peer
    // Takes effect shortly. Connections to peers that stay go on; messages of peers that are not named any more are
    // dropped.
    void set_peers(std::vector<NetworkPeer> peers);
    void stop();
    [[nodiscard]] std::vector<PeerTraffic> traffic() const;
    // Connections refused because their key is not a peer's.
    [[nodiscard]] std::uint64_t strangers() const;
    // The handler could not read a frame's body, or it breaks the protocol: counts like a malformed frame.
    void blame(const std::string& peer, const Error& error);
    void refused(const std::string& peer);  // to be counted

  private:
    struct Impl;
    explicit Network(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace tally::node
