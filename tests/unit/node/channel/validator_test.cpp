// Every validation code, by transactions that are good but for one thing.

#include "node/channel/validator.h"

#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>

#include "storage/model/archive.h"
#include "storage/model/read_transaction.h"
#include "tests/unit/node/small_channel.h"
#include "tests/unit/storage/map_state.h"

namespace tally::node {
namespace {

using enum storage::ValidationCode;
using storage::Simulation;
using storage::Transaction;

const std::string kPut = R"({"key":"k","value":"v"})";

class Validation : public testing::Test {
  protected:
    // Two organizations, both of whose peers must endorse.
    SmallChannel channel{2, "AND('A.peer', 'B.peer')"};
    storage::MapState state;

    Bytes proposal = channel.propose("put", kPut);
    Simulation simulation = channel.simulate(proposal, state);

    std::vector<storage::TransactionId> used;
    StateBefore before{state, [this](const storage::TransactionId& id) -> Result<bool> {
                           return std::find(used.begin(), used.end(), id) != used.end();
                       }};

    [[nodiscard]] Judgement judge(ByteView bytes, std::int64_t time_ms = test_time_ms()) const {
        auto judgement = check_transaction(bytes, {time_ms, *channel.membership(), &before});
        EXPECT_TRUE(judgement.has_value());
        return std::move(*judgement);
    }
    void expect(storage::ValidationCode code, const Judgement& judgement) {
        EXPECT_EQ(code_name(judgement.checked.code), code_name(code)) << judgement.reason;
        EXPECT_EQ(judgement.reason.empty(), code == VALID);
    }
    void expect(storage::ValidationCode code, const Transaction& transaction) {
        expect(code, judge(storage::encode(transaction)));
    }
    [[nodiscard]] Transaction good() const { return channel.endorse(proposal, simulation); }
    // Well endorsed, however wrong.
    [[nodiscard]] Transaction with(Simulation changed) const { return channel.endorse(proposal, changed); }
};

TEST_F(Validation, AGoodTransactionIsValidAndKnownByItsProposalsId) {
    const auto judgement = judge(storage::encode(good()));
    expect(VALID, judgement);
    EXPECT_EQ(judgement.checked.id, SmallChannel::id_of(proposal));
    EXPECT_EQ(judgement.checked.simulation, simulation);
}

TEST_F(Validation, WhatCannotBeReadIsABadPayload) {
    expect(BAD_PAYLOAD, judge(as_bytes("no transaction")));
    expect(BAD_PAYLOAD, judge({}));
    auto transaction = good();
    transaction.proposal.pop_back();
    expect(BAD_PAYLOAD, transaction);
    transaction = good();
    transaction.simulation.push_back(0);
    expect(BAD_PAYLOAD, transaction);
    EXPECT_NE(judge(as_bytes("one")).checked.id, judge(as_bytes("two")).checked.id) << "they are no duplicates";
}

TEST_F(Validation, AGenesisTransactionHasNoPlaceBehindBlockZero) {
    auto transaction = good();
    transaction.kind = Transaction::Kind::genesis;
    expect(UNKNOWN_TX_TYPE, transaction);
}

TEST_F(Validation, AProposalForAnotherChannelHasNoTargetHere) {
    proposal = channel.propose(channel.client, {"other", "notes", "put", kPut, {}, {}, test_time_ms()});
    simulation.transaction_id = SmallChannel::id_of(proposal);
    expect(TARGET_CHAIN_NOT_FOUND, good());
}

TEST_F(Validation, ACreatorWhoIsNoMemberOrDidNotSignIsRefused) {
    auto transaction = good();
    transaction.proposal.back() ^= 1;  // the signature's last byte
    expect(BAD_CREATOR_SIGNATURE, transaction);

    const Organization stranger("A");  // by name only
    proposal =
        channel.propose(stranger.issue("client", "client"), {"test", "notes", "put", kPut, {}, {}, test_time_ms()});
    simulation.transaction_id = SmallChannel::id_of(proposal);
    expect(BAD_CREATOR_SIGNATURE, good());
}

TEST_F(Validation, TheCreatorsCertificateIsJudgedAtTheBlocksTime) {
    const auto until = test_time_ms() + 60'000;
    const auto member = channel.organizations[0].issue("short", "client", test_time_ms() - kDay, until);
    proposal = channel.propose(member, {"test", "notes", "put", kPut, {}, {}, test_time_ms()});
    simulation.transaction_id = SmallChannel::id_of(proposal);
    const auto bytes = storage::encode(good());
    expect(VALID, judge(bytes, until - 1));
    expect(BAD_CREATOR_SIGNATURE, judge(bytes, until));
}

TEST_F(Validation, ARevokedCreatorIsRefused) {
    const auto bytes = storage::encode(good());
    channel.config.organizations[0].crls = {channel.organizations[0].revoke({}).pem()};
    expect(VALID, judge(bytes));
    channel.config.organizations[0].crls = {channel.organizations[0].revoke({channel.client}).pem()};
    expect(BAD_CREATOR_SIGNATURE, judge(bytes));
}

TEST_F(Validation, AProposalLivesAsLongAsTheChannelSays) {
    const auto bytes = storage::encode(good());
    expect(VALID, judge(bytes, test_time_ms() + 300'000));
    expect(PROPOSAL_EXPIRED, judge(bytes, test_time_ms() + 300'001));
    expect(VALID, judge(bytes, test_time_ms() - 30'000));
    expect(PROPOSAL_EXPIRED, judge(bytes, test_time_ms() - 30'001));
}

TEST_F(Validation, ASimulationOfAnotherProposalIsFound) {
    simulation.transaction_id = crypto::sha256(as_bytes("another"));
    expect(BAD_PROPOSAL_TXID, good());
}

TEST_F(Validation, ASimulationOfAnotherFunctionIsFound) {
    auto changed = simulation;
    changed.function = "append";
    expect(INVALID_ENDORSER_TRANSACTION, with(changed));
    changed = simulation;
    changed.contract = "ledger_of_others";
    expect(INVALID_ENDORSER_TRANSACTION, with(changed));
}

TEST_F(Validation, WhatIsNoFunctionThatWritesIsNoTransaction) {
    for (const auto& [contract, function] : {std::pair{"nobody", "put"}, {"notes", "nothing"}, {"notes", "get"}}) {
        proposal = channel.propose(channel.client, {"test", contract, function, kPut, {}, {}, test_time_ms()});
        simulation.transaction_id = SmallChannel::id_of(proposal);
        simulation.contract = contract;
        simulation.function = function;
        expect(INVALID_CHAINCODE, good());
    }
}

TEST_F(Validation, AContractThatTheConfigurationDoesNotNameIsNoneWhateverTheProgramKnows) {
    const auto bytes = storage::encode(good());
    std::erase_if(channel.config.contracts, [](const auto& each) { return each.contract == "notes"; });
    expect(INVALID_CHAINCODE, judge(bytes));
}

TEST_F(Validation, TheLevelOfTheRulesIsThatOfTheConfiguration) {
    const std::vector<ByteView> attachments(65, as_bytes("x"));
    proposal = channel.propose(channel.client, {"test", "notes", "put", kPut, attachments, {}, test_time_ms()});
    channel.config.rules = 2;
    const auto decoded =
        chaincode::SignedProposal::decode(proposal, proposal.size(), channel.membership()->rules().proposal);
    ASSERT_TRUE(decoded.has_value());
    simulation.transaction_id = decoded->id;
    expect(VALID, good());
    channel.config.rules = 1;
    expect(BAD_PAYLOAD, good());
}

TEST_F(Validation, ASimulationByAnotherVersionOfTheContractHasExpired) {
    simulation.version = 2;
    expect(EXPIRED_CHAINCODE, good());
}

TEST_F(Validation, ThePolicyWantsBothPeers) {
    const auto& [a, b] = std::tie(channel.peers[0], channel.peers[1]);
    const auto by = [&](const std::vector<Identity>& endorsers) {
        return channel.endorse(proposal, simulation, endorsers);
    };
    expect(VALID, by({b, a}));
    expect(ENDORSEMENT_POLICY_FAILURE, by({}));
    expect(ENDORSEMENT_POLICY_FAILURE, by({a}));
    expect(ENDORSEMENT_POLICY_FAILURE, by({a, a}));
    expect(ENDORSEMENT_POLICY_FAILURE, by({a, channel.organizations[1].issue("client", "client")}));
    expect(ENDORSEMENT_POLICY_FAILURE, by({a, Organization("B").issue("peer of B", "peer")}));
    expect(ENDORSEMENT_POLICY_FAILURE,
           by({a, channel.organizations[1].issue("old", "peer", test_time_ms() - kDay, test_time_ms())}));
}

// Each would be judged by every node.
TEST_F(Validation, MoreEndorsementsThanAnyPolicyWantsAreABadPayload) {
    auto transaction = good();
    transaction.endorsements.resize(storage::kMaxEndorsements);  // the others are empty
    expect(VALID, transaction);
    transaction.endorsements.resize(storage::kMaxEndorsements + 1);
    expect(BAD_PAYLOAD, transaction);
}

TEST_F(Validation, AnEndorsementHoldsForItsSimulationAndChannelOnly) {
    auto transaction = good();
    transaction.endorsements[1].signature[5] ^= 1;
    expect(ENDORSEMENT_POLICY_FAILURE, transaction);

    auto changed = simulation;
    changed.read_write_set.writes[0].value = to_bytes("something else");
    transaction = good();
    transaction.simulation = storage::encode(changed);
    expect(ENDORSEMENT_POLICY_FAILURE, transaction);

    transaction = good();
    const auto& b = channel.peers[1];
    transaction.endorsements[1].signature =
        b.key.sign(storage::endorsement_statement("other", crypto::sha256(transaction.simulation)));
    expect(ENDORSEMENT_POLICY_FAILURE, transaction);
}

TEST_F(Validation, ARevokedEndorserDoesNotCount) {
    channel.config.organizations[1].crls = {channel.organizations[1].revoke({channel.peers[1]}).pem()};
    expect(ENDORSEMENT_POLICY_FAILURE, good());
}

TEST_F(Validation, EveryNamespaceThatIsWrittenHasItsPolicySatisfied) {
    channel.config.endorsement = "'A.peer'";
    channel.config.policies = {{"ledger_of_others", "'B.peer'"}};
    const std::vector<Identity> only_a{channel.peers[0]};
    expect(VALID, channel.endorse(proposal, simulation, only_a));
    const auto elsewhere = channel.propose("put_elsewhere", kPut);
    const auto simulated = channel.simulate(elsewhere, state);
    ASSERT_EQ(simulated.read_write_set.writes.at(0).key.space, "ledger_of_others");
    expect(ENDORSEMENT_POLICY_FAILURE, channel.endorse(elsewhere, simulated, only_a));
    expect(ENDORSEMENT_POLICY_FAILURE, channel.endorse(elsewhere, simulated, {channel.peers[1]}));
    expect(VALID, channel.endorse(elsewhere, simulated));
}

// All endorsers together, with all their keys, against every node that only knows the chain.
class EndorsersTogether : public Validation {
  protected:
    EndorsersTogether() { publish(device); }
    void publish(const crypto::PrivateKey& signer) {
        crypto::Sign1Options options;
        options.headers.content_type = "application/note";
        options.external_aad = as_bytes("test");
        record = crypto::sign1(signer, as_bytes("reading"), options);
        json = boost::json::serialize(boost::json::object{{"key", "k"}, {"device", device.public_key().pem()}});
        proposal = channel.propose(channel.client, {"test", "notes", "publish", json, {record}, {}, test_time_ms()});
    }
    crypto::PrivateKey device = crypto::PrivateKey::generate(crypto::Algorithm::p256);
    Bytes record;
    std::string json;
};

TEST_F(EndorsersTogether, WhatTheContractGivesIsValid) { expect(VALID, with(channel.simulate(proposal, state))); }

TEST_F(EndorsersTogether, CannotInventADevicesData) {
    const auto honest = channel.simulate(proposal, state);
    auto invented = honest;
    invented.read_write_set.writes.at(0).value = to_bytes("a reading that no device signed");
    expect(SIMULATION_MISMATCH, with(invented));

    // A record that another key has signed: the contract refuses it, so the endorsers claim what an honest run gave.
    publish(crypto::PrivateKey::generate(crypto::Algorithm::p256));
    invented = honest;
    invented.transaction_id = SmallChannel::id_of(proposal);
    expect(SIMULATION_MISMATCH, with(invented));

    // No record at all.
    proposal = channel.propose(channel.client, {"test", "notes", "publish", json, {}, {}, test_time_ms()});
    invented.transaction_id = SmallChannel::id_of(proposal);
    expect(SIMULATION_MISMATCH, with(invented));
}

TEST_F(EndorsersTogether, CannotChangeAnyPartOfAResult) {
    proposal = channel.propose("append", kPut);
    state.set("notes", "k", "old", {3, 1});
    const auto honest = channel.simulate(proposal, state);
    expect(VALID, with(honest));
    const auto changed = [&](auto change) {
        auto lie = honest;
        change(lie);
        EXPECT_NE(storage::encode(lie), storage::encode(honest));
        expect(SIMULATION_MISMATCH, with(lie));
    };
    changed([](auto& lie) { lie.result = R"("oldv2")"; });
    changed([](auto& lie) { lie.events.push_back({"paid", "{}"}); });
    changed([](auto& lie) { lie.read_write_set.writes.clear(); });
    changed([](auto& lie) { lie.read_write_set.writes.at(0).value = std::nullopt; });
    changed([](auto& lie) { lie.read_write_set.writes.at(0).key.key = "k2"; });
    changed([](auto& lie) { lie.read_write_set.writes.push_back({{"notes", "z"}, to_bytes("x")}); });
    changed([](auto& lie) { lie.read_write_set.writes.push_back({{"config", "channel"}, to_bytes("x")}); });
    changed([](auto& lie) { lie.read_write_set.writes.push_back({{"nobody's", "x"}, to_bytes("x")}); });
    changed([](auto& lie) { lie.read_write_set.increments.push_back({{"notes", "n"}, 1, 0}); });
    changed([](auto& lie) { lie.read_write_set.reads.clear(); });
    changed([](auto& lie) { lie.read_write_set.reads.push_back({{"notes", "more"}, std::nullopt}); });
    changed([](auto& lie) { lie.read_write_set.range_reads.push_back({"notes", "x", "y", crypto::sha256({})}); });
}

TEST_F(Validation, AnIdThatIsUsedUpIsSaidBeforeAnythingOfTheState) {
    proposal = channel.propose("append", kPut);
    simulation = channel.simulate(proposal, state);
    const auto transaction = good();
    expect(VALID, transaction);
    used.push_back(SmallChannel::id_of(proposal));
    expect(DUPLICATE_TXID, transaction);
    state.set("notes", "k", "since then", {9, 0});
    expect(DUPLICATE_TXID, transaction);
    auto unsigned_one = transaction;
    unsigned_one.endorsements.clear();
    expect(ENDORSEMENT_POLICY_FAILURE, unsigned_one);
}

TEST_F(Validation, WhatWasReadIsComparedWithTheStateBeforeTheBlock) {
    proposal = channel.propose("append", kPut);
    simulation = channel.simulate(proposal, state);
    state.set("notes", "k", "since then", {9, 0});
    expect(MVCC_READ_CONFLICT, good());
    simulation = channel.simulate(proposal, state);
    expect(VALID, good());

    proposal = channel.propose("count", R"({"key":"k"})");
    simulation = channel.simulate(proposal, state);
    expect(VALID, good());
    state.set("notes", "k9", "a phantom", {9, 1});
    expect(PHANTOM_READ_CONFLICT, good());
}

// A store that fails says nothing of a transaction: the node must stop, and not give a verdict of its own.
TEST_F(Validation, AFailureOfTheStoreIsNoVerdict) {
    struct Failing : storage::MapState {
        mutable int left = 0;
        Result<std::optional<storage::VersionedValue>> get(const storage::StateKey& key) const override {
            if (left-- > 0) return MapState::get(key);
            return fail(Code::io_error, "the disk is gone");
        }
    } failing;
    proposal = channel.propose("append", kPut);
    const auto bytes = storage::encode(channel.endorse(proposal, channel.simulate(proposal, state)));
    for (int reads = 0; reads < 2; ++reads) {  // while the reads are compared, and while the contract runs
        failing.left = reads;
        const StateBefore there{failing, [](const storage::TransactionId&) -> Result<bool> { return false; }};
        const auto judgement = check_transaction(bytes, {test_time_ms(), *channel.membership(), &there});
        ASSERT_FALSE(judgement.has_value()) << reads;
        EXPECT_EQ(judgement.error().code, Code::io_error);
    }
    const StateBefore there{state, [](const storage::TransactionId&) -> Result<bool> {
                                return fail(Code::corrupt, "the index is damaged");
                            }};
    EXPECT_FALSE(check_transaction(bytes, {test_time_ms(), *channel.membership(), &there}).has_value());
}

TEST_F(Validation, WhatThisNodeHasEndorsedItDoesNotRunAgain) {
    RememberedSimulations remembered;
    before.remembered = &remembered;
    const auto membership = channel.membership();
    auto lie = simulation;
    lie.read_write_set.writes.at(0).value = to_bytes("not what the contract gives");
    expect(SIMULATION_MISMATCH, with(lie));
    // Only to see that it is not run: no honest node remembers such a thing.
    remembered.add("A", membership->config_hash(), storage::encode(lie));
    expect(VALID, with(lie));
    // Under another configuration it is run again.
    channel.config.proposal_lifetime_ms += 1;
    expect(SIMULATION_MISMATCH, with(lie));
}

TEST(RememberedSimulations, OneOrganizationForgetsOnlyItsOwn) {
    RememberedSimulations remembered(100);
    const auto config = crypto::sha256(as_bytes("configuration"));
    remembered.add("A", config, as_bytes("of A"));
    for (int i = 0; i < 1000; ++i) remembered.add("B", config, as_bytes(fmt::format("of B {}", i)));
    EXPECT_TRUE(remembered.contains("A", config, as_bytes("of A")));
    EXPECT_TRUE(remembered.contains("B", config, as_bytes("of B 999")));
    EXPECT_FALSE(remembered.contains("B", config, as_bytes("of B 0")));
    EXPECT_FALSE(remembered.contains("B", config, as_bytes("of A")));
}

TEST_F(Validation, AnyBitOfATransactionFlippedMakesItInvalid) {
    const auto bytes = storage::encode(good());
    const auto membership = channel.membership();
    for (std::size_t byte = 0; byte < bytes.size(); byte += 3) {
        auto changed = bytes;
        changed[byte] ^= static_cast<std::uint8_t>(1U << (byte % 8));
        const auto judgement = check_transaction(changed, {test_time_ms(), *membership, &before});
        EXPECT_NE(judgement->checked.code, VALID) << byte;
    }
}

TEST_F(Validation, InParallelItIsAsInSeries) {
    storage::Block block;
    block.header.time_ms = test_time_ms();
    auto& batch = block.batches.emplace_back();
    for (int i = 0; i < 60; ++i) {
        auto bytes = channel.put(fmt::format("key {}", i));
        if (i % 4 == 1) bytes.back() ^= 1;
        if (i % 7 == 2) bytes.pop_back();
        batch.push_back(std::move(bytes));
    }
    const auto membership = channel.membership();
    const auto serial = check_block(block, *membership, &before, nullptr, nullptr).value();
    WorkerPool pool(3, 16);
    crypto::VerifiedSignatures memo;
    for (int round = 0; round < 3; ++round) {
        const auto parallel = check_block(block, *membership, &before, &memo, &pool).value();
        ASSERT_EQ(parallel.size(), serial.size());
        for (std::size_t i = 0; i < serial.size(); ++i) {
            EXPECT_EQ(parallel[i].checked.code, serial[i].checked.code) << i;
            EXPECT_EQ(parallel[i].checked.id, serial[i].checked.id);
            EXPECT_EQ(parallel[i].checked.simulation, serial[i].checked.simulation);
            EXPECT_EQ(parallel[i].reason, serial[i].reason);
        }
    }
}

TEST_F(Validation, ASignatureThatWasVerifiedIsRememberedAndABadOneIsNot) {
    crypto::VerifiedSignatures memo;
    const auto membership = channel.membership();
    const auto bytes = storage::encode(good());
    (void)check_transaction(bytes, {test_time_ms(), *membership, &before, &memo});
    EXPECT_EQ(memo.hits(), 0U);
    (void)check_transaction(bytes, {test_time_ms(), *membership, &before, &memo});
    EXPECT_EQ(memo.hits(), 3U) << "the creator's and two endorsers'";
    auto forged = good();
    forged.endorsements[0].signature[1] ^= 1;
    for (int i = 0; i < 2; ++i) {
        const auto judgement =
            check_transaction(storage::encode(forged), {test_time_ms(), *membership, &before, &memo});
        EXPECT_EQ(judgement->checked.code, ENDORSEMENT_POLICY_FAILURE);
    }
}

}  // namespace
}  // namespace tally::node
