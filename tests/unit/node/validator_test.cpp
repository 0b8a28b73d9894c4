// Every validation code, by transactions that are good but for one thing.

#include "node/roles/validator.h"

#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>

#include "storage/model/archive.h"
#include "tests/unit/node/notes_contract.h"
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

    [[nodiscard]] Judgement judge(ByteView bytes, std::int64_t time_ms = test_time_ms()) const {
        return check_transaction(bytes, time_ms, *channel.membership(), notes::contracts(), nullptr);
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

TEST_F(Validation, NobodyWritesWhereNoContractIs) {
    for (const char* space : {"", "note"}) {
        auto changed = simulation;
        changed.read_write_set.writes.push_back({{space, "channel"}, to_bytes("x")});
        expect(ILLEGAL_WRITESET, with(changed));
        changed = simulation;
        changed.read_write_set.increments.push_back({{space, "n"}, 1, 0});
        expect(ILLEGAL_WRITESET, with(changed));
    }
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
    transaction.endorsements[1].signature = b.key.sign(storage::endorsement_statement("other", transaction.simulation));
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

class OriginSigned : public Validation {
  protected:
    OriginSigned() { publish(device); }
    void publish(const crypto::PrivateKey& signer) {
        crypto::Sign1Options options;
        options.external_aad = as_bytes("test");
        record = crypto::sign1(signer, as_bytes("reading"), options);
        json = boost::json::serialize(boost::json::object{{"key", "k"}, {"device", device.public_key().pem()}});
        proposal = channel.propose(channel.client, {"test", "notes", "publish", json, {record}, {}, test_time_ms()});
    }
    crypto::PrivateKey device = crypto::PrivateKey::generate(crypto::Algorithm::p256);
    Bytes record;
    std::string json;
};

TEST_F(OriginSigned, ADevicesSignatureIsCheckedAgain) { expect(VALID, with(channel.simulate(proposal, state))); }

TEST_F(OriginSigned, EndorsersAloneCannotInventADevicesData) {
    const auto honest = channel.simulate(proposal, state);
    auto invented = honest;
    invented.origin_signatures.clear();
    expect(BAD_ORIGIN_SIGNATURE, with(invented));

    invented = honest;
    invented.origin_signatures[0].public_key =
        crypto::PrivateKey::generate(crypto::Algorithm::p256).public_key().spki();
    expect(BAD_ORIGIN_SIGNATURE, with(invented));

    invented = honest;
    invented.origin_signatures[0].attachment = 1;
    expect(BAD_ORIGIN_SIGNATURE, with(invented));

    invented = honest;
    invented.origin_signatures[0].public_key.clear();
    expect(BAD_ORIGIN_SIGNATURE, with(invented));

    // A record that another key signed: the contract would refuse, so the endorsers claim what an honest run gave.
    publish(crypto::PrivateKey::generate(crypto::Algorithm::p256));
    invented = honest;
    invented.transaction_id = SmallChannel::id_of(proposal);
    expect(BAD_ORIGIN_SIGNATURE, with(invented));
}

TEST_F(OriginSigned, ARawDigestIsCheckedAgainToo) {
    auto simulated = channel.simulate(proposal, state);
    const auto digest = crypto::sha256(as_bytes("firmware's bytes"));
    simulated.origin_signatures[0] = {storage::OriginSignature::Form::raw_digest, 0, device.public_key().spki(), digest,
                                      device.sign_digest(digest)};
    expect(VALID, with(simulated));
    simulated.origin_signatures[0].digest.bytes[0] ^= 1;
    expect(BAD_ORIGIN_SIGNATURE, with(simulated));
}

TEST_F(Validation, AnyBitOfATransactionFlippedMakesItInvalid) {
    const auto bytes = storage::encode(good());
    const auto membership = channel.membership();
    for (std::size_t byte = 0; byte < bytes.size(); byte += 3) {
        auto changed = bytes;
        changed[byte] ^= static_cast<std::uint8_t>(1U << (byte % 8));
        const auto judgement = check_transaction(changed, test_time_ms(), *membership, notes::contracts(), nullptr);
        EXPECT_NE(judgement.checked.code, VALID) << byte;
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
    const auto serial = check_block(block, *membership, notes::contracts(), nullptr, nullptr);
    WorkerPool pool(3, 16);
    crypto::VerifiedSignatures memo;
    for (int round = 0; round < 3; ++round) {
        const auto parallel = check_block(block, *membership, notes::contracts(), &memo, &pool);
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
    (void)check_transaction(bytes, test_time_ms(), *membership, notes::contracts(), &memo);
    EXPECT_EQ(memo.hits(), 0U);
    (void)check_transaction(bytes, test_time_ms(), *membership, notes::contracts(), &memo);
    EXPECT_EQ(memo.hits(), 3U) << "the creator's and two endorsers'";
    auto forged = good();
    forged.endorsements[0].signature[1] ^= 1;
    for (int i = 0; i < 2; ++i) {
        const auto judgement =
            check_transaction(storage::encode(forged), test_time_ms(), *membership, notes::contracts(), &memo);
        EXPECT_EQ(judgement.checked.code, ENDORSEMENT_POLICY_FAILURE);
    }
}

}  // namespace
}  // namespace tally::node
