// Snapshots of a real channel: who takes one over goes on as the others do, and nothing forged is taken over.

#include "node/ledgers/ledger_snapshot.h"

#include <gtest/gtest.h>

#include "crypto/receipt.h"
#include "node/committing/committer.h"
#include "node/ledgers/ledger_check.h"
#include "storage/seal.h"
#include "storage/state_digest.h"
#include "tests/unit/node/notes_contract.h"
#include "tests/unit/node/small_node.h"
#include "tests/unit/node/tampered_state.h"
#include "tests/unit/storage/snapshot_bytes.h"
#include "tests/unit/storage/temporary_directory.h"

namespace tally::node {
namespace {

using storage::code_of;
using storage::message_of;

class Snapshots : public testing::Test {
  protected:
    Snapshots() {
        EXPECT_TRUE(node.start().has_value());
        grow(6);
        EXPECT_TRUE(create_snapshot(node.ledger(), file, {}).has_value());
        height = node.ledger().tip()->number;
        EXPECT_TRUE(storage::read_snapshot(file, good, nullptr).has_value());
    }
    void grow(int rounds) {
        for (int i = 0; i < rounds; ++i) {
            for (const auto& transaction : {channel.put(fmt::format("k{}", i), "x"),
                                            channel.transaction("append", R"({"key":"same","value":"v"})"),
                                            channel.transaction("add", R"({"key":"n","delta":3,"lower_bound":0})")}) {
                EXPECT_TRUE(node.submit(transaction).has_value());
                node.wait_for(++submitted);
                transactions.push_back(transaction);
            }
        }
    }
    [[nodiscard]] SnapshotFacts inspect(std::optional<crypto::Hash> genesis = std::nullopt) const {
        auto facts = inspect_snapshot(file, genesis, nullptr);
        EXPECT_TRUE(facts.has_value()) << facts.error().message;
        return *facts;
    }
    [[nodiscard]] Result<SnapshotFacts> join() const {
        return join_with_snapshot(joined, file, channel.genesis(), nullptr);
    }
    // The good snapshot with something changed, all counts and checksums as they should be.
    void forge(const std::function<void(storage::KeepingVisitor&)>& change) {
        auto parts = good;
        change(parts);
        const auto writer = storage::SnapshotWriter::create(file, parts.heads[0]).value();
        for (const auto& block : parts.blocks) EXPECT_TRUE(writer->block(block));
        for (const auto& entry : parts.entries) EXPECT_TRUE(writer->entry(entry));
        for (const auto& leaf : parts.leaves) EXPECT_TRUE(writer->leaf(leaf));
        EXPECT_TRUE(writer->end(parts.ends[0].tip));
    }
    void expect_refused(Code code, const std::string& sentence) const {
        const auto facts = inspect();
        EXPECT_EQ(code_of(facts.verdict), code);
        EXPECT_NE(message_of(facts.verdict).find(sentence), std::string::npos) << message_of(facts.verdict);
        const auto refused = join();
        EXPECT_EQ(code_of(refused), code);
        EXPECT_NE(message_of(refused).find(sentence), std::string::npos) << message_of(refused);
        EXPECT_FALSE(std::filesystem::exists(ledger_path(joined)));
        EXPECT_FALSE(std::filesystem::exists(joined / "ledger.new")) << "nothing is left of it";
    }
    // What the blocks of `from` do to a ledger that has those before.
    static void follow(const storage::Ledger& from, storage::Ledger& to, const Membership& membership) {
        for (auto number = to.tip()->number + 1; number <= from.tip()->number; ++number) {
            const auto there = from.block(number).value();
            std::vector<storage::CheckedTransaction> checked;
            const auto state = to.state();
            const StateBefore before(*state, to);
            auto judgements = check_block(there, membership, &before, nullptr, nullptr).value();
            for (auto& each : judgements) checked.push_back(std::move(each.checked));
            std::vector<storage::TransactionId> ids;
            for (const auto& each : checked) ids.push_back(each.id);
            const auto effects = storage::apply_block(number, checked, *state);
            auto here = there;
            ASSERT_TRUE(to.append(here, ids, *effects,
                                  [&](const storage::Checkpoint&) { return there.metadata.checkpoint.signatures; }));
            EXPECT_EQ(here.metadata.codes, there.metadata.codes);
            EXPECT_EQ(here.metadata.checkpoint.state, there.metadata.checkpoint.state);
            EXPECT_EQ(here.metadata.checkpoint.root, there.metadata.checkpoint.root);
        }
    }
    [[nodiscard]] Result<LedgerSummary> verify(const std::filesystem::path& snapshot = {}) {
        return verify_ledger(joined, pool, nullptr, snapshot);
    }
    // A node that took the snapshot over, followed the other one for a while, and stopped.
    void join_and_follow() {
        ASSERT_TRUE(join().has_value());
        grow(3);
        const auto opened = open_channel_ledger(joined, channel.genesis(), 4U << 20).value();
        follow(node.ledger(), *opened.ledger, *channel.membership());
        ASSERT_TRUE(opened.ledger->close());
        ASSERT_TRUE(storage::write_seal(joined));
    }

