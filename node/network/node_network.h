#pragma once
// Messages between a channel's nodes: consensus messages among orderers, notices, and questions that wait for an
// answer. Built on Network; peers are named by their id in the channel's configuration, which is the caller's to read
// (ordering/channel_nodes.h).
//
// Threads: any. Handlers run on the network's thread: they neither block nor decode more than a notice; an answer may
// be given from any thread.

#include <atomic>
#include <functional>
#include <future>
#include <map>
#include <mutex>

#include "node/network/left_out.h"
#include "node/network/network.h"
#include "node/network/orderer_network.h"

namespace tally::node {

// The body of FrameKind::submit. The answer is the block's number, or 0 when it was only accepted.
struct SubmitQuestion {
    bool until_ordered = false;
    bool configuration = false;  // one transaction: a configuration update
    std::vector<Bytes> transactions;

    template <class A>
    void serialize(A& a) {
        a(until_ordered, configuration, transactions);
    }
};

// The body of FrameKind::endorse and FrameKind::attest. The endorser simulates on a state at least as new as the
// asker's, so that a caller who has seen a transaction's outcome can build on it. It answers a query at exactly this
// height. A caller that simulates the proposal too asks in brief: the answer to `endorse` then has the simulation's
// digest in its place.
struct EndorseQuestion {
    storage::BlockNumber height = 0;
    Bytes proposal;
    bool brief = false;

    template <class A>
    void serialize(A& a) {
        a(height, proposal, brief);
    }
    // The proposal in an encoded question.
    [[nodiscard]] static ByteView proposal_in(ByteView question);
};

// A node of a channel. Consensus messages name it by its number.
struct ChannelPeer {
    NetworkPeer peer;
    consensus::Member member = 0;
};

class NodeNetwork : public OrdererNetwork {
  public:
    using OnConsensus = std::function<void(consensus::Member from, FrameBody message)>;  // encoded
    using Answer = std::function<void(const Result<Bytes>& body)>;
    using OnQuestion = std::function<void(const std::string& peer, FrameBody body, Answer answer)>;
    using OnNotice = std::function<void(const std::string& node, ByteView body)>;

    struct Options {
        std::string self;    // this node's id
        std::string listen;  // host:port; empty: as the configuration says
        TransportKey key;
        std::size_t max_message_bytes = NetworkOptions{}.max_message_bytes;
        std::function<Standing()> standing = nullptr;                                      // none: it has no ledger
        std::function<void(const consensus::Message&, std::size_t times)> sent = nullptr;  // called for each
    };
    // `nodes`: all of the channel, this one included.
    NodeNetwork(std::string channel, const std::vector<ChannelPeer>& nodes, Options options);
    // Listens and dials, unless this node is the only one: then `follow` does, as soon as there is another.
    [[nodiscard]] Status start();
    void stop();
    // Ends all waiting for answers, and asks nothing more: a thread that waits for a silent node goes on at once. All
    // else works until `stop`.
    void stop_asking();

    // The channel has these nodes now.
    void follow(const std::vector<ChannelPeer>& nodes);

    // Before start.
    void on_consensus(OnConsensus handler) { on_consensus_ = std::move(handler); }
    void on_question(FrameKind kind, OnQuestion handler) { on_question_[kind] = std::move(handler); }
    void on_notice(FrameKind kind, OnNotice handler) { on_notice_[kind] = std::move(handler); }

    void send(std::span<const consensus::Member> to, const consensus::Message& message) override;
    // The node is ignored for a while, like one whose frames cannot be read.
    void blame(consensus::Member orderer, const std::string& why) override;
    void blame(const std::string& node, const Error& error);
    void refused(consensus::Member node) override;
    // Without an answer.
    void tell(const std::string& node, FrameKind kind, ByteView body);
    // unavailable when no answer comes in time. Only the node that was asked answers.
    class Questions;
    class Question {
      public:
        Question() = default;
        ~Question() { forget(); }
        Question(Question&& other) noexcept { *this = std::move(other); }
        Question& operator=(Question&& other) noexcept;
        // malformed when the answer cannot be read; its sender is blamed then.
        [[nodiscard]] Result<Bytes> wait();
        // The caller cannot read what was in the answer: its sender is blamed.
        void blame(const Error& error) const;

      private:
        friend class NodeNetwork;
        void forget();
        std::shared_ptr<Questions> open_;  // none: the question was not asked
        std::uint64_t correlation_ = 0;
        std::string node_;
        std::chrono::steady_clock::time_point deadline_;
        std::future<Result<FrameBody>> answer_;
    };
    [[nodiscard]] Question ask(const std::string& node, FrameKind kind, ByteView body,
                               std::chrono::milliseconds patience);

    [[nodiscard]] std::vector<PeerTraffic> traffic() const;
    // Something came from this node within the last seconds.
    [[nodiscard]] bool is_there(const std::string& node) const;
    [[nodiscard]] std::uint64_t strangers() const;

  private:
    // Orderers by their place in the configuration, then the nodes that follow them.
    struct Members {
        std::map<consensus::Member, std::string> nodes;
        std::map<std::string, consensus::Member> of_node;
    };
    [[nodiscard]] std::shared_ptr<const Members> members() const;
    void receive(const std::string& peer, const Frame& frame);

    std::string channel_;
    Options options_;
    NetworkOptions network_options_;
    OnConsensus on_consensus_;
    std::map<FrameKind, OnQuestion> on_question_;
    std::map<FrameKind, OnNotice> on_notice_;
    std::mutex start_mutex_;
    mutable std::mutex mutex_;
    std::shared_ptr<const Members> members_;
    std::shared_ptr<Questions> questions_;
    AskedParts asked_;
    HeardQuestions heard_;  // the network's thread's
    std::atomic<std::uint64_t> next_;
    std::unique_ptr<Network> network_;        // made once
    std::atomic<Network*> running_{nullptr};  // it, for every thread
    std::atomic<bool> wanted_{false};         // between start and stop
};

}  // namespace tally::node
