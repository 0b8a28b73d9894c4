// Receipts: what they prove, and that no byte of them or of what they rest on can be changed.

#include "node/channel/receipt_file.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "chaincode/json/reflect.h"
#include "chaincode/json/strict_json.h"
#include "node/channel/config_update.h"
#include "node/channel/validator.h"
#include "node/committing/committer.h"
#include "storage/model/archive.h"
#include "tests/unit/node/small_node.h"
#include "tests/unit/storage/map_state.h"
#include "tests/unit/storage/temporary_directory.h"

namespace tally::node {
namespace {

using storage::code_of;

// An update that the only admin approves, and the configuration after it.
std::pair<Bytes, std::shared_ptr<const Membership>> update_of(SmallChannel& channel) {
    auto next = channel.config;
    next.version = 1;
    next.batch.max_messages = 7;
    const auto text = channel_config_json(next);
    const auto approval = chaincode::json_text(chaincode::to_json(ConfigApproval{
        channel.membership()->config_hash().hex(), config_hash(text).hex(), test_time_ms() + kDay, known_versions()}));
    const auto admin = channel.organizations.front().issue("admin", "admin");
    auto message = channel.propose(admin, {"test", "config", "approve", approval, {}, {}, test_time_ms()});
    return {encode_config_update({"test", text, {std::move(message)}}), Membership::from(next).value()};
}

class Receipts : public testing::Test {
  protected:
    Receipts() {
        EXPECT_TRUE(node.start().has_value());
        for (int i = 0; i < 5; ++i) {
            transactions.push_back(channel.put(fmt::format("k{}", i), fmt::format("v{}", i)));
            EXPECT_TRUE(node.submit(transactions.back()).has_value());
        }
        node.wait_for(5);
    }
    [[nodiscard]] Bytes receipt_of(const Bytes& transaction) {
        return make_receipt_file(node.ledger(), SmallChannel::id_of_transaction(transaction), *channel.membership())
            .value();
    }
    [[nodiscard]] Result<ReceiptFacts> verify(ByteView file) const {
        return verify_receipt_file(file, *channel.membership());
    }

