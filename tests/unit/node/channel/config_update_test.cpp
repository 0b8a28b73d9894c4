// Changes of the configuration: who must have approved what, and that nothing else passes.

#include "node/channel/config_update.h"

#include <gtest/gtest.h>

#include "chaincode/json/reflect.h"
#include "chaincode/json/strict_json.h"
#include "node/channel/validator.h"
#include "node/network/transport_key.h"
#include "storage/model/archive.h"
#include "tests/unit/node/small_channel.h"
#include "tests/unit/storage/map_state.h"
#include "tests/unit/storage/temporary_directory.h"

namespace tally::node {
namespace {

using storage::code_of;
using storage::ValidationCode;

class ConfigUpdates : public testing::Test {
  protected:
    ConfigUpdates() {
        for (const auto& organization : channel.organizations) {
            admins.push_back(organization.issue("admin of " + organization.id, "admin"));
        }
        current = channel.membership();
        next = current->config();
        next.version = 1;
        next.batch.max_messages = 7;
    }
    [[nodiscard]] std::string text() const { return channel_config_json(next); }
    [[nodiscard]] ConfigApproval wanted() const {
        return {current->config_hash().hex(), config_hash(text()).hex(), test_time_ms() + kDay, known_versions()};
    }
    [[nodiscard]] Bytes approval(const Identity& by) const { return approval(by, wanted()); }
    [[nodiscard]] Bytes approval(const Identity& by, const ConfigApproval& of, std::string function = "approve",
                                 std::string contract = "config", std::string on = "test",
                                 std::vector<ByteView> attachments = {}) const {
        const auto json = chaincode::json_text(chaincode::to_json(of));
        return channel.propose(by, {std::move(on),
                                    std::move(contract),
                                    std::move(function),
                                    json,
                                    std::move(attachments),
                                    {},
                                    test_time_ms() - 20 * 3'600'000});  // older than a proposal may be
    }
    [[nodiscard]] Result<ChannelConfig> check(std::vector<Bytes> approvals) const {
        return check(ConfigUpdate{"test", text(), std::move(approvals)});
    }
    [[nodiscard]] Result<ChannelConfig> check(const ConfigUpdate& update) const {
        const auto transaction = storage::decode<storage::Transaction>(encode_config_update(update), "an update");
        return check_config_update(*transaction, *current, test_time_ms());
    }
    [[nodiscard]] std::vector<Bytes> two() const { return {approval(admins[0]), approval(admins[1])}; }

