#include "tests/adversary/voice.h"

#include "storage/files.h"

namespace tally::node {

namespace {

constexpr std::size_t kQueueBytes = 512U << 20;  // several frames of the largest size wait for one node

}  // namespace

Voice::Voice(std::string name, std::string channel, std::vector<NetworkPeer> nodes, OnFrame on_frame)
    : name_(std::move(name)), channel_(std::move(channel)), nodes_(std::move(nodes)), on_frame_(std::move(on_frame)) {}

Result<std::unique_ptr<Voice>> Voice::start(const Stolen& stolen, std::string channel, std::vector<NetworkPeer> nodes,
                                            std::function<Standing()> standing, OnFrame on_frame) {
    std::unique_ptr<Voice> voice(new Voice(stolen.node, std::move(channel), std::move(nodes), std::move(on_frame)));
    NetworkOptions options;
    options.listen = stolen.listen;
    options.key = TRY(transport_key_of(TRY(storage::read_file(stolen.key_file))));
    options.peers = voice->nodes_;
    options.queue_bytes = kQueueBytes;
    options.max_message_bytes = kQueueBytes;
    options.standing = std::move(standing);
    voice->network_ =
        TRY(Network::start(std::move(options), [raw = voice.get()](const std::string& from, const Frame& frame) {
            ++raw->heard_[static_cast<std::size_t>(frame.kind)];
            if (raw->on_frame_) raw->on_frame_(*raw, from, frame);
        }));
    return voice;
}

void Voice::say(const std::string& node, FrameKind kind, ByteView body, std::uint64_t correlation) {
    network_->send(node, make_frame(kind, correlation, channel_, body));
}

void Voice::say_to_all(FrameKind kind, ByteView body) {
    for (const auto& node : nodes_) say(node.id, kind, body, ++correlation_);
}

std::uint64_t Voice::sent() const {
    std::uint64_t sent = 0;
    for (const auto& peer : network_->traffic()) sent += peer.sent_messages;
    return sent;
}

std::uint64_t Voice::height() const {
    std::uint64_t height = 0;
    for (const auto& peer : network_->traffic()) height = std::max(height, peer.standing ? peer.standing->height : 0);
    return height;
}

}  // namespace tally::node
