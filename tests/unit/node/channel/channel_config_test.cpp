#include "node/channel/channel_config.h"

#include <gtest/gtest.h>

#include <functional>

#include "node/network/transport_key.h"
#include "storage/model/archive.h"
#include "tests/unit/crypto/x509_vectors.h"
#include "tests/unit/node/small_channel.h"
#include "tests/unit/storage/map_state.h"
#include "tests/unit/storage/temporary_directory.h"

namespace tally::node {
namespace {

using storage::code_of;
using storage::message_of;

class Configuration : public testing::Test {
  protected:
    SmallChannel channel{2};
    ChannelConfig config = channel.config;

    // The change makes the configuration refused, with a sentence that names the field.
    void expect_refused(const std::string& field, const std::function<void(ChannelConfig&)>& change) {
        auto changed = config;
        change(changed);
        const auto parsed = parse_channel_config(channel_config_json(changed));
        EXPECT_EQ(code_of(parsed), Code::bad_configuration) << field;
        EXPECT_NE(message_of(parsed).find(field), std::string::npos) << message_of(parsed);
    }
    void expect_accepted(const std::function<void(ChannelConfig&)>& change) {
        auto changed = config;
        change(changed);
        const auto parsed = parse_channel_config(channel_config_json(changed));
        EXPECT_TRUE(parsed.has_value()) << parsed.error().message;
    }
};

TEST_F(Configuration, IsReadBackAsItWasWritten) {
    config.policies = {{"notes", "'A.peer'"}};
    config.organizations[0].crls = {channel.organizations[0].revoke({channel.client}).pem()};
    const auto json = channel_config_json(config);
    const auto parsed = parse_channel_config(json);
    ASSERT_TRUE(parsed.has_value()) << parsed.error().message;
    EXPECT_EQ(channel_config_json(*parsed), json);
    EXPECT_EQ(parsed->organization_ids(), (std::vector<std::string>{"A", "B"}));
    EXPECT_EQ(parsed->model(), consensus::FaultModel::byzantine);
    EXPECT_EQ(parsed->batch_limits().max_messages, 100U);
}

TEST_F(Configuration, NamesAreShortAndPlain) {
    for (const std::string& name : {std::string(), std::string(65, 'a'), std::string("a b"), std::string("a/b"),
                                    std::string("\xc3\xa4"), std::string(".."), std::string("-a")}) {
        expect_refused("\"channel\"", [&](auto& c) { c.channel = name; });
        expect_refused("organizations[1].id", [&](auto& c) { c.organizations[1].id = name; });
        expect_refused("orderers[0].id", [&](auto& c) { c.orderers[0].id = name; });
    }
    expect_accepted([](auto& c) { c.channel = std::string(64, 'a'); });
    expect_accepted([](auto& c) { c.channel = "Main-1_x.y"; });
}

TEST_F(Configuration, TheFaultModelIsOneOfTwo) {
    expect_refused("fault_model", [](auto& c) { c.fault_model = "raft"; });
    expect_accepted([](auto& c) { c.fault_model = "crash"; });
}

TEST_F(Configuration, OrganizationsHaveDistinctNamesAndGoodCertificates) {
    expect_refused("\"organizations\"", [](auto& c) { c.organizations.clear(); });
    expect_refused("organizations[1].id", [](auto& c) { c.organizations[1].id = "A"; });
    expect_refused("organizations[0].roots", [](auto& c) { c.organizations[0].roots.clear(); });
    expect_refused("organizations[1].roots[1]",
                   [](auto& c) { c.organizations[1].roots.emplace_back("no certificate"); });
    expect_refused("organizations[0].intermediates[0]",
                   [](auto& c) { c.organizations[0].intermediates = {"-----BEGIN"}; });
    expect_refused("organizations[0].crls[0]", [](auto& c) { c.organizations[0].crls = c.organizations[0].roots; });
    expect_refused("organizations[0].crls", [](auto& c) { c.organizations[0].crls.resize(33); });
    expect_refused("organizations[0].roots", [](auto& c) { c.organizations[0].roots.resize(17); });
}

// It would end every path through that authority: nobody would be left who could take it out again.
TEST_F(Configuration, AListInAnAuthoritysNameHasItsSignature) {
    using namespace crypto::vectors;
    const auto with = [](std::string_view list) {
        return [list](ChannelConfig& c) {
            c.organizations[0].roots.emplace_back(kRoot);
            c.organizations[0].intermediates = {std::string(kIssuing)};
            c.organizations[0].crls = {std::string(kEmptyCrl), std::string(list)};
        };
    };
    expect_refused("organizations[0].crls[1]", with(kForgedCrl));
    expect_accepted(with(kLeafCrl));
    expect_accepted(with(kOtherKeyCrl));
}

TEST_F(Configuration, OrderersAreKnownByKeyAndBelongToAnOrganization) {
    expect_refused("\"orderers\"", [](auto& c) { c.orderers.clear(); });
    expect_refused("orderers[0].organization", [](auto& c) { c.orderers[0].organization = "C"; });
    expect_refused("orderers[0].public_key", [](auto& c) { c.orderers[0].public_key = "key"; });
}

class NodesOfAConfiguration : public Configuration {
  protected:
    void SetUp() override {
        config.nodes = {{config.orderers[0].id, "A", "host:1", generate_transport_key().public_key, {"orderer"}},
                        {"peer", "B", "host:2", generate_transport_key().public_key, {"committer"}}};
    }
};

TEST_F(NodesOfAConfiguration, HaveAddressesOfTheirOwn) {
    for (const std::string address : {"", "host", ":1", "host:", "host:0", "host:65536", "host:1x", "host:+1"})
        expect_refused("nodes[1].address", [&](auto& c) { c.nodes[1].address = address; });
    expect_refused("nodes[1].address", [](auto& c) { c.nodes[1].address = c.nodes[0].address; });
    expect_accepted([](auto& c) { c.nodes[1].address = "host:65535"; });
}

TEST_F(NodesOfAConfiguration, AreOfOneOrganizationForEver) {
    expect_refused("orderers", [](auto& c) { c.nodes[0].organization = "B"; });
    auto next = config;
    ++next.version;
    EXPECT_TRUE(next_channel_config(channel_config_json(next), config).has_value());
    next.nodes[1].organization = "A";
    const auto taken = next_channel_config(channel_config_json(next), config);
    EXPECT_EQ(code_of(taken), Code::bad_configuration);
    EXPECT_NE(message_of(taken).find("cannot become one of A"), std::string::npos) << message_of(taken);
}

TEST_F(Configuration, LimitsHaveBounds) {
    expect_refused("batch.max_messages", [](auto& c) { c.batch.max_messages = 0; });
    expect_refused("batch.max_messages", [](auto& c) { c.batch.max_messages = 100'001; });
    expect_refused("batch.absolute_max_bytes", [](auto& c) { c.batch.absolute_max_bytes = 4095; });
    expect_refused("batch.absolute_max_bytes", [](auto& c) { c.batch.absolute_max_bytes = (64U << 20) + 1; });
    expect_refused("batch.preferred_bytes", [](auto& c) { c.batch.preferred_bytes = 1023; });
    expect_refused("batch.preferred_bytes", [](auto& c) { c.batch.preferred_bytes = c.batch.absolute_max_bytes + 1; });
    expect_refused("batch.timeout_ms", [](auto& c) { c.batch.timeout_ms = 0; });
    expect_refused("batch.timeout_ms", [](auto& c) { c.batch.timeout_ms = 5001; });
    expect_refused("residency", [](auto& c) { c.residency = ""; });
    expect_refused("residency", [](auto& c) { c.residency = std::string(101, 'E'); });
    expect_refused("proposal_lifetime_ms", [](auto& c) { c.proposal_lifetime_ms = 999; });
    expect_refused("proposal_lifetime_ms", [](auto& c) { c.proposal_lifetime_ms = 86'400'001; });
    expect_accepted([](auto& c) {
        c.batch = {100'000, 64U << 20, 64U << 20, 5000};
        c.proposal_lifetime_ms = 86'400'000;
    });
    expect_accepted([](auto& c) {
        c.batch = {1, 1024, 4096, 1};
        c.proposal_lifetime_ms = 1000;
    });
}

TEST_F(Configuration, PoliciesAreParsedAndGivenOncePerContract) {
    expect_refused("policy \"'C.peer'\"", [](auto& c) { c.endorsement = "'C.peer'"; });
    expect_refused("policy \"\"", [](auto& c) { c.receipt = ""; });
    expect_refused("policy \"AND(\"", [](auto& c) { c.policies = {{"notes", "AND("}}; });
    expect_refused("\"notes\" occurs twice", [](auto& c) { c.policies = {{"notes", "ANY"}, {"notes", "ALL"}}; });
}

TEST_F(Configuration, ANodeTakesPartWhereTheChannelsDataMayLie) {
    EXPECT_TRUE(check_residency(config, "EU"));  // the channel says nothing
    config.residency = "EU";
    EXPECT_TRUE(check_residency(config, "EU"));
    EXPECT_TRUE(check_residency(config, ""));  // the node says nothing
    const auto elsewhere = check_residency(config, "US");
    EXPECT_EQ(code_of(elsewhere), Code::bad_configuration);
    EXPECT_NE(message_of(elsewhere).find("keeps its data in EU; this node is in US"), std::string::npos);
}

TEST_F(Configuration, UnknownAndMissingFieldsAreRefused) {
    auto json = channel_config_json(config);
    auto more = json;
    more.insert(1, R"("surprise":1,)");
    EXPECT_EQ(code_of(parse_channel_config(more)), Code::bad_configuration);
    EXPECT_NE(message_of(parse_channel_config(more)).find("surprise"), std::string::npos);
    const auto start = json.find(R"("receipt":)");
    json.erase(start, json.find(',', start) + 1 - start);
    EXPECT_EQ(code_of(parse_channel_config(json)), Code::bad_configuration);
    EXPECT_NE(message_of(parse_channel_config(json)).find("receipt"), std::string::npos);
    EXPECT_FALSE(parse_channel_config("").has_value());
    EXPECT_FALSE(parse_channel_config("[]").has_value());
}

TEST_F(Configuration, TheGenesisBlockHoldsItAndNothingElse) {
    const auto block = channel.genesis();
    const auto read = config_of_genesis(block);
    ASSERT_TRUE(read.has_value()) << read.error().message;
    EXPECT_EQ(channel_config_json(*read), channel_config_json(config));
    EXPECT_EQ(block.header.number, 0U);
    EXPECT_EQ(block.header.data_root, storage::data_root({storage::batch_digest(block.batches.at(0))}));

    auto wrong = block;
    wrong.header.number = 1;
    EXPECT_EQ(code_of(config_of_genesis(wrong)), Code::bad_configuration);
    wrong = block;
    wrong.header.channel = "other";
    EXPECT_EQ(code_of(config_of_genesis(wrong)), Code::bad_configuration);
    wrong = block;
    wrong.batches[0].push_back(wrong.batches[0][0]);
    EXPECT_EQ(code_of(config_of_genesis(wrong)), Code::bad_configuration);
    wrong = block;
    wrong.batches[0][0].back() ^= 1;
    EXPECT_FALSE(config_of_genesis(wrong).has_value());
    wrong.batches = {{channel.put("k")}};
    EXPECT_EQ(code_of(config_of_genesis(wrong)), Code::bad_configuration);
}

TEST_F(Configuration, IsReadFromTheState) {
    storage::MapState state;
    EXPECT_EQ(code_of(config_of_state(state)), Code::corrupt);
    state.values[{std::string(kConfigSpace), std::string(kConfigKey)}] = {
        to_bytes(std::string_view(channel_config_json(config))), {0, 0}};
    EXPECT_EQ(config_of_state(state)->channel, "test");
}

}  // namespace
}  // namespace tally::node