    SmallChannel channel{3};
    std::vector<Identity> admins;
    std::shared_ptr<const Membership> current;
    ChannelConfig next;
};

TEST_F(ConfigUpdates, AMajorityOfAdminsIsEnough) {
    const auto config = check(two());
    ASSERT_TRUE(config.has_value()) << config.error().message;
    EXPECT_EQ(config->batch.max_messages, 7U);
    EXPECT_EQ(code_of(check(std::vector<Bytes>(1, approval(admins[0])))), Code::permission_denied);
    EXPECT_EQ(code_of(check(std::vector<Bytes>{})), Code::permission_denied);
}

TEST_F(ConfigUpdates, OneAdminCountsOnce) {
    auto longer = wanted();
    longer.expires_ms += 1;
    EXPECT_EQ(code_of(check({approval(admins[0]), approval(admins[0], longer)})), Code::permission_denied);
}

// Each of these does not count, and none is in the way of those that do.
TEST_F(ConfigUpdates, AnApprovalThatDoesNotHoldCannotSpoilAnUpdate) {
    const auto with = [&](const Bytes& bad) {
        EXPECT_EQ(code_of(check({approval(admins[0]), bad})), Code::permission_denied);
        const auto config = check({bad, approval(admins[0]), bad, approval(admins[1])});
        EXPECT_TRUE(config.has_value()) << config.error().message;
    };
    with(approval(channel.peers[1]));
    const Organization stranger("D");
    with(approval(stranger.issue("admin", "admin")));
    auto forged = approval(admins[2]);
    forged.back() ^= 1;
    with(forged);
    with(approval(channel.organizations[1].issue("late", "admin", test_time_ms() - 2 * kDay, test_time_ms() - 1)));
    with(to_bytes("not a proposal"));
    with({});
    auto other = wanted();
    other.base = other.config;
    with(approval(admins[2], other));
    other = wanted();
    other.config = other.base;
    with(approval(admins[2], other));
    with(approval(admins[2], wanted(), "withdraw"));
    with(approval(admins[2], wanted(), "propose"));
    with(approval(admins[2], wanted(), "approve", "data"));
    with(approval(admins[2], wanted(), "approve", "config", "other"));
    const Bytes heavy(1U << 20, 7);
    with(approval(admins[2], wanted(), "approve", "config", "test", {heavy}));
    with(approval(admins[2], wanted(), "approve", "config", "test", {as_bytes("small")}));
}

TEST_F(ConfigUpdates, AnApprovalCountsUntilItExpires) {
    auto brief = wanted();
    brief.expires_ms = test_time_ms() + 1;
    EXPECT_TRUE(check({approval(admins[0]), approval(admins[1], brief)}).has_value());
    brief.expires_ms = test_time_ms();
    EXPECT_EQ(code_of(check({approval(admins[0]), approval(admins[1], brief)})), Code::permission_denied);
}

TEST_F(ConfigUpdates, AnApprovalCountsOnlyWhenItsNodeKnowsWhatTheConfigurationNames) {
    auto old = wanted();
    std::erase_if(old.knows.contracts, [](const auto& each) { return each.contract == "notes"; });
    EXPECT_EQ(code_of(check({approval(admins[0]), approval(admins[1], old)})), Code::permission_denied);
    std::erase_if(next.contracts, [](const auto& each) { return each.contract == "notes"; });
    old.config = config_hash(text()).hex();
    EXPECT_TRUE(check({approval(admins[0]), approval(admins[1], old)}).has_value());
}

TEST_F(ConfigUpdates, TheirNumberIsBounded) {
    const auto limit = current->rules().max_approvals;
    std::vector<Bytes> many(limit - 2, to_bytes("x"));
    for (const auto& each : two()) many.push_back(each);
    EXPECT_TRUE(check(many).has_value());
    many.emplace_back();
    EXPECT_EQ(code_of(check(many)), Code::malformed);
}

TEST_F(ConfigUpdates, AsFewApprovalsAsSatisfyThePolicyAreChosen) {
    const std::vector<Bytes> all{to_bytes("bad"), approval(admins[0]), approval(channel.peers[1]), approval(admins[1]),
                                 approval(admins[2])};
    const auto chosen = choose_approvals(text(), all, *current, test_time_ms());
    ASSERT_TRUE(chosen.has_value());
    EXPECT_EQ(*chosen, (std::vector<Bytes>{all[1], all[3]}));
}

// The verdict "this program is too old" needs the consent of those who decide: one organization alone stops nobody.
TEST_F(ConfigUpdates, WhatThisProgramDoesNotKnowStopsItOnlyWithEnoughApprovals) {
    auto future = next;
    future.rules = 9;
    future.contracts.push_back({"zebra", 3, {}});
    const auto future_text = channel_config_json(future);
    auto of = wanted();
    of.config = config_hash(future_text).hex();
    of.knows = future.versions();
    const auto one = ConfigUpdate{"test", future_text, {approval(admins[0], of)}};
    EXPECT_EQ(code_of(check(one)), Code::permission_denied);
    const auto enough = ConfigUpdate{"test", future_text, {approval(admins[0], of), approval(admins[1], of)}};
    const auto refused = check(enough);
    EXPECT_EQ(code_of(refused), Code::needs_upgrade);
    EXPECT_NE(refused.error().message.find("rules 9, zebra 3"), std::string::npos) << refused.error().message;

    storage::BlockHeader header;
    header.time_ms = test_time_ms();
    header.flags = storage::BlockHeader::kSealing;
    EXPECT_EQ(membership_after(header, {{encode_config_update(one)}}, current).value(), current);
    EXPECT_EQ(code_of(membership_after(header, {{encode_config_update(enough)}}, current)), Code::needs_upgrade);
    EXPECT_EQ(changes_configuration(current)(encode_config_update(one), header.time_ms), false);
    EXPECT_EQ(changes_configuration(current)(encode_config_update(enough), header.time_ms), std::nullopt);
}

// Else an organization whose consent is needed could never install its next list.
TEST_F(ConfigUpdates, AnOutdatedListLetsItsAdminsApproveAndRevokesAsBefore) {
    auto& b = channel.organizations[1];
    const auto with_list = [&](const std::vector<std::string>& serials) {
        auto config = channel.config;
        config.organizations[1].crls = {
            crypto::issue_crl(b.root_key, b.root, serials, 1, test_time_ms() - kDay, test_time_ms()).value().pem()};
        current = *Membership::from(config);
        next = config;
        next.version = 1;
    };
    with_list({});
    EXPECT_EQ(code_of(current->identify(admins[1].chain, test_time_ms())), Code::crl_expired);
    EXPECT_TRUE(check(two()).has_value());
    with_list({admins[1].certificate().serial_hex()});
    const auto refused = check(two());
    EXPECT_EQ(code_of(refused), Code::permission_denied);
    EXPECT_NE(refused.error().message.find("revoked"), std::string::npos) << refused.error().message;
}

TEST_F(ConfigUpdates, TheVersionGoesUpByOneSoThatNoConfigurationReturns) {
    for (const auto version : {0, 2}) {
        next.version = static_cast<std::uint64_t>(version);
        EXPECT_EQ(code_of(check(two())), Code::bad_configuration);
    }
}

TEST_F(ConfigUpdates, TheChannelKeepsItsNameAndTheTextItsForm) {
    EXPECT_EQ(code_of(check(ConfigUpdate{"other", text(), two()})), Code::wrong_channel);
    next.channel = "other";
    EXPECT_EQ(code_of(check(two())), Code::bad_configuration);
    next.channel = "test";
    auto spaced = wanted();
    spaced.config = config_hash(text() + " ").hex();
    EXPECT_EQ(
        code_of(check(ConfigUpdate{"test", text() + " ", {approval(admins[0], spaced), approval(admins[1], spaced)}})),
        Code::bad_configuration);
}

// A later level of the rules may add members anywhere in the configuration. Under a level that does not have them, a
// text that names one is refused by everything that reads a configuration; under a level that this program does not
// know, everything that reads one says so and reads nothing else.
class LaterMembers : public ConfigUpdates {
  protected:
    LaterMembers() {
        next.nodes = {{"orderer", "A", "host:1", generate_transport_key().public_key, {"orderer"}}};
        next.policies = {{"notes", "ANY"}};
    }
    // Refused with this code as an update with enough approvals, as a genesis block and as a state.
    void expect(const std::string& changed, Code code) {
        EXPECT_EQ(code_of(parse_channel_config(changed)), code) << changed;
        EXPECT_EQ(code_of(next_channel_config(changed, current->config())), code) << changed;
        storage::MapState state;
        state.set(kConfigSpace, kConfigKey, changed, {1, 0});
        EXPECT_EQ(code_of(config_of_state(state)), code) << changed;
        auto genesis = channel.genesis();
        auto transaction = *storage::decode<storage::Transaction>(genesis.batches[0][0], "the genesis transaction");
        auto simulation = *storage::decode<storage::Simulation>(transaction.simulation, "the genesis simulation");
        simulation.read_write_set.writes[0].value = to_bytes(changed);
        transaction.simulation = storage::encode(simulation);
        genesis.batches[0][0] = storage::encode(transaction);
        EXPECT_EQ(code_of(config_of_genesis(genesis)), code) << changed;

        auto of = wanted();
        of.config = config_hash(changed).hex();
        of.knows.rules = 9;
        const ConfigUpdate update{"test", changed, {approval(admins[0], of), approval(admins[1], of)}};
        EXPECT_EQ(code_of(check(update)), code) << changed;
        const auto bytes = encode_config_update(update);
        const bool is_later = code == Code::needs_upgrade;
        EXPECT_EQ(changes_configuration(current)(bytes, test_time_ms()),
                  is_later ? std::nullopt : std::optional(false));
        storage::BlockHeader header;
        header.time_ms = test_time_ms();
        header.flags = storage::BlockHeader::kSealing;
        const auto after = membership_after(header, {{bytes}}, current);
        if (is_later) {
            EXPECT_EQ(code_of(after), code) << changed;
        } else {
            EXPECT_EQ(after.value(), current) << changed;
        }
        if (is_later) return;
        const auto judged = check_transaction(bytes, {test_time_ms(), *current, nullptr, nullptr, true});
        EXPECT_EQ(judged->checked.code, ValidationCode::INVALID_CONFIG_TRANSACTION) << changed;
    }
    [[nodiscard]] static std::string with(std::string json, const std::string& where, const std::string& member) {
        const auto at = json.find(where);
        EXPECT_NE(at, std::string::npos) << where;
        return json.insert(at + where.size(), member + ",");
    }
};

TEST_F(LaterMembers, AreRefusedAlikeByEverythingThatReadsAConfiguration) {
    ASSERT_TRUE(check(two()).has_value()) << "as it is without them";
    for (const std::uint32_t rules : {1U, 2U}) {  // both known, and neither has them
        next.rules = rules;
        for (const std::string where : {"{", "\"batch\":{", "\"organizations\":[{", "\"nodes\":[{", "\"orderers\":[{",
                                        "\"policies\":[{", "\"contracts\":[{"})
            expect(with(text(), where, R"("later":{"x":1})"), Code::bad_configuration);
        expect(with(text(), "{", R"("later":null)"), Code::bad_configuration);
    }
}

TEST_F(LaterMembers, OfALevelThatIsNotKnownAreNotLookedAt) {
    next.rules = 9;
    for (const std::string where :
         {"{", "\"batch\":{", "\"organizations\":[{", "\"nodes\":[{", "\"orderers\":[{", "\"policies\":[{"})
        expect(with(text(), where, R"("later":{"x":1})"), Code::needs_upgrade);
}

TEST_F(ConfigUpdates, NothingElseIsInItsTransaction) {
    auto transaction =
        *storage::decode<storage::Transaction>(encode_config_update({"test", text(), two()}), "an update");
    auto more = transaction;
    more.endorsements.push_back({to_bytes("x"), to_bytes("y")});
    EXPECT_EQ(code_of(check_config_update(more, *current, test_time_ms())), Code::malformed);
    more = transaction;
    auto simulation = *storage::decode<storage::Simulation>(more.simulation, "a simulation");
    simulation.read_write_set.writes.push_back({{"notes", "x"}, to_bytes("y")});
    more.simulation = storage::encode(simulation);
    EXPECT_EQ(code_of(check_config_update(more, *current, test_time_ms())), Code::malformed);
}

TEST_F(ConfigUpdates, OnlyASealingBlockChangesTheConfiguration) {
    const auto update = encode_config_update({"test", text(), two()});
    const auto code = [&](bool sealing) {
        return check_transaction(update, {test_time_ms(), *current, nullptr, nullptr, sealing})->checked.code;
    };
    EXPECT_EQ(code(true), ValidationCode::VALID);
    EXPECT_EQ(code(false), ValidationCode::INVALID_CONFIG_TRANSACTION);

    storage::BlockHeader header;
    header.time_ms = test_time_ms();
    EXPECT_EQ(membership_after(header, {{update}}, current).value(), current);
    header.flags = storage::BlockHeader::kSealing;
    const auto after = membership_after(header, {{update}}, current).value();
    EXPECT_EQ(changes_configuration(current)(update, header.time_ms), true);
    EXPECT_EQ(changes_configuration(current)(update, header.time_ms + 86'400'000'000), false) << "approvals expire";
    EXPECT_EQ(changes_configuration(after)(update, header.time_ms), false) << "it has been applied";
    EXPECT_EQ(changes_configuration(current)(to_bytes("garbage"), header.time_ms), false);
    EXPECT_EQ(changes_configuration(current)(channel.put("a"), header.time_ms), false);
    EXPECT_EQ(after->config().batch.max_messages, 7U);
    EXPECT_EQ(membership_after(header, {{update, update}}, current).value(), current);
    EXPECT_EQ(membership_after(header, {{channel.put("a")}}, current).value(), current);
    EXPECT_EQ(membership_after(header, {{to_bytes("garbage")}}, current).value(), current);
    EXPECT_EQ(membership_after(header, {{update}}, after).value(), after) << "applied twice";
}

}  // namespace
}  // namespace tally::node