    storage::TemporaryDirectory root;
    SmallChannel channel;
    SmallNode node{channel, root.path() / "data"};
    WorkerPool pool{2, 64};
    std::filesystem::path file = root.path() / "it.snapshot";
    std::filesystem::path joined = root.path() / "joined";
    storage::KeepingVisitor good;
    storage::BlockNumber height = 0;
    std::size_t submitted = 0;
    std::vector<Bytes> transactions;
};

TEST_F(Snapshots, TellsWhatItHoldsAndWhoVouchesForIt) {
    const auto facts = inspect(channel.genesis().header.hash());
    EXPECT_TRUE(facts.verdict) << message_of(facts.verdict);
    EXPECT_EQ(facts.channel, "test");
    EXPECT_EQ(facts.head.tip.number, height);
    EXPECT_EQ(facts.head.genesis, channel.genesis().header.hash());
    EXPECT_EQ(facts.end.leaves, 1 + submitted);
    EXPECT_EQ(facts.signers, std::vector<std::string>{"peer of A of A"});
    const auto checkpoint = node.ledger().block_header(height)->metadata.checkpoint;
    EXPECT_EQ(facts.state, checkpoint.state);
    EXPECT_EQ(facts.log_root, checkpoint.root);
}

TEST_F(Snapshots, WhoeverTakesItOverGoesOnAsTheOthersDo) {
    ASSERT_TRUE(join().has_value());
    grow(3);
    auto opened = open_channel_ledger(joined, channel.genesis(), 4U << 20).value();
    auto& ledger = *opened.ledger;
    EXPECT_EQ(ledger.tip()->number, height);
    EXPECT_EQ(ledger.first_block(), height + 1);
    follow(node.ledger(), ledger, *channel.membership());
    EXPECT_EQ(ledger.tip()->hash, node.ledger().tip()->hash);
    for (const auto& transaction : transactions) {
        EXPECT_TRUE(ledger.find(SmallChannel::id_of_transaction(transaction)).value().has_value())
            << "old ones too: they are duplicates when they come again";
    }
    EXPECT_EQ(code_of(ledger.block(1)), Code::not_kept);
}

TEST_F(Snapshots, IsMadeOfOneHeightWhileBlocksAreCommitted) {
    std::atomic<bool> enough = false;
    std::thread load([&] {
        while (!enough) grow(1);
    });
    for (int i = 0; i < 20; ++i) {
        const auto made = create_snapshot(node.ledger(), file, {});
        ASSERT_TRUE(made.has_value()) << made.error().message;
        const auto facts = inspect();
        EXPECT_TRUE(facts.verdict) << message_of(facts.verdict);
        EXPECT_EQ(facts.head.tip.number, *made);
    }
    enough = true;
    load.join();
    EXPECT_GT(node.ledger().tip()->number, height);
}

TEST_F(Snapshots, OfAnotherChannelIsRefused) {
    const SmallChannel other;
    const auto refused = join_with_snapshot(joined, file, other.genesis(), nullptr);
    EXPECT_EQ(code_of(refused), Code::wrong_channel);
    EXPECT_NE(message_of(refused).find("grew from genesis block"), std::string::npos);
    EXPECT_EQ(code_of(inspect(other.genesis().header.hash()).verdict), Code::wrong_channel);
    EXPECT_FALSE(std::filesystem::exists(ledger_path(joined)));
}

TEST_F(Snapshots, EveryFlippedByteIsNoticedAndNothingIsLeft) {
    for (std::uint64_t bit = 0; bit < std::filesystem::file_size(file) * 8; bit += 1009) {
        storage::flip_bit(file, bit);
        EXPECT_EQ(code_of(inspect_snapshot(file, std::nullopt, nullptr)), Code::malformed);
        EXPECT_EQ(code_of(join()), Code::malformed);
        EXPECT_FALSE(std::filesystem::exists(ledger_path(joined)));
        storage::flip_bit(file, bit);
    }
    EXPECT_TRUE(join().has_value());
}

TEST_F(Snapshots, ACutFileIsRefused) {
    std::filesystem::resize_file(file, std::filesystem::file_size(file) / 2);
    const auto refused = join();
    EXPECT_EQ(code_of(refused), Code::malformed);
    EXPECT_NE(message_of(refused).find("it is cut off"), std::string::npos) << message_of(refused);
    EXPECT_FALSE(std::filesystem::exists(ledger_path(joined)));
}

TEST_F(Snapshots, AnotherStateThanTheSignedOneIsRefused) {
    using Parts = storage::KeepingVisitor;
    const std::vector<std::function<void(Parts&)>> changes = {
        [](Parts& parts) { parts.entries.back().value.push_back('0'); },
        [](Parts& parts) { ++parts.entries.back().version.block; },
        [](Parts& parts) { parts.entries.back().key.key += "x"; },
        [](Parts& parts) { parts.entries.pop_back(); },
        [](Parts& parts) { parts.entries.push_back({{"z", "z"}, {1, 0}, {}}); },
        [](Parts& parts) {
            std::swap(parts.entries[1].value, parts.entries[2].value), parts.entries[1].value.push_back('1');
        },
    };
    for (const auto& change : changes) {
        forge(change);
        expect_refused(Code::bad_proof, "the state has the digest");
    }
}

TEST_F(Snapshots, AnotherLogThanTheSignedOneIsRefused) {
    using Parts = storage::KeepingVisitor;
    const std::vector<std::function<void(Parts&)>> changes = {
        [](Parts& parts) { parts.leaves.pop_back(); },
        [](Parts& parts) { parts.leaves.push_back(parts.leaves.back()); },
        [](Parts& parts) { parts.leaves[1].id = crypto::sha256(as_bytes("another")); },
        [](Parts& parts) { parts.leaves[1].code = storage::ValidationCode::DUPLICATE_TXID; },
        [](Parts& parts) { parts.leaves[1].transaction = {}; },
    };
    for (const auto& change : changes) {
        forge(change);
        expect_refused(Code::bad_proof, "the transaction log has");
    }
    forge([](Parts& parts) { std::swap(parts.leaves[1], parts.leaves[2]); });
    expect_refused(Code::bad_proof, "the log's leaf for transaction");
}

// A new state with a checkpoint to match, which nobody has signed.
TEST_F(Snapshots, ACheckpointThatNobodySignedIsRefused) {
    forge([](auto& parts) { parts.ends[0].tip.checkpoint.signatures.clear(); });
    expect_refused(Code::bad_proof, "is signed by nobody, which does not satisfy the channel's rule MAJORITY");
    const auto lie = [](storage::KeepingVisitor& parts) {
        parts.entries.push_back({{"notes", "zzz"}, {1, 0}, to_bytes("invented")});
        crypto::MultisetHash state;
        for (const auto& entry : parts.entries)
            state.add(storage::state_entry_hash(entry.key, entry.version, entry.value));
        parts.ends[0].tip.checkpoint.state = state.digest();
    };
    forge(lie);
    expect_refused(Code::bad_proof, "is over another checkpoint than that of block");
    forge([&](auto& parts) {  // signed, by somebody whom the channel does not know
        lie(parts);
        const Organization strangers("A");
        auto& checkpoint = parts.ends[0].tip.checkpoint;
        checkpoint.signatures = {sign_checkpoint(strangers.issue("peer of A", "peer"), checkpoint)};
    });
    EXPECT_FALSE(inspect().verdict);
    EXPECT_FALSE(join());
    forge([&](auto& parts) {  // signed, by a member that is no peer
        auto& checkpoint = parts.ends[0].tip.checkpoint;
        checkpoint.signatures = {sign_checkpoint(channel.client, checkpoint)};
    });
    expect_refused(Code::bad_proof, "is signed by client of A, which does not satisfy");
    forge([](auto& parts) {
        auto& signatures = parts.ends[0].tip.checkpoint.signatures;
        signatures.push_back(signatures[0]);
    });
    expect_refused(Code::bad_proof, "has signed twice");
    forge([](auto& parts) { parts.ends[0].tip.checkpoint.signatures[0].signature[5] ^= 1; });
    expect_refused(Code::bad_signature, "the signature of peer of A of A");
}

TEST_F(Snapshots, AnotherBlockThanTheSignedOneIsRefused) {
    forge([](auto& parts) { ++parts.heads[0].tip.time_ms; });
    expect_refused(Code::bad_proof, "the checkpoint is not that of block");
    forge([](auto& parts) { parts.ends[0].tip.codes[0] = storage::ValidationCode::BAD_PAYLOAD; });
    expect_refused(Code::bad_proof, "its validation codes are not those of the log");
    forge([&](auto& parts) {
        parts.ends[0].tip.finality_proof = node.ledger().block_header(height - 1)->metadata.finality_proof;
    });
    EXPECT_FALSE(inspect().verdict);
    EXPECT_FALSE(join());
}

TEST_F(Snapshots, OtherMembersThanTheGenesisBlockNamesAreRefused) {
    const SmallChannel other;
    forge([&](auto& parts) { parts.blocks[0] = other.genesis(); });
    expect_refused(Code::wrong_channel, "the snapshot names genesis block");
    forge([&](auto& parts) {  // a block that would give the channel another configuration, and that nobody ordered
        auto sealing = other.genesis();
        sealing.header.number = 1;
        sealing.header.flags = storage::BlockHeader::kSealing;
        parts.blocks.push_back(sealing);
    });
    EXPECT_FALSE(inspect().verdict);
    EXPECT_FALSE(join());
}

TEST_F(Snapshots, EnoughOrganizationsMustHaveSigned) {
    SmallChannel three(3);
    SmallNode one(three, root.path() / "three");
    ASSERT_TRUE(one.start().has_value());
    ASSERT_TRUE(one.submit(three.put("k")).has_value());
    one.wait_for(1);
    const auto made = create_snapshot(one.ledger(), file, {});
    EXPECT_EQ(code_of(made), Code::unavailable);
    EXPECT_NE(message_of(made).find("signed by peer of A of A, which does not satisfy"), std::string::npos)
        << message_of(made);
}

TEST_F(Snapshots, ANodeWithALedgerTakesNoneOver) {
    ASSERT_TRUE(join().has_value());
    const auto again = join();
    EXPECT_EQ(code_of(again), Code::already_exists);
    EXPECT_EQ(code_of(join_with_snapshot(root.path() / "data", file, channel.genesis(), nullptr)), Code::locked);
}

TEST_F(Snapshots, AJoinedLedgerIsVerifiedAsFarAsItReachesOrWithItsSnapshotWhole) {
    join_and_follow();
    const auto signed_only = verify();
    ASSERT_TRUE(signed_only.has_value()) << signed_only.error().message;
    EXPECT_FALSE(signed_only->recomputed);
    EXPECT_EQ(signed_only->first_block, height + 1);
    EXPECT_EQ(signed_only->blocks, node.ledger().tip()->number - height);
    EXPECT_EQ(signed_only->transactions, 9U);
    const auto whole = verify(file);
    ASSERT_TRUE(whole.has_value()) << whole.error().message;
    EXPECT_TRUE(whole->recomputed);
    EXPECT_EQ(whole->blocks, signed_only->blocks);
    EXPECT_EQ(whole->log_root, signed_only->log_root);
    EXPECT_EQ(code_of(rebuild_ledger(joined, pool, nullptr)), Code::not_kept);
    const auto rebuilt = rebuild_ledger(joined, pool, nullptr, file);
    ASSERT_TRUE(rebuilt.has_value()) << rebuilt.error().message;
    EXPECT_TRUE(verify(file).has_value());
}

TEST_F(Snapshots, AJoinedLedgerWithAnotherStateThanTheSignedOneIsFoundWithoutItsSnapshot) {
    join_and_follow();
    ASSERT_TRUE(verify().has_value());
    tamper_with_state(joined, std::string("notes\0k3", 8), std::string(12, '\0') + "forged");
    const auto found = verify();
    EXPECT_EQ(code_of(found), Code::corrupt);
    EXPECT_NE(message_of(found).find("state: its entries have the digest"), std::string::npos) << message_of(found);
    const auto exactly = verify(file);
    EXPECT_EQ(code_of(exactly), Code::corrupt);
    EXPECT_NE(message_of(exactly).find("state: the entry "), std::string::npos) << message_of(exactly);
    EXPECT_TRUE(rebuild_ledger(joined, pool, nullptr, file).has_value());
    EXPECT_TRUE(verify().has_value());
}

TEST_F(Snapshots, AJoinedLedgerMayBeCopiedAgain) {
    join_and_follow();
    file = root.path() / "second.snapshot";
    {
        const auto opened = inspect_channel_ledger(joined).value();
        ASSERT_TRUE(create_snapshot(*opened.ledger, file, {}).has_value());
    }
    EXPECT_TRUE(inspect(channel.genesis().header.hash()).verdict);
    joined = root.path() / "joined again";
    ASSERT_TRUE(join().has_value());
    const auto opened = open_channel_ledger(joined, channel.genesis(), 4U << 20).value();
    EXPECT_EQ(opened.ledger->tip()->hash, node.ledger().tip()->hash);
}

}  // namespace
}  // namespace tally::node
