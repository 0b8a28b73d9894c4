// What callers wait for behind the gateway: one organization's callers take no other's places.

#include "node/backend/ledger_reads.h"
#include "node/backend/submissions.h"

#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "chaincode/contracts/data/refusals.h"
#include "chaincode/json/strict_json.h"
#include "chaincode/records/vitro_block.h"
#include "storage/model/archive.h"
#include "tests/unit/node/small_node.h"
#include "tests/unit/storage/temporary_directory.h"

namespace tally::node {
namespace {

namespace json = boost::json;
using storage::code_of;

constexpr std::size_t kTasksOfOne = 100;
constexpr std::size_t kMany = 400;  // more than one organization may have waiting, and fewer than all may

// A node of A, in a channel where a receipt needs B's committer too. Endorsers say that they have every record already.
class Callers : public testing::Test {
  protected:
    explicit Callers(unsigned organizations = 2) : channel(organizations) {
        EXPECT_TRUE(node.start().has_value());
        const auto transaction = channel.put("k");
        id = SmallChannel::id_of_transaction(transaction);
        EXPECT_TRUE(node.submit(transaction).has_value());
        node.wait_for(1);
        make();
    }
    ~Callers() override {
        pool->stop();
        node.stop_without_closing();
    }
    void make() {
        auto& ledger = node.ledger();
        evaluator = std::make_unique<Evaluator>(ledger, membership, memo);
        const auto sources = [] {
            const auto ask = [](const chaincode::SignedProposal&, const Bytes&, bool) {
                return [] {
                    return Result<Endorsed>(fail(chaincode::data::refusals::duplicate_record, "it is there already"));
                };
            };
            return std::vector<EndorsementSource>{{"node of A", "A", true, ask, [] { return true; }}};
        };
        const auto order = [](const Bytes&, const chaincode::SignedProposal&) -> Result<std::string> {
            return "node1";
        };
        submitter = std::make_unique<Submitter>(ledger, membership, *pool, Share{5000, 1U << 30}, waiting, memo,
                                                sources, order, metrics);
        snapshots = std::make_unique<SnapshotMaker>(ledger, root.path() / "snapshots", nullptr);
        feed = std::make_unique<BlockFeed>(ledger);
        reads = std::make_unique<NodeLedgerReads>(
            LedgerReadParts{ledger, membership, waiting, tasks, *pool, *snapshots, *feed});
        kept = std::move(*storage::SeriesStore::open(root.path() / "kept"));
        keeper = std::make_unique<Keeper>(Keeper::Parts{"node1", "Org1", membership, *evaluator, *kept, nullptr});
        submissions = std::make_unique<NodeSubmissions>(SubmissionParts{ledger, membership, *evaluator, *submitter,
                                                                        waiting, tasks, channel.client, *keeper,
                                                                        [](const Bytes&) { return Status(); }});
    }
    [[nodiscard]] static chaincode::Caller of(const std::string& organization) {
        return {organization, "client", "client", {}};
    }
    [[nodiscard]] Bytes record() const {
        chaincode::VitroBlock block;
        block.timestamp_s = static_cast<std::uint32_t>(test_time_ms() / 1000);
        const Bytes blob(64, 0xab);
        block.blob = blob;
        return *chaincode::sign_vitro(meter, chaincode::VitroProfile::vitro1, block);
    }
    // Publishes the record at this gateway, whose endorsers have it already.
    void publish(const Bytes& bytes, const std::string& organization, gateway::Done<gateway::RecordOutcome> done) {
        submissions->publish(bytes, "application/vnd.vitro.iot-block", of(organization), gateway::Wait::committed,
                             std::move(done));
    }
    // Commits a transaction of the client here, endorsed on the state as it is.
    storage::TransactionId commit(chaincode::Proposal proposal) {
        proposal.channel = "test";
        proposal.created_ms = test_time_ms();
        auto signed_proposal = channel.propose(channel.client, std::move(proposal));
        const auto simulation = channel.simulate(signed_proposal, *node.ledger().state());
        const auto transaction = storage::encode(channel.endorse(std::move(signed_proposal), simulation));
        EXPECT_TRUE(node.submit(transaction).has_value());
        node.wait_for(++committed);
        const auto bearer = SmallChannel::id_of_transaction(transaction);
        EXPECT_EQ(node.ledger().find(bearer).value().value().code, storage::ValidationCode::VALID);
        return bearer;
    }

