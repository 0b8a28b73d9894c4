// tally network prepare | found | accept: a channel whose founders make their keys on their own machines

#include "crypto/hash.h"
#include "crypto/x509.h"
#include "node/cli/command.h"
#include "node/cli/next_step.h"
#include "node/consortium/founding.h"

namespace tally::node::cli {
namespace {

namespace json = boost::json;

struct PrepareOptions {
    NewNodes nodes;
    std::string channel = "main";
};

struct AcceptOptions {
    std::filesystem::path directory;
    std::filesystem::path genesis;
};

Status prepare(const PrepareOptions& in) {
    const auto made = TRY(prepare_founder(in.nodes, in.channel));
    if (style().json) {
        json::array nodes;
        for (const auto& node : made.nodes) nodes.emplace_back(node.string());
        print_json(json::object{{"file", made.file.string()}, {"nodes", std::move(nodes)}});
        return {};
    }
    say_done(fmt::format("{} of {} in {}", made.nodes.size() == 1 ? "A node" : "Nodes", in.nodes.organization,
                         in.nodes.directory.string()));
    say_allows_clock({in.nodes.host});
    say(fmt::format("  Give {} to whoever founds the channel. It holds no secret.", shell_word(made.file.string())));
    return {};
}

// SHA-256 over the root certificate, as people read it out to one another.
Result<std::string> fingerprint(const OrganizationConfig& organization) {
    const auto root = TRY(crypto::Certificate::from_pem(organization.roots.front()));
    return crypto::sha256(root.der()).hex();
}

Status show_founded(const Founded& founded, const std::filesystem::path& directory) {
    const auto& config = founded.config;
    json::array organizations;
    std::vector<std::vector<std::string>> rows;
    for (const auto& organization : config.organizations) {
        const auto root = TRY(fingerprint(organization));
        std::vector<std::string> nodes;
        for (const auto& node : config.nodes) {
            if (node.organization == organization.id) nodes.push_back(fmt::format("{} ({})", node.id, node.address));
        }
        organizations.push_back(json::object{{"organization", organization.id},
                                             {"root_sha256", root},
                                             {"nodes", json::array(nodes.begin(), nodes.end())}});
        rows.push_back({organization.id, fmt::format("{}", fmt::join(nodes, ", ")), root});
    }
    if (style().json) {
        print_json(json::object{{"channel", config.channel},
                                {"genesis", founded.genesis_hash},
                                {"organizations", std::move(organizations)},
                                {"fault_model", config.fault_model},
                                {"endorsement", config.endorsement},
                                {"receipt", config.receipt},
                                {"configuration", config.configuration}});
        return {};
    }
    print_table({"organization", "nodes", "SHA-256 of its root certificate"}, rows);
    print_facts({{"channel", config.channel},
                 {"fault model", config.fault_model},
                 {"endorsement", config.endorsement},
                 {"receipt", config.receipt},
                 {"configuration", config.configuration},
                 {"genesis block", founded.genesis_hash}});
    say_done((directory / "genesis.block").string());
    return {};
}

Status found(const Founding& in) {
    TRY(show_founded(TRY(found_channel(in)), in.directory));
    say(fmt::format(
        "  Give {} to every founder. Each accepts it in its own folder, and compares the hash of the genesis\n"
        "  block and its root certificate with the others, on a way that nobody else controls:",
        shell_word((in.directory / "genesis.block").string())));
    say_next({command_line({"tally", "network", "accept", "FOLDER", "genesis.block"})});
    return {};
}

Status accept(const AcceptOptions& in) {
    TRY(show_founded(TRY(accept_genesis(in.directory, in.genesis)), in.directory));
    std::vector<std::string> steps;
    std::error_code error;
    for (std::filesystem::directory_iterator each(in.directory / "nodes", error), end; !error && each != end;
         each.increment(error))
        steps.push_back(command_line({"tally", "node", "start", each->path().string()}));
    std::ranges::sort(steps);
    say_next(steps);
    return {};
}

void add_prepare(CLI::App& network, Choice& choice) {
    auto* command = network.add_subcommand(
        "prepare", "An organization's authorities, members and nodes for a channel that is founded later");
    command->footer(
        "Founding a channel of several organizations, each with its keys on its own machine:\n"
        "  tally network prepare home Operator --host 10.0.0.11     (each organization)\n"
        "  tally network found home A/founding.json B/founding.json (one of them)\n"
        "  tally network accept home genesis.block                  (each organization)");
    auto options = std::make_shared<PrepareOptions>();
    auto& nodes = options->nodes;
    command->add_option("directory", nodes.directory, "The organization's new folder")->required();
    command->add_option("organization", nodes.organization, "Name of the organization")->required();
    command->add_option("--channel", options->channel, "Name of the channel")->capture_default_str();
    command->add_option("--host", nodes.host, "Address or name of the nodes' machine")->capture_default_str();
    command->add_option("--count", nodes.count, "Number of nodes")->capture_default_str();
    command->add_option("--name", nodes.name,
                        "Name of the node; with several, NAME1, NAME2 and so on (default: the organization's name)");
    command->add_option("--roles", nodes.roles, "Roles of the nodes, separated by commas")
        ->delimiter(',')
        ->capture_default_str();
    command->add_option("--port", nodes.first_port, "HTTPS port of the first node (default: 7443)")
        ->check(CLI::Range(1, 65535));
    command
        ->add_option("--node-port", nodes.first_node_port,
                     "Port between nodes of the first node (default: HTTPS port + 1000)")
        ->check(CLI::Range(1, 65535));
    command->add_option("--days", nodes.certificate_days, "Validity of certificates")
        ->check(CLI::Range(1, 3650))
        ->capture_default_str();
    add_algorithm_option(*command, "--algorithm", nodes.algorithm, "Keys of authorities and members");
    add_algorithm_option(*command, "--node-algorithm", nodes.node_algorithm,
                         "Keys with which the nodes vote, endorse and sign checkpoints");
    on_chosen(*command, choice, options, prepare);
}

void add_found(CLI::App& network, Choice& choice) {
    auto* command =
        network.add_subcommand("found", "The genesis block of a channel, from the founding.json of every founder");
    auto options = std::make_shared<Founding>();
    command->add_option("directory", options->directory, "The folder to write into")->required();
    command->add_option("files", options->files, "founding.json of every founder")
        ->required()
        ->check(CLI::ExistingFile);
    command->add_option("--fault-model", options->fault_model, "byzantine or crash")
        ->check(CLI::IsMember({"byzantine", "crash"}))
        ->capture_default_str();
    command
        ->add_option("--endorsement", options->endorsement,
                     "Policy for transactions: MAJORITY, ANY, ALL, or like AND('A.peer','B.peer')")
        ->capture_default_str();
    command->add_option("--receipt", options->receipt, "Policy for receipts: whose signatures make one valid")
        ->capture_default_str();
    command->add_option("--configuration", options->configuration, "Policy for changes of the configuration")
        ->capture_default_str();
    command->add_option("--residency", options->residency,
                        "Where its data may lie, EU: nodes whose node.toml says otherwise take no part");
    command->add_option("--batch-messages", options->batch.max_messages, "Maximum number of transactions in a block")
        ->capture_default_str();
    command->add_option("--batch-timeout-ms", options->batch.timeout_ms, "Maximum wait before a block is cut")
        ->capture_default_str();
    on_chosen(*command, choice, options, found);
}

}  // namespace

void add_founding(CLI::App& network, Choice& choice) {
    add_prepare(network, choice);
    add_found(network, choice);
    auto* command = network.add_subcommand(
        "accept", "Check a genesis block against what this organization prepared, and take it into its folder");
    auto options = std::make_shared<AcceptOptions>();
    command->add_option("directory", options->directory, "The organization's folder")->required();
    command->add_option("genesis", options->genesis, "The genesis block that the founders agree on")->required();
    on_chosen(*command, choice, options, accept);
}

}  // namespace tally::node::cli
