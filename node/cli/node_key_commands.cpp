// tally identity transport | orderer: another key that the channel's configuration names. It waits beside the old one;
// the channel is told of it with a file.

#include "chaincode/json/reflect.h"
#include "chaincode/json/strict_json.h"
#include "node/cli/command.h"
#include "node/cli/identity_commands.h"
#include "node/cli/member_client.h"
#include "node/cli/next_step.h"
#include "node/config/node_config.h"
#include "node/consortium/consortium.h"
#include "node/consortium/renewal.h"
#include "node/network/transport_key.h"
#include "storage/files.h"

namespace tally::node::cli {
namespace {

struct NodeKeyOptions {
    std::filesystem::path profile;
    std::filesystem::path organization;  // of an orderer
    std::filesystem::path node;
    crypto::Algorithm algorithm = crypto::Algorithm::p256;
    int days = 365;
};

Result<NodeConfig> load_node(const NodeKeyOptions& in) {
    return load_node_config(std::filesystem::is_directory(in.node) ? in.node / "node.toml" : in.node);
}

// As the channel of the profile has it now.
Result<ChannelConfig> current_config(const NodeKeyOptions& in) {
    auto member = TRY(MemberClient::open(in.profile));
    const auto shown = TRY(member.query("config", "show", {}));
    return parse_channel_config(std::string(shown.at("text").as_string()));
}

Status write_change(const NodeConfig& node, const char* name, const Additions& change) {
    const auto out = node.file.parent_path() / name;
    TRY(storage::write_file(out, as_bytes(chaincode::json_text(chaincode::to_json(change)) + "\n")));
    if (style().json) {
        boost::json::object json{{"node", node.name}, {"path", out.string()}};
        if (!change.nodes.empty()) json["transport_key"] = change.nodes.front().transport_key;
        if (!change.orderers.empty()) json["public_key"] = change.orderers.front().public_key;
        print_json(json);
    }
    say_done(fmt::format("{}: a new key for {} {}", out.string(), node.name,
                         change.nodes.empty() ? "as an orderer" : "between nodes"));
    say_next({command_line({"tally", "config", "propose", "--add", out.string()})});
    return {};
}

Status renew_transport(const NodeKeyOptions& in) {
    const auto node = TRY(load_node(in));
    if (!node.transport_key)
        return fail(Code::bad_configuration, "{}: there is no table [network] with a key", node.file.string());
    const auto config = TRY(current_config(in));
    const auto* entry = config.node(node.name);
    if (entry == nullptr) return fail(Code::not_found, "the channel names no node {}", node.name);
    Additions change{config.channel, {}, {*entry}, {}};
    change.nodes.front().transport_key = TRY(next_transport_key(*node.transport_key)).public_key;
    TRY(write_change(node, "rekey.json", change));
    say("  When the change is in force, start the node again.");
    return {};
}

Status renew_orderer(const NodeKeyOptions& in) {
    const auto node = TRY(load_node(in));
    if (!node.orderer)
        return fail(Code::bad_configuration, "{}: there is no table [identity.orderer]", node.file.string());
    const auto config = TRY(current_config(in));
    const auto entry = std::ranges::find(config.orderers, node.name, &OrdererConfig::id);
    if (entry == config.orderers.end()) return fail(Code::not_found, "the channel names no orderer {}", node.name);
    Additions change{config.channel, {}, {}, {*entry}};
    const auto key =
        TRY(next_orderer_key(in.organization, node.orderer->certificate, node.orderer->key, in.algorithm, in.days));
    change.orderers.front().public_key = key.pem();
    TRY(write_change(node, "orderer.json", change));
    say("  Start the node again first, so that it has the key; it orders with the old one until the change is in "
        "force.");
    return {};
}

}  // namespace

void add_transport(CLI::App& identity, Choice& choice) {
    auto* command = identity.add_subcommand(
        "transport", "A new key for a node between nodes, and the change of the configuration that names it");
    auto options = std::make_shared<NodeKeyOptions>();
    add_profile_option(*command, options->profile);
    command->add_option("node", options->node, "The node's folder, or its node.toml")->required();
    on_chosen(*command, choice, options, renew_transport);
}

void add_orderer(CLI::App& identity, Choice& choice) {
    auto* command = identity.add_subcommand(
        "orderer", "A new key for an orderer, and the change of the configuration that names it");
    auto options = std::make_shared<NodeKeyOptions>();
    add_profile_option(*command, options->profile);
    command->add_option("organization", options->organization, "organizations/ORG of the consortium's folder")
        ->required();
    command->add_option("node", options->node, "The node's folder, or its node.toml")->required();
    add_algorithm_option(*command, "--algorithm", options->algorithm, "Of the new key");
    command->add_option("--days", options->days, "Validity")->check(CLI::Range(1, 3650))->capture_default_str();
    on_chosen(*command, choice, options, renew_orderer);
}

}  // namespace tally::node::cli
