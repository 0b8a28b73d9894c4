#include "node/network/sockets.h"

#include <linux/filter.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>

#include <array>
#include <cstring>

#include "node/network/transport_key.h"

namespace tally::node {
namespace {

constexpr int kHandshakeMs = 2000;
constexpr int kBacklog = 32;  // connections that the kernel takes before ZeroMQ does
constexpr auto kSelfTestMs = 5000;

}  // namespace

// With ZMQ_IPV6 a socket for every address takes IPv4 too, where the machine has IPv6 at all.
void bind(zmq::socket_t& socket, const HostPort& at) {
    socket.set(zmq::sockopt::ipv6, !is_ipv4(at.host));
    socket.bind("tcp://" + at.text());
}

void dial(zmq::socket_t& socket, const HostPort& at) {
    socket.set(zmq::sockopt::ipv6, is_ipv6(at.host));
    socket.connect("tcp://" + at.text());
}

void set_common(zmq::socket_t& socket, std::size_t max_message) {
    socket.set(zmq::sockopt::linger, 0);
    socket.set(zmq::sockopt::maxmsgsize, static_cast<std::int64_t>(max_message));
    socket.set(zmq::sockopt::handshake_ivl, kHandshakeMs);
}

// libzmq 4.3 aborts when it writes a heartbeat on a connection that broke while the pipe behind it was full. So what
// comes in has a pipe without a limit: the I/O thread, which decrypts, fills it more slowly than ours empties it.
void set_server(zmq::socket_t& socket, const TransportKey& own) {
    socket.set(zmq::sockopt::rcvhwm, 0);
    socket.set(zmq::sockopt::backlog, kBacklog);
    socket.set(zmq::sockopt::heartbeat_ivl, 1000);
    socket.set(zmq::sockopt::heartbeat_timeout, kSilenceMs);
    socket.set(zmq::sockopt::curve_server, 1);
    socket.set(zmq::sockopt::curve_secretkey, own.secret_key);
    socket.set(zmq::sockopt::zap_domain, "tally");
}

// What goes out has no heartbeats: nobody would empty the pipe of what a hostile server says here. A connection ends
// when TCP finds nothing acknowledged; hellos see to it that there is something.
void set_client(zmq::socket_t& socket, const TransportKey& own, const std::string& server) {
    socket.set(zmq::sockopt::tcp_maxrt, kSilenceMs);
    socket.set(zmq::sockopt::curve_serverkey, server);
    socket.set(zmq::sockopt::curve_publickey, own.public_key);
    socket.set(zmq::sockopt::curve_secretkey, own.secret_key);
    socket.set(zmq::sockopt::reconnect_ivl, 100);
    socket.set(zmq::sockopt::reconnect_ivl_max, 1000);
}

zmq::message_t borrow(const FramePtr& frame) {
    auto* const hold = new FramePtr(frame);
    return {const_cast<std::uint8_t*>(frame->data()), frame->size(),
            [](void*, void* held) { delete static_cast<FramePtr*>(held); }, hold};
}

// Version, request id, domain, address, identity, mechanism, credentials.
bool answer_zap(zmq::socket_t& zap, const std::function<bool(std::string_view key)>& knows) {
    std::vector<std::string> request;
    for (bool more = true; more;) {
        zmq::message_t part;
        if (!zap.recv(part, zmq::recv_flags::dontwait)) break;
        request.push_back(part.to_string());
        more = part.more();
    }
    std::string user;
    if (request.size() == 7 && request[0] == "1.0" && request[5] == "CURVE" && request[6].size() == 32) {
        std::array<char, kTransportKeyText + 1> key{};
        zmq_z85_encode(key.data(), reinterpret_cast<const std::uint8_t*>(request[6].data()), 32);
        if (knows(key.data())) user = key.data();
    }
    const std::string id = request.size() > 1 ? request[1] : "";
    const std::array<std::string, 6> reply{
        "1.0", id, user.empty() ? "400" : "200", user.empty() ? "not a node of this network" : "OK", user, ""};
    for (std::size_t i = 0; i < reply.size(); ++i) {
        zap.send(zmq::buffer(reply[i]), i + 1 < reply.size() ? zmq::send_flags::sndmore : zmq::send_flags::none);
    }
    return !user.empty();
}

Status knock_as_stranger(zmq::context_t& context, const HostPort& listening, const std::string& server_key) {
    zmq::socket_t stranger(context, zmq::socket_type::push);
    stranger.set(zmq::sockopt::linger, 0);
    stranger.set(zmq::sockopt::handshake_ivl, kHandshakeMs);
    set_client(stranger, generate_transport_key(), server_key);
    const auto monitor_address = fmt::format("inproc://self-test-{}", stranger.handle());
    zmq_socket_monitor(stranger.handle(), monitor_address.c_str(),
                       ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH);
    zmq::socket_t monitor(context, zmq::socket_type::pair);
    monitor.set(zmq::sockopt::linger, 0);
    monitor.set(zmq::sockopt::rcvtimeo, kSelfTestMs);
    monitor.connect(monitor_address);
    dial(stranger, listening.host == kEveryAddress ? HostPort{"127.0.0.1", listening.port} : listening);
    zmq::message_t event;
    zmq::message_t address;
    const bool heard = monitor.recv(event).has_value() && monitor.recv(address).has_value();
    std::uint16_t number = 0;
    if (heard && event.size() >= sizeof number) std::memcpy(&number, event.data(), sizeof number);
    zmq_socket_monitor(stranger.handle(), nullptr, 0);
    if (number == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH) return {};
    return fail(Code::internal, "the node network at {} {}", listening.text(),
                heard ? "let a stranger in" : "did not answer its self-test");
}

void Doors::watch(zmq::context_t& context, zmq::socket_t& socket) {
    watched_ = &socket;
    const auto address = fmt::format("inproc://doors-{}", socket.handle());
    zmq_socket_monitor(socket.handle(), address.c_str(),
                       ZMQ_EVENT_LISTENING | ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_DISCONNECTED);
    events_ = zmq::socket_t(context, zmq::socket_type::pair);
    events_.set(zmq::sockopt::linger, 0);
    events_.connect(address);
}

// Each event is two frames: u16 event and u32 value, then the endpoint.
void Doors::count(std::size_t most) {
    zmq::message_t event;
    zmq::message_t endpoint;
    while (events_.recv(event, zmq::recv_flags::dontwait) && events_.recv(endpoint, zmq::recv_flags::dontwait)) {
        std::uint16_t number = 0;
        std::uint32_t value = 0;
        if (event.size() != sizeof number + sizeof value) continue;
        std::memcpy(&number, event.data(), sizeof number);
        std::memcpy(&value, static_cast<const char*>(event.data()) + sizeof number, sizeof value);
        if (number == ZMQ_EVENT_LISTENING) listener_ = static_cast<int>(value);
        if (number == ZMQ_EVENT_ACCEPTED) ++open_;
        if (number == ZMQ_EVENT_DISCONNECTED && open_ > 0) --open_;
    }
    if (!closed_ && open_ >= most) close_for_newcomers(true);
    if (closed_ && open_ < most / 2) close_for_newcomers(false);
}

// Unbinding would end every connection that came in by it. So the socket stays, with a filter that drops what
// arrives at the listener itself. Open connections go on; new peers dial again later.
void Doors::close_for_newcomers(bool close) {
    sock_filter drop = BPF_STMT(BPF_RET | BPF_K, 0);
    const sock_fprog filter{1, &drop};
    const int none = 0;
    const int status = close ? ::setsockopt(listener_, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter)
                             : ::setsockopt(listener_, SOL_SOCKET, SO_DETACH_FILTER, &none, sizeof none);
    closed_ = close;
    if (close)
        spdlog::warn("event=too_many_connections open={} closed_for_newcomers={}", open_, status == 0);
    else
        spdlog::info("event=open_for_newcomers");
}

void Doors::close() {
    zmq_socket_monitor(watched_->handle(), nullptr, 0);
    events_.close();
}

}  // namespace tally::node
