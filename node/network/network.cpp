#include "node/network/network.h"

#include <poll.h>
#include <spdlog/spdlog.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <deque>
#include <future>
#include <map>
#include <mutex>
#include <thread>
#include <zmq.hpp>

#include "crypto/thread_name.h"
#include "gateway/http/log_value.h"
#include "node/network/descriptors.h"
#include "node/network/resolver.h"
#include "node/network/sockets.h"
#include "node/threads/stopwatch.h"
#include "storage/model/archive.h"

namespace tally::node {
namespace {

constexpr int kQueuedFrames = 64;  // in ZeroMQ, to a peer; the rest waits in our own queue
constexpr std::size_t kReadAtOnce = 256;
constexpr auto kZapAddress = "inproc://zeromq.zap.01";
constexpr std::chrono::milliseconds kStale{3000};  // a queued frame of this age is dropped: its receiver catches up
constexpr std::chrono::milliseconds kHello{1000};
constexpr std::chrono::milliseconds kNews{200};  // a height that has changed is said so soon
using Clock = std::chrono::steady_clock;

pollfd sign_of(int descriptor) { return {descriptor, POLLIN, 0}; }

}  // namespace

struct Network::Impl {
    struct Waiting {
        Clock::time_point since;
        FramePtr frame;
    };
    struct Peer {
        NetworkPeer entry;
        std::atomic<std::uint64_t> sent_bytes{0}, sent_messages{0}, received_bytes{0}, received_messages{0}, dropped{0},
            malformed{0}, refused{0};
        std::atomic<std::int64_t> heard_ms{-1};
        std::atomic<std::int64_t> ignored_until_ms{0};
        // Guarded by the mutex, under which any thread may send.
        std::mutex mutex;
        zmq::socket_t socket;
        Clock::time_point took;     // a frame; or was made
        std::deque<Waiting> queue;  // for a socket that takes nothing now
        std::size_t queued_bytes = 0;
        std::optional<Standing> standing;
        // The thread's.
        Clock::time_point next_hello;
        std::uint64_t told = 0;  // the height in the last hello
    };

    NetworkOptions options;
    HostPort listening;
    Receive receive;
    std::vector<std::shared_ptr<Peer>> peers;  // the thread's
    mutable std::mutex peers_mutex;
    std::vector<NetworkPeer> wanted;                     // guarded by peers_mutex
    std::map<std::string, std::shared_ptr<Peer>> by_id;  // guarded by peers_mutex
    std::atomic<bool> changed{false};
    std::atomic<std::uint64_t> strangers{0};
    std::atomic<bool> stopping{false};
    Clock::time_point look_again;
    int wake = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    std::atomic<bool> woken{false};  // and has not looked since
    Resolver resolver;
    zmq::context_t context{1};
    zmq::socket_t zap;
    zmq::socket_t inbound;
    Doors doors;  // of `inbound`
    std::thread thread;

    ~Impl() { ::close(wake); }

    void signal() {
        if (woken.exchange(true)) return;
        const std::uint64_t one = 1;
        (void)!::write(wake, &one, sizeof one);
    }

    // On the thread that owns the sockets. The ZAP handler stands before any socket that could be dialled.
    void open() {
        zap = zmq::socket_t(context, zmq::socket_type::rep);
        zap.bind(kZapAddress);
        inbound = zmq::socket_t(context, zmq::socket_type::pull);
        set_common(inbound, options.max_message_bytes);
        set_server(inbound, options.key);
        doors.watch(context, inbound);
        bind(inbound, listening);
        follow_peers();
    }

    static void close(Peer& peer) {
        const std::lock_guard lock(peer.mutex);
        peer.socket.close();
    }

    // ZeroMQ does not reconnect after an authentication failure, and peers refuse a node that their configuration does
    // not name yet. So a socket that takes no frame for long is made anew; soon, where the host's name is not known
    // yet. Under the peer's mutex.
    void connect(Peer& peer) {
        peer.took = Clock::now();
        peer.socket = zmq::socket_t(context, zmq::socket_type::push);
        set_common(peer.socket, options.max_message_bytes);
        peer.socket.set(zmq::sockopt::sndhwm, kQueuedFrames);
        peer.socket.set(zmq::sockopt::immediate, 1);
        set_client(peer.socket, options.key, peer.entry.public_key);
        const auto entry = HostPort::parse(peer.entry.address);
        if (const auto address = entry ? resolver.find(*entry) : std::nullopt)
            dial(peer.socket, *address);
        else
            peer.took -= std::chrono::milliseconds(kSilenceMs) - kNews;
    }

    // Without descriptors for a new socket the old one stays, and it is tried again as late.
    void connect_again(Peer& peer) {
        try {
            connect(peer);
        } catch (const zmq::error_t& error) {
            spdlog::error("event=no_socket node={} what={}", peer.entry.id, gateway::log_value(error.what()));
        }
    }

