// adversary ATTACK --channel FILE --as NODE=LISTEN=KEYFILE... [options]
//
// In the place of nodes of the channel, with their transport keys: says to the others what no correct node says.
//
//   frames     each frame of hostile_frames.h, shared out among the stolen nodes and those that are spoken to; a line
//   for
//              each says who said it to whom. Each pair of speaker and listener has one frame, and hears it again when
//              it is listened to again: a node ignores for a while who said such a thing
//   endorse    endorsements of --proposal from each node, into the folder --out
//   submit     the transactions in the files, to each node; a line for each answer
//   order      the transactions in the files, in one batch of the lane of --orderer, again and again
//   flood, endorsements, escapes, lies, answers, standings, checkpoints
//              again and again (attacks.cpp)
//
// Ends after so many seconds; what it does is drawn from the seed.

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <optional>
#include <thread>

#include "node/channel/channel_config.h"
#include "node/ordering/channel_nodes.h"
#include "storage/files.h"
#include "tests/adversary/attacks.h"
#include "tests/adversary/hostile_frames.h"
#include "tests/adversary/lane.h"

namespace tally::node {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kRound = std::chrono::seconds(11);  // nobody who was blamed is ignored any more
constexpr auto kDialPatience = std::chrono::seconds(20);

struct Options {
    std::string attack;
    std::string channel;
    std::vector<std::string> as;
    std::vector<std::string> to;
    std::string proposal;
    std::string peer;
    std::string orderer;
    std::string out;
    std::vector<std::string> files;
    bool configuration = false;
    std::uint64_t seed = 1;
    unsigned seconds = 60;
};

Result<Stolen> stolen_of(const std::string& text) {
    const auto listen = text.find('=');
    const auto key = text.find('=', listen + 1);
    if (listen == std::string::npos || key == std::string::npos)
        return fail(Code::invalid_argument, "\"{}\" is not NODE=LISTEN=KEYFILE", text);
    return Stolen{text.substr(0, listen), text.substr(listen + 1, key - listen - 1), text.substr(key + 1)};
}

std::vector<NetworkPeer> spoken_to(const Options& options, const ChannelConfig& config) {
    std::vector<NetworkPeer> nodes;
    for (const auto& node : config.nodes) {
        if (std::find(options.to.begin(), options.to.end(), node.id) != options.to.end())
            nodes.push_back({node.id, node.address, node.transport_key});
    }
    return nodes;
}

Result<std::vector<Bytes>> contents(const std::vector<std::string>& files) {
    std::vector<Bytes> all;
    for (const auto& file : files) all.push_back(to_bytes(TRY(storage::read_file(file))));
    return all;
}

// Those that a key was stolen of speak, each with a thread for its connections.
class Voices {
  public:
    Status start(const Options& options, const ChannelConfig& config, const Means& means) {
        std::uint64_t number = 0;
        for (const auto& text : options.as) {
            const auto stolen = TRY(stolen_of(text));
            auto own = means;
            own.seed += number++;
            means_.push_back(std::make_unique<Means>(std::move(own)));
            const auto known = attacks();
            const auto kind = known.find(options.attack);
            Attack* attack = nullptr;
            if (kind != known.end()) attack = attacks_.emplace_back(kind->second(*means_.back())).get();
            const auto standing = [attack] { return attack == nullptr ? Standing{} : attack->standing(); };
            const auto answer = [attack](Voice& voice, const std::string& from, const Frame& frame) {
                if (attack != nullptr) attack->answer(voice, from, frame);
            };
            voices_.push_back(TRY(Voice::start(stolen, config.channel, spoken_to(options, config), standing, answer)));
        }
        return {};
    }

    void attack_until(Clock::time_point end) {
        while (Clock::now() < end) {
            for (std::size_t i = 0; i < voices_.size(); ++i) attacks_[i]->once(*voices_[i]);
        }
        std::uint64_t sent = 0;
        std::uint64_t heard = 0;
        for (const auto& voice : voices_) {
            sent += voice->sent();
            for (const auto kind :
                 {FrameKind::endorsed, FrameKind::submitted, FrameKind::signature, FrameKind::attested})
                heard += voice->heard(kind);
        }
        fmt::print("sent={} answers={}\n", sent, heard);
    }

