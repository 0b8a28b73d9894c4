// tally identity transport: a new key for a node in the network between nodes

#include "chaincode/json/reflect.h"
#include "chaincode/json/strict_json.h"
#include "node/cli/command.h"
#include "node/cli/identity_commands.h"
#include "node/cli/member_client.h"
#include "node/cli/next_step.h"
#include "node/config/node_config.h"
#include "node/consortium/consortium.h"
#include "node/network/transport_key.h"
#include "storage/files.h"

namespace tally::node::cli {
namespace {

struct TransportOptions {
    std::filesystem::path profile;
    std::filesystem::path node;
};

// The key waits beside the old one; the channel is told with the file rekey.json. The node takes the new key at its
// first start after the channel names it.
Status renew_transport(const TransportOptions& in) {
    const auto file = std::filesystem::is_directory(in.node) ? in.node / "node.toml" : in.node;
    const auto node = TRY(load_node_config(file));
    if (!node.transport_key)
        return fail(Code::bad_configuration, "{}: there is no table [network] with a key", file.string());
    auto member = TRY(MemberClient::open(in.profile));
    const auto shown = TRY(member.query("config", "show", {}));
    const auto config = TRY(parse_channel_config(std::string(shown.at("text").as_string())));
    const auto* entry = config.node(node.name);
    if (entry == nullptr) return fail(Code::not_found, "the channel names no node {}", node.name);
    Additions change{config.channel, {}, {*entry}, {}};
    change.nodes.front().transport_key = TRY(next_transport_key(*node.transport_key)).public_key;
    const auto out = file.parent_path() / "rekey.json";
    TRY(storage::write_file(out, as_bytes(chaincode::json_text(chaincode::to_json(change)) + "\n")));
    if (style().json) {
        print_json(boost::json::object{
            {"node", node.name}, {"path", out.string()}, {"transport_key", change.nodes.front().transport_key}});
    }
    say_done(fmt::format("{}: a new key for {} between nodes", out.string(), node.name));
    say_next({command_line({"tally", "config", "propose", "--add", out.string()})});
    say("  When the change is in force, start the node again.");
    return {};
}

}  // namespace

void add_transport(CLI::App& identity, Choice& choice) {
    auto* command = identity.add_subcommand(
        "transport", "A new key for a node between nodes, and the change of the configuration that names it");
    auto options = std::make_shared<TransportOptions>();
    add_profile_option(*command, options->profile);
    command->add_option("node", options->node, "The node's folder, or its node.toml")->required();
    on_chosen(*command, choice, options, renew_transport);
}

}  // namespace tally::node::cli