    void follow_peers() {
        changed = false;
        std::vector<NetworkPeer> now;
        {
            const std::lock_guard lock(peers_mutex);
            now = wanted;
        }
        std::erase_if(peers, [&](const auto& peer) {
            const bool gone = std::find(now.begin(), now.end(), peer->entry) == now.end();
            if (gone) close(*peer);
            return gone;
        });
        for (auto& entry : now) {
            if (find([&](const Peer& peer) { return peer.entry == entry; })) continue;
            auto peer = std::make_shared<Peer>();
            peer->entry = std::move(entry);
            try {
                const std::lock_guard lock(peer->mutex);
                connect(*peer);
            } catch (const zmq::error_t& error) {
                spdlog::error("event=bad_address node={} address={} what={}", peer->entry.id, peer->entry.address,
                              gateway::log_value(error.what()));
                close(*peer);
                continue;
            }
            peers.push_back(std::move(peer));
        }
        const std::lock_guard lock(peers_mutex);
        by_id.clear();
        for (const auto& peer : peers) by_id.emplace(peer->entry.id, peer);
    }

    template <class Wanted>
    [[nodiscard]] std::shared_ptr<Peer> find(Wanted is_wanted) const {
        const auto found = std::find_if(peers.begin(), peers.end(), [&](const auto& peer) { return is_wanted(*peer); });
        return found == peers.end() ? nullptr : *found;
    }

    [[nodiscard]] std::shared_ptr<Peer> named(const std::string& id) const {
        const std::lock_guard lock(peers_mutex);
        const auto found = by_id.find(id);
        return found == by_id.end() ? nullptr : found->second;
    }

    // ZeroMQ's own poll asks every socket twice each time, and each answer is a system call or two. A socket's
    // descriptor is readable when something may have happened to it, and once more only when something else has after
    // it was asked; so it is asked until there is nothing.
    void run() {
        std::vector<pollfd> signs;
        bool may_have_more = true;
        while (!stopping) {
            signs = {sign_of(wake), sign_of(zap.get(zmq::sockopt::fd)), sign_of(inbound.get(zmq::sockopt::fd)),
                     sign_of(doors.descriptor())};
            for (auto& peer : peers) {
                const std::lock_guard lock(peer->mutex);
                if (!peer->queue.empty()) signs.push_back(sign_of(peer->socket.get(zmq::sockopt::fd)));
            }
            const auto own = signs.size();
            resolver.add_signs(signs);
            (void)::poll(signs.data(), signs.size(), may_have_more ? 0 : static_cast<int>(kNews.count()));
            resolver.look(std::span(signs).subspan(own));
            const auto is_set = [&](std::size_t i) { return signs[i].revents != 0; };
            if (is_set(0)) {
                std::uint64_t count = 0;
                (void)!::read(wake, &count, sizeof count);
            }
            woken = false;
            if (changed) follow_peers();
            if (is_set(1)) {
                while ((zap.get(zmq::sockopt::events) & ZMQ_POLLIN) != 0) admit();
            }
            doors.count(inbound_connections(peers.size()));
            say_hello();
            for (auto& peer : peers) flush(*peer);
            if (may_have_more || is_set(2)) may_have_more = take();
        }
        for (auto& peer : peers) close(*peer);
        doors.close();
        inbound.close();
        zap.close();
    }

    // At intervals, so that nobody hears nothing; sooner when there is news, or a peer that could not be told.
    void say_hello() {
        const auto now = Clock::now();
        if (now < look_again) return;
        look_again = now + kNews;
        const auto standing = options.standing ? options.standing() : Standing();
        FramePtr hello;
        for (auto& peer : peers) {
            const std::lock_guard lock(peer->mutex);
            if (now - peer->took > std::chrono::milliseconds(kSilenceMs)) connect_again(*peer);
            if (now < peer->next_hello && peer->told == standing.height) continue;
            if (!hello) hello = make_frame(FrameKind::hello, 0, "", storage::encode(standing));
            if (!peer->queue.empty() || !send(*peer, hello)) continue;
            peer->next_hello = now + kHello;
            peer->told = standing.height;
        }
    }

    // Whether the socket took the frame. Under the peer's mutex.
    static bool send(Peer& peer, const FramePtr& frame) {
        if (!peer.socket || !peer.socket.send(borrow(frame), zmq::send_flags::dontwait)) return false;
        peer.took = Clock::now();
        return true;
    }

    static bool send_and_count(Peer& peer, const FramePtr& frame) {
        if (!send(peer, frame)) return false;
        peer.sent_bytes += frame->size();
        ++peer.sent_messages;
        return true;
    }

    static void flush(Peer& peer) {
        const std::lock_guard lock(peer.mutex);
        if (peer.queue.empty()) return;
        (void)peer.socket.get(zmq::sockopt::events);  // ZeroMQ looks at what has happened; a send may put that off
        while (!peer.queue.empty() && send_and_count(peer, peer.queue.front().frame)) {
            peer.queued_bytes -= peer.queue.front().frame->size();
            peer.queue.pop_front();
        }
    }

