#include "node/network/node_network.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstring>

#include "crypto/code_named.h"
#include "crypto/random.h"
#include "gateway/http/log_value.h"
#include "storage/model/archive.h"
#include "storage/model/transaction.h"

namespace tally::node {
namespace {

// A kind that this program does not know is a refusal: of a newer program.
Kind kind_of(std::uint8_t number) {
    return number <= static_cast<std::uint8_t>(kLastKind) ? static_cast<Kind>(number) : Kind::refused;
}

// How an answer travels.
struct AnswerBody {
    bool ok = false;
    std::string code;
    std::uint8_t kind = 0;
    std::string message;
    Bytes body;

    template <class A>
    void serialize(A& a) {
        a(ok, code, kind, message, body);
    }
};

bool is_answer(FrameKind kind) {
    return kind == FrameKind::endorsed || kind == FrameKind::submitted || kind == FrameKind::signature ||
           kind == FrameKind::attested || kind == FrameKind::kept;
}
bool is_question(FrameKind kind) {
    return kind == FrameKind::endorse || kind == FrameKind::submit || kind == FrameKind::sign ||
           kind == FrameKind::attest || kind == FrameKind::series;
}
// The proposals of a batch, as they lie in the encoded message, which ends with its transactions.
std::vector<ByteView> proposals_in(const consensus::Message& message, ByteView encoded) {
    std::vector<ByteView> proposals;
    const auto* const batch = std::get_if<consensus::BatchMessage>(&message);
    if (batch == nullptr) return proposals;
    constexpr std::size_t kLength = 4;  // in front of each
    auto at = encoded.size();
    for (const auto& transaction : batch->batch->transactions) at -= kLength + transaction.size();
    for (const auto& transaction : batch->batch->transactions) {
        at += kLength;
        if (const auto proposal = storage::proposal_in(transaction); !proposal.empty())
            proposals.push_back(
                encoded.subspan(at + static_cast<std::size_t>(proposal.data() - transaction.data()), proposal.size()));
        at += transaction.size();
    }
    return proposals;
}
// Another node may still have questions of this one from before it was started anew, so it does not begin at 1 again.
std::uint64_t first_question() {
    std::uint64_t number = 0;
    const auto chance = crypto::random_bytes(sizeof number);
    std::memcpy(&number, chance.data(), sizeof number);
    return number >> 1;
}
FrameKind answer_to(FrameKind kind) { return static_cast<FrameKind>(static_cast<std::uint8_t>(kind) + 1); }

}  // namespace

ByteView EndorseQuestion::proposal_in(ByteView question) {
    storage::Decoder decoder(question);
    try {
        (void)decoder.read(sizeof(height));
        return decoder.read(decoder.read_size());
    } catch (const storage::ArchiveFault&) {
        return {};
    }
}

// Those that wait for an answer.
class NodeNetwork::Questions {
  public:
    using Blame = std::function<void(const std::string& node, const Error& error)>;
    explicit Questions(Blame blame) : blame_(std::move(blame)) {}

    void add(std::uint64_t correlation, const std::string& node, std::promise<Result<FrameBody>> answer) {
        const std::lock_guard lock(mutex_);
        if (stopped_) return answer.set_value(fail(Code::unavailable, "the node is stopping"));
        open_.emplace(correlation, Open{node, std::move(answer)});
    }
    void forget(std::uint64_t correlation) {
        const std::lock_guard lock(mutex_);
        open_.erase(correlation);
    }
    void answered(const std::string& by, const Frame& frame) {
        const std::lock_guard lock(mutex_);
        const auto found = open_.find(frame.correlation);
        if (found == open_.end() || found->second.node != by) return;  // too late, or this node was not asked
        found->second.answer.set_value(FrameBody(frame));
        open_.erase(found);
    }
    void stop() {
        const std::lock_guard lock(mutex_);
        stopped_ = true;
        for (auto& [correlation, open] : open_) open.answer.set_value(fail(Code::unavailable, "the node is stopping"));
        open_.clear();
    }
    void blame(const std::string& node, const Error& error) {
        const std::lock_guard lock(mutex_);
        if (!stopped_) blame_(node, error);
    }

