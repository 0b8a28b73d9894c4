// Changes of the configuration: who must have approved what, and that nothing else passes.

#include "node/channel/config_update.h"

#include <gtest/gtest.h>

#include "chaincode/json/strict_json.h"
#include "node/roles/validator.h"
#include "storage/model/archive.h"
#include "tests/unit/node/notes_contract.h"
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
    [[nodiscard]] Bytes approval(const Identity& by, std::string function = "approve") const {
        return approval(by, std::move(function), current->config_hash().hex(), config_hash(text()).hex());
    }
    [[nodiscard]] Bytes approval(const Identity& by, std::string function, const std::string& base,
                                 const std::string& config, std::string contract = "config",
                                 std::string on = "test") const {
        const boost::json::object arguments{{"base", base}, {"config", config}, {"anything", "else"}};
        const auto json = chaincode::json_text(arguments);
        return channel.propose(by, {std::move(on),
                                    std::move(contract),
                                    std::move(function),
                                    json,
                                    {},
                                    {},
                                    test_time_ms() - 20 * 3'600'000});  // an approval does not expire
    }
    [[nodiscard]] Result<ChannelConfig> check(std::vector<Bytes> approvals) const {
        return check(ConfigUpdate{"test", text(), std::move(approvals)});
    }
    [[nodiscard]] Result<ChannelConfig> check(const ConfigUpdate& update) const {
        const auto transaction = storage::decode<storage::Transaction>(encode_config_update(update), "an update");
        return check_config_update(*transaction, *current, test_time_ms());
    }
    [[nodiscard]] std::vector<Bytes> two() const { return {approval(admins[0], "propose"), approval(admins[1])}; }

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
    EXPECT_EQ(code_of(check({approval(admins[0]), approval(admins[0], "propose")})), Code::permission_denied);
}

TEST_F(ConfigUpdates, WhoIsNoAdminOfAMemberApprovesNothing) {
    EXPECT_EQ(code_of(check({approval(admins[0]), approval(channel.peers[1])})), Code::permission_denied);
    const Organization stranger("D");
    EXPECT_EQ(code_of(check({approval(admins[0]), approval(stranger.issue("admin", "admin"))})), Code::unauthenticated);
    auto forged = approval(admins[1]);
    forged.back() ^= 1;
    EXPECT_EQ(code_of(check({approval(admins[0]), forged})), Code::bad_signature);
    const auto expired = channel.organizations[1].issue("late", "admin", test_time_ms() - 2 * kDay, test_time_ms() - 1);
    EXPECT_EQ(code_of(check({approval(admins[0]), approval(expired)})), Code::certificate_expired);
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
    EXPECT_EQ(code_of(check(two())), Code::certificate_revoked);
}

TEST_F(ConfigUpdates, AnApprovalIsOfOneChangeOfOneChannel) {
    const auto base = current->config_hash().hex();
    const auto wanted = config_hash(text()).hex();
    const auto with = [&](Bytes second) { return check({approval(admins[0]), std::move(second)}); };
    EXPECT_EQ(code_of(with(approval(admins[1], "approve", wanted, wanted))), Code::invalid_argument);
    EXPECT_EQ(code_of(with(approval(admins[1], "approve", base, base))), Code::invalid_argument);
    EXPECT_EQ(code_of(with(approval(admins[1], "withdraw", base, wanted))), Code::invalid_argument);
    EXPECT_EQ(code_of(with(approval(admins[1], "approve", base, wanted, "data"))), Code::invalid_argument);
    EXPECT_EQ(code_of(with(approval(admins[1], "approve", base, wanted, "config", "other"))), Code::wrong_channel);
    EXPECT_EQ(code_of(with(to_bytes("not a proposal"))), Code::malformed);
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
    EXPECT_EQ(code_of(check(ConfigUpdate{"test", text() + " ", two()})), Code::bad_configuration);
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
        return check_transaction(update, test_time_ms(), *current, notes::contracts(), nullptr, sealing).checked.code;
    };
    EXPECT_EQ(code(true), ValidationCode::VALID);
    EXPECT_EQ(code(false), ValidationCode::INVALID_CONFIG_TRANSACTION);

    storage::BlockHeader header;
    header.time_ms = test_time_ms();
    EXPECT_EQ(membership_after(header, {{update}}, current), current);
    header.flags = storage::BlockHeader::kSealing;
    const auto after = membership_after(header, {{update}}, current);
    EXPECT_EQ(after->config().batch.max_messages, 7U);
    EXPECT_EQ(membership_after(header, {{update, update}}, current), current);
    EXPECT_EQ(membership_after(header, {{channel.put("a")}}, current), current);
    EXPECT_EQ(membership_after(header, {{to_bytes("garbage")}}, current), current);
    EXPECT_EQ(membership_after(header, {{update}}, after), after) << "applied twice";
}

TEST_F(ConfigUpdates, NoContractsTransactionWritesTheConfiguration) {
    auto proposal = channel.propose("put", R"({"key":"a","value":"x"})");
    auto simulation = channel.simulate(proposal, storage::MapState());
    simulation.read_write_set.writes.push_back({{"config", "channel"}, to_bytes(text())});
    const auto bytes = storage::encode(channel.endorse(proposal, simulation));
    const auto judged = check_transaction(bytes, test_time_ms(), *current, notes::contracts(), nullptr, true);
    EXPECT_EQ(judged.checked.code, ValidationCode::ILLEGAL_WRITESET);
}

}  // namespace
}  // namespace tally::node