    // Whether there may be more.
    bool take() {
        for (std::size_t i = 0; i < kReadAtOnce; ++i) {
            zmq::message_t message;
            if (!inbound.recv(message, zmq::recv_flags::dontwait)) return false;
            const bool more = message.more();
            // Who was admitted with this key may have been removed since.
            const std::string_view key = message.gets("User-Id");
            const auto found = find([&](const Peer& each) { return each.entry.public_key == key; });
            if (!found) continue;
            auto& peer = *found;
            peer.received_bytes += message.size();
            ++peer.received_messages;
            if (steady_ms() < peer.ignored_until_ms) continue;
            peer.heard_ms = steady_ms();
            const auto frame = read_frame({static_cast<const std::uint8_t*>(message.data()), message.size()});
            if (more)
                blame(peer, {Code::malformed, "a message of several frames"});
            else if (!frame)
                blame(peer, frame.error());
            else if (frame->kind == FrameKind::hello)
                take_hello(peer, frame->body);
            else
                receive(peer.entry.id, *frame);
        }
        return true;
    }

    void take_hello(Peer& peer, ByteView body) const {
        const auto standing = storage::decode<Standing>(body, "a hello");
        if (!standing) return blame(peer, standing.error());
        if (standing->knows.size() > Standing::kMaxKnows)
            return blame(peer, {Code::too_large, "a hello that names too many versions"});
        const std::lock_guard lock(peer.mutex);
        peer.standing = *standing;
    }

    void blame(Peer& peer, const Error& error) const {
        ++peer.malformed;
        peer.ignored_until_ms = steady_ms() + options.malformed_pause_ms;
        spdlog::warn("event=malformed_frame peer={} ignored_ms={} what={}", peer.entry.id, options.malformed_pause_ms,
                     gateway::log_value(error.message));
    }

    void admit() {
        const bool known = answer_zap(zap, [this](std::string_view key) {
            return find([&](const Peer& peer) { return peer.entry.public_key == key; }) != nullptr;
        });
        if (!known) ++strangers;
    }
};

Network::Network(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Network::~Network() { stop(); }

Result<std::unique_ptr<Network>> Network::start(NetworkOptions options, Receive receive) {
    auto impl = std::make_unique<Impl>();
    impl->options = std::move(options);
    impl->listening = TRY(HostPort::parse(impl->options.listen)).listening();
    impl->receive = std::move(receive);
    impl->wanted = std::move(impl->options.peers);
    std::promise<Status> opened;
    auto result = opened.get_future();
    impl->thread = std::thread([raw = impl.get(), &opened] {
        name_thread("network");
        try {
            raw->open();
        } catch (const zmq::error_t& error) {
            opened.set_value(fail(Code::unavailable, "the node network at {}: {}", raw->options.listen, error.what()));
            return;
        }
        opened.set_value({});
        raw->run();
    });
    auto status = result.get();
    std::unique_ptr<Network> network(new Network(std::move(impl)));
    if (status) {
        auto& own = *network->impl_;
        status = knock_as_stranger(own.context, own.listening, own.options.key.public_key);
        if (status) --own.strangers;  // it was that one
    }
    if (!status) return std::unexpected(status.error());
    return network;
}

void Network::send(const std::string& id, FramePtr frame) {
    const auto peer = impl_->named(id);
    if (!peer) return;
    {
        const std::lock_guard lock(peer->mutex);
        if (peer->queue.empty() && Impl::send_and_count(*peer, frame)) return;
        const auto now = Clock::now();
        peer->queued_bytes += frame->size();
        peer->queue.push_back({now, std::move(frame)});
        while (peer->queue.size() > 1 &&
               (peer->queued_bytes > impl_->options.queue_bytes || now - peer->queue.front().since > kStale)) {
            peer->queued_bytes -= peer->queue.front().frame->size();
            peer->queue.pop_front();
            ++peer->dropped;
        }
    }
    impl_->signal();
}

void Network::set_peers(std::vector<NetworkPeer> peers) {
    {
        const std::lock_guard lock(impl_->peers_mutex);
        impl_->wanted = std::move(peers);
    }
    impl_->changed = true;
    impl_->signal();
}

void Network::stop() {
    if (!impl_->thread.joinable()) return;
    impl_->stopping = true;
    impl_->signal();
    impl_->thread.join();
    impl_->context.shutdown();
}

std::vector<PeerTraffic> Network::traffic() const {
    std::vector<PeerTraffic> all;
    const std::lock_guard lock(impl_->peers_mutex);
    for (const auto& [id, peer] : impl_->by_id) {
        const auto heard = peer->heard_ms.load();
        const std::lock_guard saying(peer->mutex);
        all.push_back({peer->entry.id, peer->sent_bytes, peer->sent_messages, peer->received_bytes,
                       peer->received_messages, peer->dropped, peer->malformed, peer->refused,
                       heard < 0 ? -1 : steady_ms() - heard, peer->standing});
    }
    return all;
}

std::uint64_t Network::strangers() const { return impl_->strangers; }
void Network::blame(const std::string& id, const Error& error) {
    if (const auto peer = impl_->named(id)) impl_->blame(*peer, error);
}
void Network::refused(const std::string& id) {
    if (const auto peer = impl_->named(id)) ++peer->refused;
}

}  // namespace tally::node