  private:
    const Blame blame_;
    struct Open {
        std::string node;  // that was asked
        std::promise<Result<FrameBody>> answer;
    };
    std::mutex mutex_;
    std::map<std::uint64_t, Open> open_;
    bool stopped_ = false;
};

NodeNetwork::NodeNetwork(std::string channel, const std::vector<ChannelPeer>& nodes, Options options)
    : channel_(std::move(channel)),
      options_(std::move(options)),
      questions_(
          std::make_shared<Questions>([this](const std::string& node, const Error& error) { blame(node, error); })),
      next_(first_question()) {
    network_options_.key = options_.key;
    network_options_.listen = options_.listen;
    network_options_.standing = options_.standing;
    network_options_.max_message_bytes = options_.max_message_bytes;
    follow(nodes);
}

void NodeNetwork::follow(const std::vector<ChannelPeer>& nodes) {
    auto next = std::make_shared<Members>();
    std::vector<NetworkPeer> peers;
    std::string own_address;
    for (const auto& [peer, member] : nodes) {
        next->of_node.emplace(peer.id, member);
        if (peer.id == options_.self) {
            own_address = peer.address;
            continue;
        }
        next->nodes.emplace(member, peer.id);
        peers.push_back(peer);
    }
    {
        const std::lock_guard lock(mutex_);
        members_ = std::move(next);
    }
    if (auto* network = running_.load()) return network->set_peers(std::move(peers));
    {
        const std::lock_guard lock(start_mutex_);
        network_options_.peers = std::move(peers);
        if (network_options_.listen.empty()) network_options_.listen = own_address;
    }
    if (!wanted_) return;
    if (const auto status = start(); !status)
        spdlog::error("event=no_network what={}", gateway::log_value(status.error().message));
}

std::shared_ptr<const NodeNetwork::Members> NodeNetwork::members() const {
    const std::lock_guard lock(mutex_);
    return members_;
}

Status NodeNetwork::start() {
    wanted_ = true;
    const std::lock_guard lock(start_mutex_);
    if (running_ != nullptr || network_options_.peers.empty()) return {};
    if (network_options_.listen.empty()) {
        return fail(Code::bad_configuration, "the channel does not name node {} yet: say where it listens in [network]",
                    options_.self);
    }
    network_ = TRY(Network::start(network_options_,
                                  [this](const std::string& peer, const Frame& frame) { receive(peer, frame); }));
    running_ = network_.get();
    return {};
}

void NodeNetwork::stop() {
    wanted_ = false;
    if (auto* network = running_.load()) network->stop();
    questions_->stop();
}

void NodeNetwork::stop_asking() { questions_->stop(); }

std::vector<PeerTraffic> NodeNetwork::traffic() const {
    const auto* network = running_.load();
    return network == nullptr ? std::vector<PeerTraffic>{} : network->traffic();
}

std::uint64_t NodeNetwork::strangers() const {
    const auto* network = running_.load();
    return network == nullptr ? 0 : network->strangers();
}

void NodeNetwork::send(std::span<const consensus::Member> to, const consensus::Message& message) {
    auto* const network = running_.load();
    if (network == nullptr) return;
    if (options_.sent) options_.sent(message, to.size());
    const auto body = consensus::encode_message(message);
    const auto proposals = proposals_in(message, body);
    FramePtr whole;
    const auto known = members();
    for (const auto member : to) {
        const auto node = known->nodes.find(member);
        if (node == known->nodes.end()) continue;
        const auto left_out = asked_.take(node->second, body, proposals);
        if (left_out.empty() && !whole) whole = make_frame(FrameKind::consensus, 0, channel_, body);
        network->send(node->second,
                      left_out.empty() ? whole : make_frame(FrameKind::consensus, 0, channel_, body, left_out));
    }
}

void NodeNetwork::blame(consensus::Member orderer, const std::string& why) {
    auto* const network = running_.load();
    const auto known = members();
    const auto node = known->nodes.find(orderer);
    if (network != nullptr && node != known->nodes.end()) network->blame(node->second, {Code::bad_proof, why});
}

void NodeNetwork::blame(const std::string& node, const Error& error) {
    if (auto* const network = running_.load()) network->blame(node, error);
}

void NodeNetwork::refused(consensus::Member node) {
    auto* const network = running_.load();
    const auto known = members();
    const auto found = known->nodes.find(node);
    if (network != nullptr && found != known->nodes.end()) network->refused(found->second);
}

void NodeNetwork::tell(const std::string& node, FrameKind kind, ByteView body) {
    if (auto* network = running_.load()) network->send(node, make_frame(kind, 0, channel_, body));
}

bool NodeNetwork::is_there(const std::string& node) const {
    const auto all = traffic();
    const auto found = std::find_if(all.begin(), all.end(), [&](const PeerTraffic& each) { return each.id == node; });
    return found != all.end() && found->is_there();
}

NodeNetwork::Question NodeNetwork::ask(const std::string& node, FrameKind kind, ByteView body,
                                       std::chrono::milliseconds patience) {
    Question question;
    question.node_ = node;
    question.correlation_ = next_++;
    question.deadline_ = std::chrono::steady_clock::now() + patience;
    std::promise<Result<FrameBody>> promise;
    question.answer_ = promise.get_future();
    if (node == options_.self || !members()->of_node.contains(node) || running_ == nullptr) {
        promise.set_value(fail(Code::unavailable, "node {} is not within reach", node));
        return question;
    }
    if (const auto proposal = kind == FrameKind::endorse ? EndorseQuestion::proposal_in(body) : ByteView();
        !proposal.empty()) {
        asked_.asked(node, question.correlation_, static_cast<std::uint32_t>(proposal.data() - body.data()), proposal);
    }
    questions_->add(question.correlation_, node, std::move(promise));
    question.open_ = questions_;
    running_.load()->send(node, make_frame(kind, question.correlation_, channel_, body));
    return question;
}

Result<Bytes> NodeNetwork::Question::wait() {
    if (answer_.wait_until(deadline_) != std::future_status::ready) {
        forget();
        return fail(Code::unavailable, "node {} did not answer in time", node_);
    }
    auto body = TRY(answer_.get());
    const auto bytes = std::move(body).open();
    auto answer = bytes ? storage::decode<AnswerBody>(*bytes, "an answer") : std::unexpected(bytes.error());
    if (!answer) {
        blame(answer.error());
        return std::unexpected(answer.error());
    }
    if (answer->ok) return std::move(answer->body);
    return std::unexpected(Error{code_named(answer->code, kind_of(answer->kind)), std::move(answer->message)});
}

void NodeNetwork::Question::blame(const Error& error) const {
    if (open_) open_->blame(node_, error);
}

NodeNetwork::Question& NodeNetwork::Question::operator=(Question&& other) noexcept {
    if (this == &other) return *this;
    forget();
    open_ = std::exchange(other.open_, nullptr);
    correlation_ = other.correlation_;
    node_ = std::move(other.node_);
    deadline_ = other.deadline_;
    answer_ = std::move(other.answer_);
    return *this;
}

void NodeNetwork::Question::forget() {
    if (open_) open_->forget(correlation_);
}

void NodeNetwork::receive(const std::string& peer, const Frame& frame) {
    auto* const network = running_.load();
    if (network == nullptr) return;  // it is just starting; who sent this says it again
    if (frame.channel != channel_) return network->blame(peer, {Code::wrong_channel, "a frame of another channel"});
    if (frame.kind == FrameKind::consensus) {
        const auto known = members();
        const auto member = known->of_node.find(peer);
        if (!on_consensus_ || member == known->of_node.end()) return;
        // What is not complete is lost, as a frame can be: it is whole when it is sent again.
        if (auto body = heard_.complete(peer, frame)) on_consensus_(member->second, std::move(*body));
        return;
    }
    if (const auto notice = on_notice_.find(frame.kind); notice != on_notice_.end())
        return notice->second(peer, frame.body);
    if (frame.kind == FrameKind::endorsed) asked_.answered(peer, frame.correlation);
    if (is_answer(frame.kind)) return questions_->answered(peer, frame);
    if (!is_question(frame.kind)) return;  // a notice that this node does not take
    const auto handler = on_question_.find(frame.kind);
    const auto answer = [this, peer, kind = frame.kind, correlation = frame.correlation](const Result<Bytes>& body) {
        AnswerBody out{body.has_value(), "", 0, "", {}};
        if (body) {
            out.body = *body;
        } else {
            out.code = body.error().code.name();
            out.kind = static_cast<std::uint8_t>(body.error().code.kind());
            out.message = body.error().message;
        }
        running_.load()->send(peer, make_frame(answer_to(kind), correlation, channel_, storage::encode(out)));
    };
    if (handler == on_question_.end()) return answer(fail(Code::unsupported, "this node does not take that"));
    if (frame.kind == FrameKind::endorse) heard_.heard(peer, frame);
    handler->second(peer, FrameBody(frame), answer);
}

}  // namespace tally::node
