// tally network create | add-nodes; the others are in founding_commands.cpp

#include "node/cli/command.h"
#include "node/cli/next_step.h"
#include "node/consortium/consortium.h"

namespace tally::node::cli {

namespace {

// Whether the folder has an organization besides this one, whose admin can propose.
bool has_another(const std::filesystem::path& directory, const std::string& organization) {
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(directory / "organizations", ignored)) {
        if (entry.path().filename() != organization) return true;
    }
    return false;
}

}  // namespace

void add_network(CLI::App& app, Choice& choice) {
    auto* network = app.add_subcommand("network", "Create a consortium");
    network->require_subcommand(1);
    add_founding(*network, choice);
    auto* create = network->add_subcommand(
        "create", "Certificate authorities, members, nodes and the genesis block in a new folder");
    auto options = std::make_shared<ConsortiumOptions>();
    create->add_option("directory", options->directory, "The new folder")->required();
    create->add_option("--organizations", options->organizations, "Names, separated by commas")
        ->delimiter(',')
        ->capture_default_str();
    create->add_option("--orderers", options->orderers, "Only so many of the first nodes order; 0: every node");
    create
        ->add_option("--roles",
                     "Of the nodes, separated by commas; said again, of the next node, and so on in turn "
                     "(default: endorser,orderer,committer,gateway)")
        ->type_name("ROLE,...")
        ->take_all()
        ->each([options, said = false](const std::string& roles) mutable {
            if (!std::exchange(said, true)) options->roles.clear();
            options->roles.push_back(CLI::detail::split(roles, ','));
        });
    create->add_option("--nodes-per-organization", options->nodes_per_organization, "For each organization")
        ->check(CLI::Range(1, 100));
    create->add_option("--channel", options->channel, "The channel's name")->capture_default_str();
    create
        ->add_option(
            "--host", options->hosts,
            "IP addresses or names of the nodes' machines, in turn, separated by commas: where they are found; they "
            "listen there, or where the machine has a name at all its addresses")
        ->delimiter(',')
        ->capture_default_str();
    create->add_option("--port", options->first_port, "HTTPS port of a machine's first node; its others follow")
        ->check(CLI::Range(1, 65535))
        ->capture_default_str();
    create
        ->add_option("--node-port", options->first_node_port,
                     "Port between nodes of a machine's first node; its others follow (default: 1000 behind --port)")
        ->check(CLI::Range(1, 65535));
    create->add_option("--fault-model", options->fault_model, "byzantine or crash")
        ->check(CLI::IsMember({"byzantine", "crash"}))
        ->capture_default_str();
    create
        ->add_option("--endorsement", options->endorsement,
                     "Policy: MAJORITY, ANY, ALL, or like AND('A.peer','B.peer')")
        ->capture_default_str();
    create->add_option("--receipt", options->receipt, "Whose signatures make a receipt good; a policy")
        ->capture_default_str();
    create->add_option("--residency", options->residency,
                       "Where its data may lie, EU: nodes whose node.toml says otherwise take no part");
    create->add_option("--batch-messages", options->batch.max_messages, "Most transactions per block")
        ->capture_default_str();
    create->add_option("--batch-bytes", options->batch.preferred_bytes, "Preferred size of a block")
        ->capture_default_str();
    create->add_option("--batch-timeout-ms", options->batch.timeout_ms, "Longest wait for a block")
        ->capture_default_str();
    create
        ->add_option("--submission", options->submission,
                     "What orderers take: signed (a member's transactions) or any (bytes, for benchmarks)")
        ->check(CLI::IsMember({"signed", "any"}))
        ->capture_default_str();
    create->add_option("--driver", options->drivers,
                       "Names of load drivers that may connect to the node network and submit");
    create->add_option("--days", options->certificate_days, "Validity of certificates")
        ->check(CLI::Range(1, 3650))
        ->capture_default_str();
    add_algorithm_option(*create, "--algorithm", options->algorithm, "Keys of authorities and members");
    add_algorithm_option(*create, "--node-algorithm", options->node_algorithm,
                         "Keys with which nodes vote, endorse and sign checkpoints; their TLS keys are P-256");
    on_chosen(*create, choice, options, [](const ConsortiumOptions& in) -> Status {
        const auto consortium = TRY(create_consortium(in));
        boost::json::array nodes;
        boost::json::array profiles;
        for (const auto& node : consortium.nodes) nodes.emplace_back(node.string());
        for (const auto& profile : consortium.profiles) profiles.emplace_back(profile.string());
        if (style().json) {
            print_json(boost::json::object{{"directory", in.directory.string()},
                                           {"channel", in.channel},
                                           {"nodes", nodes},
                                           {"profiles", profiles}});
            return {};
        }
        say_done(fmt::format("Channel {} of {} in {}", paint(Colour::bold, in.channel),
                             fmt::join(in.organizations, ", "), in.directory.string()));
        say_allows_clock(in.hosts);
        const bool here = in.hosts == std::vector<std::string>{"127.0.0.1"};
        const auto start = here && consortium.nodes.size() > 1
                               ? command_line({"tally", "cluster", "up", in.directory.string()})
                               : command_line({"tally", "node", "start", consortium.nodes.front().string()}) + " &";
        say_next({start, command_line({"export", "TALLY_PROFILE=" + consortium.profiles.front().string()})});
        return {};
    });

    auto* add = network->add_subcommand("add-nodes", "Nodes, and an organization if it is new, for a consortium");
    add->footer(
        "The folder holds a consortium, or its genesis.block alone: a new organization makes its keys at home\n"
        "and gives nodes/NODE/join.json, which holds no secret, to an admin of another one.");
    auto added = std::make_shared<NewNodes>();
    add->add_option("directory", added->directory, "The consortium's folder")->required();
    add->add_option("organization", added->organization, "Its name; a new one gets authorities and members")
        ->required();
    add->add_option("--count", added->count, "How many nodes")->capture_default_str();
    add->add_option("--name", added->name, "Of the node; of more, NAME1, NAME2 and so on (default: the next nodeN)");
    add->add_option("--roles", added->roles, "Separated by commas")->delimiter(',')->capture_default_str();
    add->add_option("--host", added->host, "IP address or name of their machine")->capture_default_str();
    add->add_option("--port", added->first_port, "HTTPS port of the first; else behind those of its machine")
        ->check(CLI::Range(1, 65535));
    add->add_option("--node-port", added->first_node_port,
                    "Port between nodes of the first (default: 1000 behind --port)")
        ->check(CLI::Range(1, 65535));
    add->add_option("--days", added->certificate_days, "Validity of certificates")
        ->check(CLI::Range(1, 3650))
        ->capture_default_str();
    add_algorithm_option(*add, "--algorithm", added->algorithm, "Keys of a new organization's authorities and members");
    add_algorithm_option(*add, "--node-algorithm", added->node_algorithm,
                         "Keys with which the nodes vote, endorse and sign checkpoints");
    on_chosen(*add, choice, added, [](const NewNodes& in) -> Status {
        const auto made = TRY(add_nodes(in));
        boost::json::array nodes;
        for (const auto& node : made.nodes) nodes.emplace_back(node.string());
        if (style().json) {
            print_json(boost::json::object{{"nodes", nodes}, {"new_organization", made.new_organization}});
            return {};
        }
        const bool elsewhere = made.new_organization && !has_another(in.directory, in.organization);
        say_allows_clock({in.host});
        for (const auto& node : made.nodes) {
            say_done(fmt::format("{} of {}", paint(Colour::bold, node.string()), in.organization));
            const auto join = (node / "join.json").string();
            if (elsewhere) {
                say(fmt::format(
                    "  Give {} to an admin of the channel, who proposes it (`tally config propose --add join.json`).\n"
                    "  It holds no secret. The node may start before that:",
                    join));
                say_next({command_line({"tally", "node", "start", node.string()}) + " &"});
            } else {
                say_next({command_line({"tally", "config", "propose", "--add", join})});
            }
        }
        return {};
    });
}

}  // namespace tally::node::cli
