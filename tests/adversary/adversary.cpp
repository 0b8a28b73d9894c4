// adversary ATTACK SECONDS CHANNEL LISTEN KEY_FILE PROPOSAL_FILE NODE=HOST:PORT=KEY...
//
// In the place of a node of the channel, with its transport key: says to the others what no correct node says. It needs
// nothing else of that node, so what it does any peer can do.
//
//   unreadable    frames of the largest size full of empty elements, lists that claim more than is there, bodies that
//   are
//                 no message: one to each node, again and again
//   flood         what can be read and costs little to ask: blocks from 1 on, statuses that want an answer, proposals
//   and
//                 batches that nobody has, endorsements at heights to come, signatures of any height, false checkpoints
//   endorsements  a client's signed proposal, ordered with two million empty endorsements or thirty thousand false ones
//   escapes       texts with escape sequences and line ends wherever a node may write down what it heard
//   lies          votes and certificates that nobody signed, blocks that nobody asked for, answers that answer nothing
//
// Ends by itself after so many seconds.

#include <fmt/core.h>

#include <chrono>
#include <cstdlib>
#include <map>
#include <random>
#include <span>
#include <thread>

#include "consensus/messages.h"
#include "crypto/clocks.h"
#include "node/committing/checkpoint_exchange.h"
#include "node/network/network.h"
#include "node/network/node_network.h"
#include "storage/files.h"
#include "storage/model/archive.h"
#include "storage/model/transaction.h"

namespace tally::node {
namespace {

constexpr std::size_t kLargestBody = 33U << 20;
constexpr std::size_t kEmptyEndorsements = 2'000'000;
constexpr std::size_t kFalseEndorsements = 30'000;
const std::string kEscapes = "\x1b[2J\x1b[31m\ncritical: event=broken_invariant what=\"forged\"\r\x07";

class Adversary {
  public:
    Adversary(Network& network, std::string channel, std::vector<std::string> nodes, Bytes proposal)
        : network_(network), channel_(std::move(channel)), nodes_(std::move(nodes)), proposal_(std::move(proposal)) {}

    [[nodiscard]] bool knows(const std::string& attack) const { return attacks_.contains(attack); }
    void attack(const std::string& attack) { (this->*attacks_.at(attack))(); }

  private:
    void say(const std::string& node, FrameKind kind, ByteView body) {
        network_.send(node, make_frame(kind, ++correlation_, channel_, body));
    }
    void say_to_all(FrameKind kind, ByteView body) {
        for (const auto& node : nodes_) say(node, kind, body);
    }
    void say_to_all(const consensus::Message& message) {
        say_to_all(FrameKind::consensus, consensus::encode_message(message));
    }
    [[nodiscard]] FrameKind any_kind() { return static_cast<FrameKind>(1 + random_() % kLastFrameKind); }
    [[nodiscard]] crypto::Hash any_hash() {
        const auto number = random_();
        return crypto::sha256({reinterpret_cast<const std::uint8_t*>(&number), sizeof number});
    }

    void unreadable() {
        for (const auto& node : nodes_) {
            const auto kind = any_kind();
            Bytes body(random_() % 3 == 0 ? kLargestBody : random_() % 2000);
            switch (random_() % 3) {
                case 0: break;  // zeros: empty elements, as many as fit
                case 1: std::generate(body.begin(), body.end(), [this] { return random_() & 0xff; }); break;
                default: std::fill(body.begin(), body.begin() + std::min<std::size_t>(body.size(), 16), 0xff);
            }
            // The first byte names a consensus message; the next four claim a list as long as the body.
            if (kind == FrameKind::consensus && body.size() > 5) {
                body[0] = static_cast<std::uint8_t>(random_() % 12);
                const auto count = static_cast<std::uint32_t>(body.size());
                std::memcpy(&body[1], &count, sizeof count);
            }
            say(node, kind, body);
        }
        pause(200);
    }

    void flood() {
        consensus::StatusMessage status;
        status.nonce = ++correlation_;
        status.final_number = random_() % 1000;
        say_to_all(status);
        say_to_all(consensus::FetchBlocks{1 + random_() % 3});
        say_to_all(consensus::FetchProposal{0, any_hash()});
        say_to_all(consensus::FetchBatch{0, {static_cast<consensus::Member>(random_() % 4), {1, 1}, any_hash(), 1, 1}});
        for (const auto& node : nodes_) {
            say(node, FrameKind::endorse, storage::encode(EndorseQuestion{height_ += 1, proposal_}));
            say(node, FrameKind::endorse, storage::encode(EndorseQuestion{~0ULL, proposal_}));
        }
        say_to_all(FrameKind::sign, storage::encode(storage::BlockNumber{random_() % 100}));
        CheckpointMessage lie;
        lie.checkpoint.signatures.resize(1);
        say_to_all(FrameKind::checkpoint, storage::encode(lie));
        if (height_ > 100) height_ = 0;
        std::this_thread::sleep_for(std::chrono::microseconds(500));
    }

