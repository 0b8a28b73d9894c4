// What callers wait for behind the gateway: one organization's callers take no other's places.

#include "node/backend.h"

#include <gtest/gtest.h>

#include <thread>

#include "chaincode/records/vitro_block.h"
#include "node/channel/receipt_file.h"
#include "tests/unit/node/small_node.h"
#include "tests/unit/storage/temporary_directory.h"

namespace tally::node {
namespace {

using storage::code_of;

constexpr std::size_t kMany = 400;  // more than one organization may have waiting, and fewer than all may

// A node of A, in a channel where a receipt needs B's committer too. Endorsers say that they have every record already.
class Callers : public testing::Test {
  protected:
    Callers() {
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
            const auto ask = [](const chaincode::SignedProposal&, const Bytes&) {
                return [] { return Result<Endorsed>(fail(Code::duplicate_record, "it is there already")); };
            };
            return std::vector<EndorsementSource>{{"node of A", "A", true, ask, [] { return true; }}};
        };
        const auto order = [](const Bytes&) -> Result<std::string> { return "node1"; };
        submitter = std::make_unique<Submitter>(ledger, membership, *pool, FairTasks::Share{5000, 1U << 30}, waiting,
                                                memo, sources, order, metrics);
        snapshots = std::make_unique<SnapshotMaker>(ledger, root.path() / "snapshots", nullptr);
        backend = std::make_unique<NodeBackend>(BackendParts{ledger, membership, *evaluator, *submitter, waiting, *pool,
                                                             FairTasks::Share{5000, 1U << 30}, channel.client,
                                                             [](const Bytes&) { return Status(); }, *snapshots});
    }
    [[nodiscard]] static chaincode::Caller of(const std::string& organization) {
        return {organization, "client", "client", {}};
    }
    [[nodiscard]] Bytes record() const {
        chaincode::VitroBlock block;
        block.timestamp_s = 1;
        const Bytes blob(64, 0xab);
        block.blob = blob;
        const auto key = crypto::PrivateKey::generate(crypto::Algorithm::p256);
        return *chaincode::sign_vitro(key, chaincode::VitroProfile::vitro1, block);
    }

    storage::TemporaryDirectory root;
    SmallChannel channel{2};
    SmallNode node{channel, root.path() / "data"};
    storage::TransactionId id;
    CurrentMembership membership{channel.membership()};
    std::unique_ptr<WorkerPool> pool = std::make_unique<WorkerPool>(1, 5000);
    Waiting waiting;
    crypto::VerifiedSignatures memo;
    Metrics metrics;
    std::unique_ptr<Evaluator> evaluator;
    std::unique_ptr<Submitter> submitter;
    std::unique_ptr<SnapshotMaker> snapshots;
    std::unique_ptr<NodeBackend> backend;
};

TEST_F(Callers, OneOrganizationThatAsksForManyReceiptsLeavesAnotherItsPlaces) {
    std::size_t refused = 0, served = 0;
    const auto count = [&](const Result<Bytes>& receipt) { ++(receipt ? served : refused); };
    for (std::size_t i = 0; i < kMany; ++i) backend->receipt(of("A"), id, count);
    const auto of_a = refused;
    EXPECT_GT(of_a, 0U) << "places are bounded";
    EXPECT_LT(of_a, kMany);
    backend->receipt(of("B"), id, count);
    EXPECT_EQ(refused, of_a) << "the other organization's caller waits";

    const auto checkpoint = node.ledger().block_header(1)->metadata.checkpoint;
    ASSERT_TRUE(node.ledger().add_signature(1, sign_checkpoint(channel.peers[1], checkpoint)).has_value());
    backend->signature_came();
    pool->stop();  // runs what was posted
    EXPECT_EQ(refused, of_a);
    EXPECT_EQ(served, kMany + 1 - of_a);
}

TEST_F(Callers, MoreCallersOfOneThanMayWaitInAllLeaveAnotherItsPlaces) {
    std::size_t refused = 0;
    const auto count = [&](const Result<Bytes>& receipt) { refused += receipt ? 0 : 1; };
    for (std::size_t i = 0; i < 1100; ++i) backend->receipt(of("A"), id, count);
    const auto of_a = refused;
    backend->receipt(of("B"), id, count);
    EXPECT_EQ(refused, of_a);
}

TEST_F(Callers, OneOrganizationThatPublishesManyRecordsAgainLeavesAnotherItsPlaces) {
    const auto bytes = record();
    std::atomic<std::size_t> of_a = 0, of_b = 0;
    const auto publish = [&](const std::string& organization, std::atomic<std::size_t>& answered) {
        backend->publish(bytes, "application/vnd.vitro.iot-block", of(organization), gateway::Wait::committed,
                         [&](const Result<gateway::RecordOutcome>& outcome) {
                             EXPECT_EQ(code_of(outcome), Code::duplicate_record);
                             ++answered;
                         });
    };
    for (std::size_t i = 0; i < 1100; ++i) publish("A", of_a);
    while (of_a == 0) std::this_thread::yield();  // its share is used up
    publish("B", of_b);
    publish("A", of_a);
    pool->stop();  // runs what was posted
    EXPECT_LT(of_a, 1101U) << "the first of them wait";
    EXPECT_EQ(of_b, 0U) << "the other organization's caller waits";
}

}  // namespace
}  // namespace tally::node
