#include "node/config/node_config.h"

#include <gtest/gtest.h>

#include "tests/unit/storage/temporary_directory.h"

namespace tally::node {
namespace {

const std::string kNode = R"([node]
name = "node1"
roles = ["endorser", "orderer", "committer", "gateway"]
data = "data"
genesis = "../genesis.block"
)";
const std::string kPeer = "[identity.peer]\ncertificate = \"peer.pem\"\nkey = \"peer-key.pem\"\n";
const std::string kOrderer = "[identity.orderer]\ncertificate = \"orderer.pem\"\nkey = \"orderer-key.pem\"\n";
const std::string kClient = "[identity.client]\ncertificate = \"client.pem\"\nkey = \"client-key.pem\"\n";
const std::string kGateway = "[gateway]\ncertificate = \"tls.pem\"\nkey = \"tls-key.pem\"\n";
const std::string kRest = kPeer + kOrderer + kClient + kGateway;

class NodeToml : public testing::Test {
  protected:
    storage::TemporaryDirectory root;

    Result<NodeConfig> load(const std::string& text) {
        storage::put_into(root.path() / "node.toml", as_bytes(text));
        return load_node_config(root.path() / "node.toml");
    }
    void expect_refused(const std::string& sentence, const std::string& text) {
        const auto loaded = load(text);
        EXPECT_EQ(storage::code_of(loaded), Code::bad_configuration) << sentence;
        EXPECT_NE(storage::message_of(loaded).find(sentence), std::string::npos) << storage::message_of(loaded);
        EXPECT_NE(storage::message_of(loaded).find("node.toml"), std::string::npos) << "the file is named";
    }
};

TEST_F(NodeToml, PathsAreRelativeToTheFileAndTheRestHasDefaults) {
    const auto config = load(kNode + kRest);
    ASSERT_TRUE(config.has_value()) << config.error().message;
    EXPECT_EQ(config->name, "node1");
    EXPECT_TRUE(config->has("orderer"));
    EXPECT_EQ(config->data, root.path() / "data");
    EXPECT_EQ(std::filesystem::weakly_canonical(config->genesis), root.path().parent_path() / "genesis.block");
    EXPECT_EQ(config->peer->certificate, root.path() / "peer.pem");
    EXPECT_EQ(config->gateway.tls.key, root.path() / "tls-key.pem");
    EXPECT_EQ(config->gateway.port, 7443);
    EXPECT_FALSE(config->gateway.access_log);
    EXPECT_EQ(config->min_free_bytes, 256U << 20);
    EXPECT_FALSE(config->allow_clock);
}

TEST_F(NodeToml, EveryValueIsTaken) {
    const auto config =
        load(kNode + "log_level = \"debug\"\nworkers = 3\n" + kPeer + kOrderer + kClient + kGateway +
             "address = \"0.0.0.0\"\nport = 0\nthreads = 4\nmax_connections = 5\nmax_connections_per_address = 6\n"
             "max_body_bytes = 2048\nrequests_per_second = 7\nburst = 8\nidle_timeout_ms = 900\n"
             "access_log = true\n"
             "[storage]\ncache_bytes = 1048576\nmin_free_bytes = 0\nlog_segment_bytes = 65536\n"
             "[order]\nqueue = 10\nbytes = 1048577\n[contracts]\nallow_clock = true\n");
    ASSERT_TRUE(config.has_value()) << config.error().message;
    EXPECT_EQ(config->log_level, "debug");
    EXPECT_EQ(config->workers, 3U);
    EXPECT_EQ(config->gateway.address, "0.0.0.0");
    EXPECT_EQ(config->gateway.port, 0);
    EXPECT_EQ(config->gateway.threads, 4U);
    EXPECT_EQ(config->gateway.max_connections, 5U);
    EXPECT_EQ(config->gateway.max_connections_per_address, 6U);
    EXPECT_EQ(config->gateway.max_body_bytes, 2048U);
    EXPECT_EQ(config->gateway.requests_per_second, 7);
    EXPECT_EQ(config->gateway.burst, 8);
    EXPECT_EQ(config->gateway.idle_timeout_ms, 900);
    EXPECT_TRUE(config->gateway.access_log);
    EXPECT_EQ(config->cache_bytes, 1048576U);
    EXPECT_EQ(config->min_free_bytes, 0U);
    EXPECT_EQ(config->log_segment_bytes, 65536U);
    EXPECT_EQ(config->order_queue, 10U);
    EXPECT_EQ(config->order_bytes, 1048577U);
    EXPECT_TRUE(config->allow_clock);
}

TEST_F(NodeToml, WhatIsMissingIsNamed) {
    expect_refused("\"node.name\": it is missing", "[node]\nroles = []\n");
    expect_refused("\"node.data\": it is missing", "[node]\nname = \"n\"\nroles = [\"orderer\"]\n");
    expect_refused("\"node.roles\"", "[node]\nname = \"n\"\n");
    expect_refused("\"node.roles\": at least one", "[node]\nname = \"n\"\nroles = []\ndata = \"d\"\ngenesis = \"g\"\n");
    expect_refused("\"identity.peer.key\": it is missing", kNode + "[identity.peer]\ncertificate = \"c\"\n");
    expect_refused("\"gateway.certificate\": it is missing", kNode + "[gateway]\nport = 1\n");
}

TEST_F(NodeToml, ARoleNeedsItsIdentity) {
    expect_refused("the role endorser needs a table [identity.peer]", kNode + kOrderer + kClient + kGateway);
    expect_refused("the role orderer needs a table [identity.orderer]", kNode + kPeer + kClient + kGateway);
    expect_refused("the role gateway needs a table [identity.client]", kNode + kPeer + kOrderer + kGateway);
    expect_refused("the role gateway needs a table [gateway]", kNode + kPeer + kOrderer + kClient);
}

TEST_F(NodeToml, UnknownKeysAndRolesAreRefused) {
    expect_refused("\"node.nmae\": this key is not known", kNode + "nmae = \"x\"\n" + kRest);
    expect_refused("\"surprise\": this key is not known", kNode + kRest + "[surprise]\n");
    expect_refused("\"identity.pier\": this key is not known", kNode + kRest + "[identity.pier]\n");
    expect_refused("\"gateway.prot\": this key is not known", kNode + kRest + "prot = 1\n");
    expect_refused("\"storage.x\"", kNode + kRest + "[storage]\nx = 1\n");
    expect_refused("\"order.x\"", kNode + kRest + "[order]\nx = 1\n");
    expect_refused("there is no role \"boss\"",
                   "[node]\nname = \"n\"\nroles = [\"boss\"]\ndata = \"d\"\ngenesis = \"g\"\n");
}

TEST_F(NodeToml, ValuesHaveTheirTypeAndRange) {
    expect_refused("\"node.name\": it must be a text", "[node]\nname = 1\nroles = []\n");
    expect_refused("\"node.name\"", "[node]\nname = \"\"\nroles = []\n");
    expect_refused("\"node.roles\": it must be a list", "[node]\nname = \"n\"\nroles = \"orderer\"\n");
    expect_refused("\"node.workers\": it must be an integer", kNode + "workers = \"2\"\n" + kRest);
    expect_refused("\"node.workers\": 0 is not within 1 and 256", kNode + "workers = 0\n" + kRest);
    expect_refused("\"node.log_level\"", kNode + "log_level = \"loud\"\n" + kRest);
    expect_refused("\"gateway.port\": 65536", kNode + kRest + "port = 65536\n");
    expect_refused("\"gateway.port\": -1", kNode + kRest + "port = -1\n");
    expect_refused("\"gateway.access_log\": it must be true or false", kNode + kRest + "access_log = 1\n");
    expect_refused("\"storage.log_segment_bytes\"", kNode + kRest + "[storage]\nlog_segment_bytes = 65535\n");
    expect_refused("\"order.bytes\"", kNode + kRest + "[order]\nbytes = 1048575\n");
}

// A table of this name that is no table must not pass as absent.
TEST_F(NodeToml, ATableIsATable) {
    expect_refused("\"storage\"", "storage = 1\n" + kNode + kRest);
    expect_refused("\"gateway\"", "gateway = \"on\"\n" + kNode + kPeer + kOrderer + kClient);
}

TEST_F(NodeToml, WhatIsNoTomlIsRefusedWithItsLine) {
    expect_refused("line 2", "[node]\nname = = 1\n");
    EXPECT_EQ(storage::code_of(load_node_config(root.path() / "missing.toml")), Code::not_found);
}

}  // namespace
}  // namespace tally::node
