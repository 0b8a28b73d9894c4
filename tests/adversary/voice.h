#pragma once
// What speaks in the place of one node of the channel, with that node's transport key and nothing else of it.
//
// Threads: one uses it; `on_frame` is called on the network's thread and must not block.

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "node/network/network.h"

namespace tally::node {

// Whose place is taken: the node's name, where it listens, the file of its transport key.
struct Stolen {
    std::string node;
    std::string listen;
    std::string key_file;
};

class Voice {
  public:
    using OnFrame = std::function<void(Voice& voice, const std::string& from, const Frame& frame)>;

    [[nodiscard]] static Result<std::unique_ptr<Voice>> start(const Stolen& stolen, std::string channel,
                                                              std::vector<NetworkPeer> nodes,
                                                              std::function<Standing()> standing, OnFrame on_frame);
    ~Voice() { network_->stop(); }
    Voice(const Voice&) = delete;
    Voice& operator=(const Voice&) = delete;

    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] const std::string& channel() const { return channel_; }
    [[nodiscard]] const std::vector<NetworkPeer>& nodes() const { return nodes_; }

    void say(const std::string& node, FrameKind kind, ByteView body, std::uint64_t correlation);
    void say_to_all(FrameKind kind, ByteView body);  // each time with a correlation of its own
    void say_bytes(const std::string& node, FramePtr frame) { network_->send(node, std::move(frame)); }

    // Frames that the others' connections took, beside hellos; and frames of this kind that came from them.
    [[nodiscard]] std::uint64_t sent() const;
    [[nodiscard]] std::uint64_t height() const;  // the highest that one of them says
    [[nodiscard]] std::uint64_t heard(FrameKind kind) const { return heard_[static_cast<std::size_t>(kind)]; }

  private:
    Voice(std::string name, std::string channel, std::vector<NetworkPeer> nodes, OnFrame on_frame);

    const std::string name_;
    const std::string channel_;
    const std::vector<NetworkPeer> nodes_;
    const OnFrame on_frame_;
    std::uint64_t correlation_ = 0;
    std::array<std::atomic<std::uint64_t>, kLastFrameKind + 1> heard_{};
    std::unique_ptr<Network> network_;
};

}  // namespace tally::node