    storage::TemporaryDirectory root;
    SmallChannel channel;
    SmallNode node{channel, root.path() / "data"};
    storage::TransactionId id;
    std::size_t committed = 1;  // transactions
    const crypto::PrivateKey meter = crypto::PrivateKey::generate(crypto::Algorithm::p256);
    CurrentMembership membership{channel.membership()};
    std::unique_ptr<WorkerPool> pool = std::make_unique<WorkerPool>(1, 5000);
    FairTasks tasks{*pool, {kTasksOfOne, 1U << 30}};
    Waiting waiting;
    crypto::VerifiedSignatures memo;
    Metrics metrics;
    std::unique_ptr<Evaluator> evaluator;
    std::unique_ptr<Submitter> submitter;
    std::unique_ptr<SnapshotMaker> snapshots;
    std::unique_ptr<BlockFeed> feed;
    std::unique_ptr<NodeLedgerReads> reads;
    std::unique_ptr<storage::SeriesStore> kept;
    std::unique_ptr<Keeper> keeper;
    std::unique_ptr<NodeSubmissions> submissions;
};

TEST_F(Callers, OneOrganizationThatAsksForManyReceiptsLeavesAnotherItsPlaces) {
    std::size_t refused = 0, served = 0;
    const auto count = [&](const Result<Bytes>& receipt) { ++(receipt ? served : refused); };
    for (std::size_t i = 0; i < kMany; ++i) reads->receipt(of("A"), id, count);
    const auto of_a = refused;
    EXPECT_GT(of_a, 0U) << "places are bounded";
    EXPECT_LT(of_a, kMany);
    reads->receipt(of("B"), id, count);
    EXPECT_EQ(refused, of_a) << "the other organization's caller waits";

    const auto checkpoint = node.ledger().block_header(1)->metadata.checkpoint;
    ASSERT_TRUE(node.ledger().add_signature(1, sign_checkpoint(channel.peers[1], checkpoint)).has_value());
    reads->signature_came();
    pool->stop();  // runs what was posted
    EXPECT_EQ(refused, of_a);
    EXPECT_EQ(served, kMany + 1 - of_a);
}

TEST_F(Callers, MoreCallersOfOneThanMayWaitInAllLeaveAnotherItsPlaces) {
    std::size_t refused = 0;
    const auto count = [&](const Result<Bytes>& receipt) { refused += receipt ? 0 : 1; };
    for (std::size_t i = 0; i < 1100; ++i) reads->receipt(of("A"), id, count);
    const auto of_a = refused;
    reads->receipt(of("B"), id, count);
    EXPECT_EQ(refused, of_a);
}

TEST_F(Callers, OneOrganizationThatPublishesManyRecordsAgainLeavesAnotherItsPlaces) {
    const auto bytes = record();
    std::atomic<std::size_t> of_a = 0, of_b = 0;
    const auto publish_again = [&](const std::string& organization, std::atomic<std::size_t>& answered) {
        publish(bytes, organization, [&](const Result<gateway::RecordOutcome>& outcome) {
            EXPECT_EQ(code_of(outcome), chaincode::data::refusals::duplicate_record);
            ++answered;
        });
    };
    for (std::size_t i = 0; i < 1100; ++i) publish_again("A", of_a);
    while (of_a == 0) std::this_thread::yield();  // its share is used up
    publish_again("B", of_b);
    publish_again("A", of_a);
    pool->stop();  // runs what was posted
    EXPECT_LT(of_a, 1101U) << "the first of them wait";
    EXPECT_EQ(of_b, 0U) << "the other organization's caller waits";
}

TEST_F(Callers, OneOrganizationThatAppliesManyConfigurationsLeavesAnotherItsPlaces) {
    std::promise<void> go;
    ASSERT_TRUE(pool->post([may_go = go.get_future().share()] { may_go.wait(); }));  // its only thread
    std::atomic<std::size_t> busy = 0, judged = 0;
    const auto count = [&](const Result<gateway::TransactionStatus>& status) {
        ++(code_of(status) == Code::busy ? busy : judged);
    };
    for (std::size_t i = 0; i < kTasksOfOne + 5; ++i) submissions->apply_configuration(of("A"), {}, count);
    submissions->apply_configuration(of("B"), {}, count);
    EXPECT_EQ(busy, 5U);
    go.set_value();
    pool->stop();  // runs what was posted
    EXPECT_EQ(judged, kTasksOfOne + 1);
}

class CallersOfOneOrganization : public Callers {
  protected:
    CallersOfOneOrganization() : Callers(1) {}
};

// The endorsers have a block that this node does not have yet.
TEST_F(CallersOfOneOrganization, WhoPublishesWhatIsInALateBlockIsAnsweredWhenItComes) {
    const auto bytes = record();
    chaincode::VitroBlock block;
    const auto registration = chaincode::json_text(json::object{{"id", block.node_hex()},
                                                                {"shard", "north"},
                                                                {"profile", "vitro-1"},
                                                                {"public_key", to_hex(meter.public_key().raw())},
                                                                {"polling_interval_s", 60},
                                                                {"keepalive_interval_s", 3600}});
    commit({"", "registry", "register_device", registration, {}, {}, 0});
    std::vector<Result<gateway::RecordOutcome>> answers;
    publish(bytes, "A", [&](Result<gateway::RecordOutcome> outcome) { answers.push_back(std::move(outcome)); });
    pool->stop();  // runs what was posted
    submissions->look_for_duplicates();
    EXPECT_TRUE(answers.empty()) << "it waits";
    const auto first = commit({"", "data", "publish", R"({"format":"vitro"})", {ByteView(bytes)}, {}, 0});
    submissions->look_for_duplicates();
    ASSERT_EQ(answers.size(), 1U);
    ASSERT_TRUE(answers[0].has_value()) << answers[0].error().message;
    EXPECT_TRUE(answers[0]->duplicate);
    EXPECT_EQ(answers[0]->transaction.id, first);
    EXPECT_EQ(answers[0]->transaction.block, node.ledger().tip()->number);
}

}  // namespace
}  // namespace tally::node