    void endorsements() {
        storage::Transaction transaction;
        transaction.proposal = proposal_;
        storage::Simulation simulation;
        simulation.contract = "registry";
        transaction.simulation = storage::encode(simulation);
        if (random_() % 2 == 0)
            transaction.endorsements.resize(kEmptyEndorsements);
        else
            transaction.endorsements.assign(kFalseEndorsements, {Bytes(300, 0x30), Bytes(64, 7)});
        const SubmitQuestion question{false, false, {storage::encode(transaction)}};
        say(nodes_[random_() % nodes_.size()], FrameKind::submit, storage::encode(question));
        pause(100);
    }

    void escapes() {
        network_.send(nodes_[random_() % nodes_.size()], make_frame(any_kind(), 1, kEscapes, as_bytes(kEscapes)));
        CheckpointMessage lie;
        lie.checkpoint.signatures.resize(1);
        lie.checkpoint.signatures[0].organization = kEscapes;
        say_to_all(FrameKind::checkpoint, storage::encode(lie));
        storage::Transaction transaction;
        transaction.proposal = proposal_;
        storage::Simulation simulation;
        simulation.contract = simulation.function = kEscapes;
        transaction.simulation = storage::encode(simulation);
        say_to_all(FrameKind::submit, storage::encode(SubmitQuestion{false, false, {storage::encode(transaction)}}));
        pause(50);
    }

    void lies() {
        consensus::Vote vote;
        vote.view = random_() % 100;
        vote.id = any_hash();
        vote.signature = Bytes(64, 1);
        say_to_all(consensus::VoteMessage{{vote}});
        consensus::Certificate certificate{consensus::VoteKind::nullify, 0, random_() % 1000, {}, {0, 1, 2}, {}};
        certificate.signatures.assign(3, Bytes(64, 1));
        say_to_all(consensus::CertificateMessage{{certificate}});
        consensus::FetchedBlocks blocks;
        blocks.blocks.resize(1);
        blocks.blocks[0].header.channel = channel_;
        blocks.blocks[0].header.number = 1;
        blocks.blocks[0].batches = {storage::Batch(1000, Bytes(1000, 1))};
        say_to_all(blocks);
        for (const auto kind : {FrameKind::endorsed, FrameKind::submitted, FrameKind::signature})
            say_to_all(kind, as_bytes("no answer"));
        pause(50);
    }

    static void pause(int ms) { std::this_thread::sleep_for(std::chrono::milliseconds(ms)); }

    Network& network_;
    const std::string channel_;
    const std::vector<std::string> nodes_;
    const Bytes proposal_;
    std::mt19937_64 random_{std::random_device{}()};
    std::uint64_t correlation_ = 0;
    std::uint64_t height_ = 0;
    const std::map<std::string, void (Adversary::*)()> attacks_{{"unreadable", &Adversary::unreadable},
                                                                {"flood", &Adversary::flood},
                                                                {"endorsements", &Adversary::endorsements},
                                                                {"escapes", &Adversary::escapes},
                                                                {"lies", &Adversary::lies}};
};

Result<int> run(std::span<char*> arguments) {
    if (arguments.size() < 7) return fail(Code::invalid_argument, "arguments are missing; they are in the source");
    const std::string attack = arguments[0];
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(std::atoi(arguments[1]));
    NetworkOptions options;
    options.listen = arguments[3];
    options.key = TRY(transport_key_of(TRY(storage::read_file(arguments[4]))));
    options.max_message_bytes = 64U << 20;
    options.queue_bytes = 256U << 20;
    options.standing = [] { return Standing{}; };
    const auto proposal = to_bytes(TRY(storage::read_file(arguments[5])));
    std::vector<std::string> nodes;
    for (const std::string node : arguments.subspan(6)) {
        const auto address = node.find('=');
        const auto key = node.find('=', address + 1);
        if (address == std::string::npos || key == std::string::npos)
            return fail(Code::invalid_argument, "\"{}\" is not NODE=HOST:PORT=KEY", node);
        nodes.push_back(node.substr(0, address));
        options.peers.push_back({nodes.back(), node.substr(address + 1, key - address - 1), node.substr(key + 1)});
    }
    const auto network = TRY(Network::start(std::move(options), [](const std::string&, const Frame&) {}));
    Adversary adversary(*network, arguments[2], nodes, proposal);
    if (!adversary.knows(attack)) return fail(Code::invalid_argument, "there is no attack \"{}\"", attack);
    std::uint64_t times = 0;
    for (; std::chrono::steady_clock::now() < until; ++times) adversary.attack(attack);
    std::uint64_t sent = 0;
    for (const auto& peer : network->traffic()) sent += peer.sent_messages;
    fmt::print("{} times, {} frames\n", times, sent);
    return sent == 0 ? 1 : 0;
}

}  // namespace
}  // namespace tally::node

int main(int argc, char** argv) {
    const auto code = tally::node::run(std::span(argv, static_cast<std::size_t>(argc)).subspan(1));
    if (code) return *code;
    fmt::print(stderr, "adversary: {}\n", code.error().message);
    return 2;
}