    storage::TemporaryDirectory root;
    SmallChannel channel;
    SmallNode node{channel, root.path() / "data"};
    std::vector<Bytes> transactions;
};

TEST_F(Receipts, AReceiptTellsWhatWasDoneByWhomAndWhere) {
    for (std::size_t i = 0; i < transactions.size(); ++i) {
        const auto facts = verify(receipt_of(transactions[i]));
        ASSERT_TRUE(facts.has_value()) << facts.error().message;
        const auto place = node.ledger().find(facts->id).value().value();
        EXPECT_EQ(facts->id, SmallChannel::id_of_transaction(transactions[i]));
        EXPECT_EQ(facts->code, storage::ValidationCode::VALID);
        EXPECT_EQ(facts->channel, "test");
        EXPECT_EQ(facts->block_number, place.block);
        EXPECT_EQ(facts->block_hash, node.ledger().block_header(place.block)->header.hash());
        EXPECT_EQ(facts->leaf_index, place.log_index);
        EXPECT_EQ(facts->creator.name, "client");
        EXPECT_EQ(facts->contract, "notes");
        EXPECT_EQ(facts->function, "put");
        EXPECT_EQ(facts->arguments, fmt::format(R"({{"key":"k{}","value":"v{}"}})", i, i));
        EXPECT_EQ(facts->result, fmt::format("\"v{}\"", i));
        EXPECT_EQ(facts->signers, std::vector<std::string>{"peer of A of A"});
    }
}

TEST_F(Receipts, ARefusedTransactionHasAReceiptOfItsRefusal) {
    auto forged = storage::decode<storage::Transaction>(channel.put("forged"), "a transaction").value();
    forged.endorsements.clear();
    const auto bytes = storage::encode(forged);
    ASSERT_TRUE(node.submit(bytes).has_value());
    node.wait_for(6);
    const auto facts = verify(receipt_of(bytes));
    ASSERT_TRUE(facts.has_value()) << facts.error().message;
    EXPECT_EQ(facts->code, storage::ValidationCode::ENDORSEMENT_POLICY_FAILURE);
}

// What a client sends to a node of another channel, when that node's orderer takes it.
TEST_F(Receipts, ATransactionOfAnotherChannelHasAReceiptOfItsRefusal) {
    auto proposal = channel.propose(
        channel.client, {"other", "notes", "put", R"({"key":"elsewhere","value":"x"})", {}, {}, test_time_ms()});
    const auto simulation = channel.simulate(proposal, storage::MapState());
    const auto bytes = storage::encode(channel.endorse(std::move(proposal), simulation));
    ASSERT_TRUE(node.submit(bytes).has_value());
    node.wait_for(6);
    const auto facts = verify(receipt_of(bytes));
    ASSERT_TRUE(facts.has_value()) << facts.error().message;
    EXPECT_EQ(facts->code, storage::ValidationCode::TARGET_CHAIN_NOT_FOUND);
    EXPECT_EQ(facts->channel, "test");
    EXPECT_EQ(facts->proposed_channel, "other");
}

TEST_F(Receipts, WhoseSignatureIsBadIsNotNamedAsTheCreator) {
    auto forged = storage::decode<storage::Transaction>(channel.put("forged"), "a transaction").value();
    forged.proposal.back() ^= 1;  // the signature is last
    const auto bytes = storage::encode(forged);
    ASSERT_TRUE(node.submit(bytes).has_value());
    node.wait_for(6);
    const auto facts = verify(receipt_of(bytes));
    ASSERT_TRUE(facts.has_value()) << facts.error().message;
    EXPECT_EQ(facts->code, storage::ValidationCode::BAD_CREATOR_SIGNATURE);
    EXPECT_EQ(facts->creator.name, "");
    EXPECT_EQ(made_by(*facts), "nobody who is known");
}

TEST_F(Receipts, AConfigurationUpdateHasAReceipt) {
    const auto before = channel.membership();
    const auto [update, after] = update_of(channel);
    ASSERT_TRUE(node.submit_configuration(update).has_value());
    node.wait_for(6);
    const auto id = config_update_id(storage::decode<storage::Transaction>(update, "an update").value());
    const auto file = make_receipt_file(node.ledger(), id, *before).value();
    Checks checks;
    const auto facts = verify_receipt_file(file, *before, checks);
    ASSERT_TRUE(facts.has_value()) << facts.error().message;
    EXPECT_EQ(facts->id, id);
    EXPECT_EQ(facts->code, storage::ValidationCode::VALID);
    EXPECT_EQ(facts->contract + "." + facts->function, "config.apply");
    EXPECT_EQ(facts->arguments, channel_config_json(after->config()));
    EXPECT_EQ(facts->approvers, std::vector<std::string>{"admin of A"});
    EXPECT_EQ(made_by(*facts), "admin of A");
    const auto is_of_approvals = [](const Check& check) { return check.what == "the approvals"; };
    EXPECT_EQ(std::ranges::count_if(checks.all(), is_of_approvals), 0);  // they are judged with the transaction
    // With the configuration that it made, the committers are believed, and it is said.
    Checks later;
    ASSERT_TRUE(verify_receipt_file(file, *after, later).has_value());
    const auto said = std::ranges::find_if(later.all(), is_of_approvals);
    ASSERT_NE(said, later.all().end());
    EXPECT_EQ(said->found, "not judged: the configuration here is version 1");
    for (std::size_t at = 0; at < file.size(); at += 7) {
        auto changed = file;
        changed[at] ^= 1;
        EXPECT_FALSE(verify_receipt_file(changed, *before).has_value()) << "byte " << at;
        EXPECT_FALSE(verify_receipt_file(changed, *after).has_value()) << "byte " << at;
    }
}

TEST_F(Receipts, ARefusedConfigurationUpdateHasAReceiptOfItsRefusal) {
    const auto [update, after] = update_of(channel);
    ASSERT_TRUE(node.submit(update).has_value());  // not alone in a sealing block
    node.wait_for(6);
    const auto id = config_update_id(storage::decode<storage::Transaction>(update, "an update").value());
    const auto facts = verify(make_receipt_file(node.ledger(), id, *channel.membership()).value());
    ASSERT_TRUE(facts.has_value()) << facts.error().message;
    EXPECT_EQ(facts->code, storage::ValidationCode::INVALID_CONFIG_TRANSACTION);
}

TEST_F(Receipts, OfTheGenesisTransactionThereIsNone) {
    const auto block = node.ledger().block(0).value();
    EXPECT_EQ(code_of(make_receipt_file(node.ledger(), check_genesis(block).value().id, *channel.membership())),
              Code::unsupported);
}

TEST_F(Receipts, OfAnUnknownTransactionThereIsNone) {
    EXPECT_EQ(code_of(make_receipt_file(node.ledger(), crypto::sha256(as_bytes("x")), *channel.membership())),
              Code::not_found);
}

TEST_F(Receipts, AnyByteOfTheFileChangedMakesVerificationFail) {
    const auto file = receipt_of(transactions[2]);
    const auto membership = channel.membership();
    for (std::size_t at = 0; at < file.size(); ++at) {
        for (const std::uint8_t change : {0x01, 0x80}) {
            auto changed = file;
            changed[at] ^= change;
            EXPECT_FALSE(verify_receipt_file(changed, *membership).has_value()) << "byte " << at;
        }
    }
}

TEST_F(Receipts, AnyTruncationOrAdditionMakesVerificationFail) {
    const auto file = receipt_of(transactions[2]);
    const auto membership = channel.membership();
    for (std::size_t size = 0; size < file.size(); ++size) {
        EXPECT_FALSE(verify_receipt_file(ByteView(file).first(size), *membership).has_value()) << size;
    }
    auto longer = file;
    longer.push_back(0);
    EXPECT_FALSE(verify(longer).has_value());
}

TEST_F(Receipts, AReceiptDoesNotProveAnotherTransaction) {
    const auto first = receipt_of(transactions[0]);
    const auto second = receipt_of(transactions[1]);
    // { 1: format, 2: transaction, ... }: the second's transaction in the first's file; both have the same length.
    const auto at = [&](const Bytes& file, const Bytes& transaction) {
        return std::search(file.begin(), file.end(), transaction.begin(), transaction.end()) - file.begin();
    };
    ASSERT_EQ(transactions[0].size(), transactions[1].size());
    auto mixed = first;
    std::copy(transactions[1].begin(), transactions[1].end(), mixed.begin() + at(first, transactions[0]));
    EXPECT_TRUE(verify(first).has_value() && verify(second).has_value());
    EXPECT_FALSE(verify(mixed).has_value());
}

TEST_F(Receipts, AnotherChannelsMembersDoNotAcceptIt) {
    const SmallChannel stranger;
    EXPECT_FALSE(verify_receipt_file(receipt_of(transactions[0]), *stranger.membership()).has_value());
    channel.config.channel = "other";
    EXPECT_FALSE(verify(receipt_of(transactions[0])).has_value());
}

TEST_F(Receipts, ThePolicyOfReceiptsWantsEnoughCommitters) {
    const auto receipt = receipt_of(transactions[0]);
    channel.config.receipt = "OutOf(2, 'A.peer', 'A.peer')";
    EXPECT_EQ(code_of(verify(receipt)), Code::bad_proof);
    EXPECT_EQ(code_of(make_receipt_file(node.ledger(), SmallChannel::id_of_transaction(transactions[0]),
                                        *channel.membership())),
              Code::unavailable);
}

// One committer signs every block while another says nothing: who asks for a receipt makes the node look at a bounded
// number of signatures, not at all of them up to the tip.
TEST_F(Receipts, WhileThePolicyIsNotMetABoundedNumberOfSignaturesIsLookedAt) {
    channel.config.receipt = "OutOf(2, 'A.peer', 'A.peer')";
    const auto membership = channel.membership();
    const auto id = SmallChannel::id_of_transaction(transactions[0]);
    const auto block = node.ledger().find(id).value().value().block;
    ASSERT_TRUE(node.submit(channel.put("later")).has_value());
    node.wait_for(6);
    const auto tip = node.ledger().tip()->number;
    ASSERT_GT(tip, block);
    const auto second = channel.organizations[0].issue("second peer of A", "peer");
    const auto checkpoint = node.ledger().block_header(tip)->metadata.checkpoint;
    ASSERT_TRUE(node.ledger().add_signature(tip, sign_checkpoint(second, checkpoint)).has_value());

    int looked_at = 0;
    const auto add_until = [&](int count) {
        for (; looked_at < count; ++looked_at) {
            const auto nobody = to_bytes(fmt::format("certificate {}", looked_at));
            ASSERT_TRUE(node.ledger().add_signature(block, {"A", nobody, {}, {}}).has_value());
        }
    };
    add_until(1000);
    EXPECT_TRUE(make_receipt_file(node.ledger(), id, *membership).has_value());
    add_until(20'000);
    EXPECT_EQ(code_of(make_receipt_file(node.ledger(), id, *membership)), Code::unavailable);
}

TEST_F(Receipts, ARevokedCommitterDoesNotCount) {
    channel.config.organizations[0].crls = {channel.organizations[0].revoke({channel.peers[0]}).pem()};
    EXPECT_FALSE(verify(receipt_of(transactions[0])).has_value());
}

// The organization's root is what everything rests on. Every byte of its DER changed, one at a time, in the
// configuration.
TEST_F(Receipts, AnyByteOfTheRootCertificateChangedMakesVerificationFail) {
    const auto file = receipt_of(transactions[0]);
    const auto der = channel.organizations[0].root.der();
    std::size_t parsed = 0;
    for (std::size_t at = 0; at < der.size(); ++at) {
        for (const std::uint8_t change : {0x01, 0x80}) {
            auto changed = der;
            changed[at] ^= change;
            auto config = channel.config;
            std::string pem = "-----BEGIN CERTIFICATE-----\n";
            const auto base64 = to_base64(changed);
            for (std::size_t line = 0; line < base64.size(); line += 64) pem += base64.substr(line, 64) + "\n";
            config.organizations[0].roots = {pem + "-----END CERTIFICATE-----\n"};
            const auto membership = Membership::from(config);
            if (!membership) continue;
            ++parsed;
            EXPECT_FALSE(verify_receipt_file(file, **membership).has_value()) << "byte " << at;
        }
    }
    EXPECT_GT(parsed, 100U) << "most changes leave a certificate that parses";
}

// The same for every character of its PEM text. What means the same (another end of line) may pass; it is the same
// root.
TEST_F(Receipts, AnyCharacterOfTheRootsPemChangedGivesTheSameCertificateOrFails) {
    const auto file = receipt_of(transactions[0]);
    const auto pem = channel.config.organizations[0].roots[0];
    for (std::size_t at = 0; at < pem.size(); ++at) {
        for (const char replacement : {'A', 'b', '+', '=', ' ', '\n', '-', static_cast<char>(pem[at] ^ 1)}) {
            if (replacement == pem[at]) continue;
            auto config = channel.config;
            config.organizations[0].roots[0][at] = replacement;
            const auto membership = Membership::from(config);
            if (!membership) continue;
            const auto same = crypto::Certificate::from_pem(config.organizations[0].roots[0])->der() ==
                              channel.organizations[0].root.der();
            EXPECT_EQ(verify_receipt_file(file, **membership).has_value(), same) << "character " << at;
        }
    }
}

}  // namespace
}  // namespace tally::node