    // In rounds, as a connection may end below a large frame. Says who said what to whom in the first.
    Status say_frames(const std::string& channel, const std::vector<NetworkPeer>& nodes, Clock::time_point end) {
        const auto frames = hostile_frames(channel);
        if (frames.size() > voices_.size() * nodes.size())
            return fail(Code::invalid_argument, "{} frames, {} pairs", frames.size(), voices_.size() * nodes.size());
        for (bool first = true; Clock::now() < end; first = false) {
            for (std::size_t i = 0; i < frames.size(); ++i) {
                auto& voice = *voices_[i / nodes.size()];
                const auto& node = nodes[i % nodes.size()].id;
                const auto before = voice.sent();
                voice.say_bytes(node, frames[i].make());
                const auto patience = Clock::now() + kDialPatience;
                while (voice.sent() == before && Clock::now() < patience)
                    std::this_thread::sleep_for(std::chrono::milliseconds(5));
                if (!first) continue;
                if (voice.sent() == before)
                    return fail(Code::unavailable, "{} takes nothing from {}", node, voice.name());
                fmt::print("{}\t{}\t{}\n", voice.name(), node, frames[i].name);
                std::fflush(stdout);
            }
            std::this_thread::sleep_until(std::min(end, Clock::now() + kRound));
        }
        return {};
    }

  private:
    std::vector<std::unique_ptr<Means>> means_;
    std::vector<std::unique_ptr<Attack>> attacks_;  // outlive the voices
    std::vector<std::unique_ptr<Voice>> voices_;
};

// As a node of the channel that keeps to its forms.
Status act_as_gateway(const Options& options, const ChannelConfig& config, const Means& means, Clock::time_point end) {
    const auto stolen = TRY(stolen_of(options.as.at(0)));
    NodeNetwork::Options own{stolen.node, stolen.listen,
                             TRY(transport_key_of(TRY(storage::read_file(stolen.key_file))))};
    own.standing = [] { return Standing{}; };
    NodeNetwork network(config.channel, nodes_of(config), std::move(own));
    TRY(network.start());
    for (const auto& node : options.to) {
        while (!network.is_there(node) && Clock::now() < end) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    auto transactions = TRY(contents(options.files));
    if (options.attack == "endorse") {
        for (const auto& node : options.to) {
            const auto kept = keep_endorsement(network, node, means.proposal, options.out);
            fmt::print("{} {}\n", node, kept ? "endorsed" : kept.error().message);
        }
    } else if (options.attack == "submit") {
        for (const auto& node : options.to)
            fmt::print("{} {}\n", node, submit_to(network, node, transactions, options.configuration));
    } else {
        const auto key = TRY(crypto::PrivateKey::from_pem(TRY(storage::read_file(options.orderer))));
        const consensus::Message batch =
            consensus::BatchMessage{batch_of(key, config.channel, std::move(transactions), options.configuration)};
        std::vector<consensus::Member> members;
        for (consensus::Member member = 0; member < config.orderers.size(); ++member) members.push_back(member);
        for (; Clock::now() < end; std::this_thread::sleep_for(std::chrono::seconds(1))) network.send(members, batch);
    }
    network.stop();
    return {};
}

Status run(const Options& options) {
    const auto end = Clock::now() + std::chrono::seconds(options.seconds);
    const auto config = TRY(parse_channel_config(TRY(storage::read_file(options.channel))));
    Means means;
    means.seed = options.seed;
    if (!options.proposal.empty()) means.proposal = to_bytes(TRY(storage::read_file(options.proposal)));
    if (!options.peer.empty()) means.peer = TRY(load_identity(options.peer + ".pem", options.peer + "-key.pem"));
    if (options.attack == "endorse" || options.attack == "submit" || options.attack == "order")
        return act_as_gateway(options, config, means, end);
    if (options.attack != "frames" && !attacks().contains(options.attack))
        return fail(Code::invalid_argument, "there is no attack \"{}\"", options.attack);
    Voices voices;
    TRY(voices.start(options, config, means));
    if (options.attack != "frames") {
        voices.attack_until(end);
        return {};
    }
    return voices.say_frames(config.channel, spoken_to(options, config), end);
}

}  // namespace
}  // namespace tally::node

int main(int argc, char** argv) {
    tally::node::Options options;
    CLI::App app("In the place of nodes of a channel: says what no correct node says");
    app.add_option("attack", options.attack)->required();
    app.add_option("--channel", options.channel, "The channel's configuration, JSON")->required();
    app.add_option("--as", options.as, "NODE=LISTEN=KEYFILE")->required();
    app.add_option("--to", options.to, "Nodes that are spoken to")->required();
    app.add_option("--proposal", options.proposal, "A member's signed proposal");
    app.add_option("--peer", options.peer, "PATH.pem and PATH-key.pem: the node's own peer");
    app.add_option("--orderer", options.orderer, "The key of the node's own orderer");
    app.add_option("--out", options.out, "A folder for endorsements");
    app.add_option("--file", options.files, "Transactions");
    app.add_flag("--configuration", options.configuration, "It is an update of the configuration");
    app.add_option("--seed", options.seed);
    app.add_option("--seconds", options.seconds);
    CLI11_PARSE(app, argc, argv);
    const auto status = tally::node::run(options);
    if (status) return 0;
    fmt::print(stderr, "adversary: {}\n", status.error().message);
    return 1;
}
