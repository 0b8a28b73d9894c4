// The quorum of one, told as transcripts: what happens, and what the core does about it.

#include <gtest/gtest.h>

#include "consensus/core.h"
#include "storage/model/archive.h"

namespace tally::consensus {
namespace {

using Story = std::vector<std::string>;

BatchReference batch(std::uint64_t sequence) {
    return {0, sequence, crypto::sha256(as_bytes(fmt::format("batch {}", sequence))), 1, 100};
}

class SoloStory : public testing::Test {
  protected:
    crypto::PrivateKey key = *crypto::PrivateKey::from_raw(crypto::Algorithm::ed25519, Bytes(32, 1));
    Position start{41, crypto::sha256(as_bytes("block 41")), 5000, 2, 90};
    std::unique_ptr<Core> core = make_solo("test", start, [this](ByteView statement) { return key.sign(statement); });
    std::vector<Append> appended;
    std::vector<Deliver> delivered;

    // One line per action: "append 1 proposal of block 42 with 1 batches", "append 2 certificate", "deliver block 42".
    Story step(const Event& event, std::int64_t now_ms) {
        Story lines;
        for (auto& action : core->step(event, now_ms)) {
            if (auto* append = std::get_if<Append>(&action)) {
                std::string line = fmt::format("append {} certificate", append->ticket);
                if (append->type == RecordType::proposal) {
                    const auto proposal = storage::decode<Proposal>(append->record, "a proposal");
                    EXPECT_TRUE(proposal.has_value());
                    line = fmt::format("append {} proposal of block {} with {} batches at {}", append->ticket,
                                       proposal->header.number, proposal->payload.size(), proposal->header.time_ms);
                }
                lines.push_back(line);
                appended.push_back(std::move(*append));
            } else if (auto* deliver = std::get_if<Deliver>(&action)) {
                lines.push_back(fmt::format("deliver block {}", deliver->proposal.header.number));
                delivered.push_back(std::move(*deliver));
            } else {
                lines.push_back(fmt::format("wake at {}", std::get<Wake>(action).at_ms));
            }
        }
        return lines;
    }
};

TEST_F(SoloStory, ABatchBecomesABlockThatIsDeliveredOnceItIsDurable) {
    EXPECT_TRUE(core->idle());
    EXPECT_EQ(step(Tick{}, 6000), Story{});
    EXPECT_EQ(step(BatchAppended{batch(1)}, 6000),
              (Story{"append 1 proposal of block 42 with 1 batches at 6000", "append 2 certificate"}));
    EXPECT_FALSE(core->idle());
    EXPECT_EQ(step(Tick{}, 7000), Story{}) << "nothing is delivered by time alone";
    EXPECT_EQ(step(Persisted{1}, 7000), Story{}) << "the certificate is not durable yet";
    EXPECT_EQ(step(Persisted{2}, 7000), (Story{"deliver block 42"}));
    EXPECT_TRUE(core->idle());
    EXPECT_EQ(step(Persisted{2}, 7000), Story{}) << "each block is delivered once";
}

TEST_F(SoloStory, BatchesThatComeMeanwhileShareTheNextBlock) {
    EXPECT_EQ(step(BatchAppended{batch(1)}, 6000).size(), 2U);
    EXPECT_EQ(step(BatchAppended{batch(2)}, 6001), Story{});
    EXPECT_EQ(step(BatchAppended{batch(3)}, 6002), Story{});
    EXPECT_EQ(
        step(Persisted{2}, 6003),
        (Story{"deliver block 42", "append 3 proposal of block 43 with 2 batches at 6003", "append 4 certificate"}));
    EXPECT_FALSE(core->idle());
    EXPECT_EQ(step(Persisted{3}, 6004), Story{});
    EXPECT_EQ(step(Persisted{4}, 6004), (Story{"deliver block 43"}));
    EXPECT_EQ(delivered[1].proposal.payload, (std::vector{batch(2), batch(3)}));
}

TEST_F(SoloStory, TimeNeverGoesBack) {
    EXPECT_EQ(step(BatchAppended{batch(1)}, 4000).front(), "append 1 proposal of block 42 with 1 batches at 5000");
    (void)step(Persisted{2}, 4000);
    EXPECT_EQ(step(BatchAppended{batch(2)}, 9000).front(), "append 3 proposal of block 43 with 1 batches at 9000");
    (void)step(Persisted{4}, 9000);
    EXPECT_EQ(step(BatchAppended{batch(3)}, 8999).front(), "append 5 proposal of block 44 with 1 batches at 9000");
}

TEST_F(SoloStory, EachBlockLinksToTheOneBeforeItAndIsWhatItsPayloadSays) {
    for (std::uint64_t i = 1; i <= 3; ++i) {
        (void)step(BatchAppended{batch(i)}, 6000);
        (void)step(Persisted{2 * i}, 6000);
    }
    ASSERT_EQ(delivered.size(), 3U);
    auto previous = start;
    for (std::uint64_t i = 0; i < 3; ++i) {
        const auto& proposal = delivered[i].proposal;
        const auto& header = proposal.header;
        EXPECT_EQ(header.channel, "test");
        EXPECT_EQ(header.previous_hash, previous.hash);
        EXPECT_EQ(header.number, previous.number + 1);
        EXPECT_EQ(header.epoch, 2U);
        EXPECT_EQ(header.view, previous.view + 1);
        EXPECT_EQ(proposal.parent_view, previous.view);
        EXPECT_EQ(header.data_root, storage::data_root({batch(i + 1).digest}));
        previous = {header.number, header.hash(), header.time_ms, header.epoch, header.view};
    }
}

TEST_F(SoloStory, WhatIsDeliveredIsWhatWasAppendedAndItsCertificateHolds) {
    (void)step(BatchAppended{batch(1)}, 6000);
    (void)step(Persisted{2}, 6000);
    EXPECT_EQ(storage::encode(delivered.at(0).proposal), appended.at(0).record);
    EXPECT_EQ(storage::encode(delivered.at(0).finalization), appended.at(1).record);
    const auto& certificate = delivered[0].finalization;
    EXPECT_EQ(certificate.kind, VoteKind::finalize);
    EXPECT_EQ(certificate.id, delivered[0].proposal.header.hash());
    const std::vector members{key.public_key()};
    EXPECT_TRUE(verify_certificate(certificate, "test", members, FaultModel::byzantine).has_value());
    EXPECT_TRUE(verify_certificate(certificate, "test", members, FaultModel::crash).has_value());
    EXPECT_FALSE(verify_certificate(certificate, "other", members, FaultModel::byzantine).has_value());
}

TEST_F(SoloStory, EqualStoriesHaveEqualBytes) {
    auto twin = make_solo("test", start, [this](ByteView statement) { return key.sign(statement); });
    for (const Event& event :
         {Event(BatchAppended{batch(1)}), Event(Persisted{1}), Event(BatchAppended{batch(2)}), Event(Persisted{2})}) {
        const auto here = core->step(event, 6000);
        const auto there = twin->step(event, 6000);
        ASSERT_EQ(here.size(), there.size());
        for (std::size_t i = 0; i < here.size(); ++i) {
            ASSERT_EQ(here[i].index(), there[i].index());
            if (const auto* append = std::get_if<Append>(&here[i])) {
                EXPECT_EQ(append->record, std::get<Append>(there[i]).record);
            }
        }
    }
}

}  // namespace
}  // namespace tally::consensus
