#include "bench/cluster/bench_order.h"

#include <cstring>
#include <random>
#include <thread>

#include "chaincode/proposal.h"
#include "node/network/node_network.h"
#include "node/ordering/channel_nodes.h"
#include "node/threads/stopwatch.h"
#include "storage/files.h"
#include "storage/model/archive.h"

namespace tally::node::cli {
namespace {

constexpr auto kOrderPatience = std::chrono::seconds(60);
constexpr auto kDialPatienceSeconds = 30;
constexpr std::size_t kProposalBytes = 900;  // of a signed transaction, beside its arguments

using Group = std::vector<Bytes>;

Group random_group(const OrderWork& options, std::mt19937_64& chance) {
    Group group(options.group, Bytes(options.bytes));
    for (auto& transaction : group) {
        for (std::size_t at = 0; at < transaction.size(); at += 8) {
            const auto bits = chance();
            std::memcpy(transaction.data() + at, &bits, std::min<std::size_t>(8, transaction.size() - at));
        }
    }
    return group;
}

// Proposals of a member that nobody has endorsed: what an orderer looks at is there.
Group signed_group(const OrderWork& options, const MemberClient& member) {
    Group group;
    const auto padding = options.bytes > kProposalBytes ? options.bytes - kProposalBytes : 0;
    const auto arguments = fmt::format(R"({{"text":"{}"}})", std::string(padding, 'x'));
    const auto& identity = member.identity();
    for (std::size_t i = 0; i < options.group; ++i) {
        storage::Transaction transaction;
        transaction.proposal = chaincode::sign_proposal(
            identity.key, identity.chain, {member.profile().channel, "bench", "order", arguments, {}, {}, now_ms()});
        group.push_back(storage::encode(transaction));
    }
    return group;
}

// One connection's: the orderers in turn, the next when one does not answer.
class OrderRequester : public Requester {
  public:
    OrderRequester(NodeNetwork& network, std::vector<std::string> orderers, std::size_t first, const OrderWork& options,
                   const std::vector<Bytes>& made)
        : network_(network),
          orderers_(std::move(orderers)),
          at_(first),
          options_(options),
          made_(made),
          chance_(first + 1) {}

    Status prepare(std::size_t i) override {
        if (!made_.empty())
            body_ = made_.at(i);
        else
            body_ = storage::encode(SubmitQuestion{true, false, random_group(options_, chance_)});
        return {};
    }
    Result<std::string> send() override {
        for (;;) {
            const auto& orderer = orderers_[at_ % orderers_.size()];
            const auto answer = network_.ask(orderer, FrameKind::submit, body_, kOrderPatience).wait();
            if (answer) return std::string();  // a group has no id
            if (answer.error().code != Code::busy) {
                ++at_;
                return std::unexpected(answer.error());
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
        }
    }

  private:
    NodeNetwork& network_;
    std::vector<std::string> orderers_;
    std::size_t at_;
    const OrderWork& options_;
    const std::vector<Bytes>& made_;
    std::mt19937_64 chance_;
    Bytes body_;
};

class Order : public BenchWork {
  public:
    Order(OrderWork options, std::unique_ptr<NodeNetwork> network, std::vector<Bytes> made)
        : options_(options), network_(std::move(network)), made_(std::move(made)) {}
    ~Order() override { network_->stop(); }

    Result<std::unique_ptr<Requester>> requester(const Ground& ground, std::size_t i) override {
        std::vector<std::string> orderers;
        for (const auto* node : ground.nodes()) orderers.push_back(node->name);
        return std::make_unique<OrderRequester>(*network_, std::move(orderers), i, options_, made_);
    }
    [[nodiscard]] std::size_t request_bytes() const override {
        return made_.empty() ? options_.bytes * options_.group : made_.back().size();
    }
    [[nodiscard]] std::size_t transactions() const override { return options_.group; }
    // Orderers that only order keep blocks and no codes: what each has kept is counted, and that the blocks are the
    // same is what settle says. One that was started again meanwhile has no count.
    [[nodiscard]] Result<Holdings> holdings(Ground& ground, std::uint64_t height, const Readings& before,
                                            const Readings& after) const override {
        Holdings out;
        auto settled = TRY(ground.settle());
        out.height = settled.height;
        out.block_hash = std::move(settled.block_hash);
        for (const auto& [node, reading] : after) {
            const auto& then = before.at(node);
            if (then.process != reading.process) continue;
            out.valid[node] = static_cast<std::uint64_t>(reading.transactions - then.transactions);
            out.blocks = static_cast<double>(out.height - height);
            if (out.blocks > 0) out.mean_transactions = (reading.transactions - then.transactions) / out.blocks;
        }
        return out;
    }

  private:
    OrderWork options_;
    std::unique_ptr<NodeNetwork> network_;
    std::vector<Bytes> made_;  // empty: each request is made when it is sent
};

Result<std::unique_ptr<NodeNetwork>> dial(const Ground& ground) {
    const auto file = ground.cluster().directory() / "drivers" / kBenchDriver / "transport.key";
    if (!std::filesystem::exists(file))
        return fail(Code::not_found,
                    "{} is missing: `tally network create --driver {}` makes a consortium that lets this program in",
                    file.string(), kBenchDriver);
    const auto key = TRY(transport_key_of(TRY(storage::read_file(file))));
    const auto& channel = ground.cluster().channel();
    auto network =
        std::make_unique<NodeNetwork>(channel.channel, nodes_of(channel), NodeNetwork::Options{kBenchDriver, "", key});
    TRY(network->start());
    const Stopwatch watch;
    for (const auto* node : ground.nodes()) {
        while (!network->is_there(node->name)) {
            if (watch.seconds() > kDialPatienceSeconds)
                return fail(Code::unavailable, "{} does not answer: {}", node->name, node->process.last_words(0));
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
        }
    }
    return network;
}

}  // namespace

Result<std::unique_ptr<BenchWork>> make_order_work(Ground& ground, const OrderWork& options, std::size_t count,
                                                   const std::atomic<bool>& interrupted) {
    const auto& channel = ground.cluster().channel();
    if (channel.nodes_with("committer").size() > 0)
        return fail(
            Code::invalid_argument,
            "the nodes of {} validate what is ordered, and would keep this for ever: `bench ledger` is for them",
            ground.cluster().directory().string());
    if (!options.is_signed && channel.submission != kAnySubmission)
        return fail(Code::invalid_argument, "the orderers of {} take signed transactions alone: use --signed",
                    ground.cluster().directory().string());
    auto network = TRY(dial(ground));
    std::vector<Bytes> made;
    if (options.is_signed) {
        const auto member = TRY(ground.cluster().connect(*ground.nodes().front(), "client1"));
        const auto groups = count / options.group + 2;
        Progress progress("signing", groups);
        while (made.size() < groups && !interrupted) {
            made.push_back(storage::encode(SubmitQuestion{true, false, signed_group(options, member)}));
            progress.at(made.size());
        }
    }
    return std::make_unique<Order>(options, std::move(network), std::move(made));
}

}  // namespace tally::node::cli
