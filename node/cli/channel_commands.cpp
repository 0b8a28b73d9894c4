// tally channel create | list | anchors

#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "chaincode/json/strict_json.h"
#include "node/cli/command.h"
#include "node/cli/member_client.h"
#include "node/cli/next_step.h"
#include "node/consortium/further_channel.h"
#include "node/ledgers/channel_ledger.h"

namespace tally::node::cli {

namespace json = boost::json;

namespace {

struct ChannelsOptions {
    std::filesystem::path directory;
};

struct AnchorsOptions {
    std::filesystem::path profile;
    std::string channel;
};

Status write_channel(const NewChannel& options) {
    const auto made = TRY(create_channel(options));
    if (style().json) {
        json::array nodes;
        json::array profiles;
        for (const auto& node : made.nodes) nodes.emplace_back(node.string());
        for (const auto& profile : made.profiles) profiles.emplace_back(profile.string());
        print_json(json::object{{"channel", made.config.channel}, {"nodes", nodes}, {"profiles", profiles}});
        return {};
    }
    say_done(fmt::format("channel {} of {} on {} nodes", paint(Colour::bold, made.config.channel),
                         fmt::join(made.config.organization_ids(), ", "), made.nodes.size()));
    const auto admin = std::find_if(made.profiles.begin(), made.profiles.end(),
                                    [](const auto& each) { return each.parent_path().filename() == "admin"; });
    say("  Its nodes take part in it when they are started again. It has profiles of its own.");
    const auto& profile = admin == made.profiles.end() ? made.profiles.front() : *admin;
    say_next({command_line({"tally", "cluster", "restart", options.directory.string()}),
              command_line({"export", "TALLY_PROFILE=" + profile.string()})});
    return {};
}

Status list_channels(const ChannelsOptions& options) {
    std::vector<ChannelConfig> configs{TRY(config_of_genesis(TRY(read_genesis(options.directory / "genesis.block"))))};
    std::set<std::filesystem::path> folders;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(options.directory / "channels", error))
        folders.insert(entry.path());
    for (const auto& folder : folders)
        configs.push_back(TRY(config_of_genesis(TRY(read_genesis(folder / "genesis.block")))));
    if (style().json) {
        json::array out;
        for (const auto& config : configs) {
            const auto ids = config.organization_ids();
            out.push_back(json::object{{"channel", config.channel},
                                       {"organizations", json::array(ids.begin(), ids.end())},
                                       {"nodes", config.nodes.size()},
                                       {"orderers", config.orderers.size()},
                                       {"residency", config.residency ? json::value(*config.residency) : nullptr}});
        }
        print_json(out);
        return {};
    }
    std::vector<std::vector<std::string>> rows;
    for (const auto& config : configs)
        rows.push_back({config.channel, fmt::format("{}", fmt::join(config.organization_ids(), " ")),
                        std::to_string(config.nodes.size()), std::to_string(config.orderers.size()),
                        config.residency.value_or("")});
    print_table({"channel", "organizations", "nodes", "orderers", "residency"}, rows);
    return {};
}

Status anchors(const AnchorsOptions& options) {
    auto member = TRY(MemberClient::open(options.profile));
    const auto latest = TRY(member.query("anchor", "latest", {{"channel", options.channel}}));
    if (style().json) {
        print_json(latest);
        return {};
    }
    std::vector<std::vector<std::string>> rows;
    for (const auto& each : latest.at("anchors").as_array())
        rows.push_back({std::string(each.at("organization").as_string()),
                        std::to_string(each.at("block").to_number<std::uint64_t>()),
                        std::to_string(each.at("tree_size").to_number<std::uint64_t>()),
                        std::string(each.at("genesis").as_string()).substr(0, 16),
                        std::string(each.at("root").as_string()).substr(0, 16)});
    if (rows.empty())
        say(paint(Colour::yellow,
                  fmt::format("! no checkpoint of a channel {} is here yet; its nodes anchor one when it has grown",
                              options.channel)));
    else
        print_table({"organization", "block", "transactions", "genesis", "root"}, rows);
    return {};
}

}  // namespace

void add_channel(CLI::App& app, Choice& choice) {
    auto* channel = app.add_subcommand("channel", "Further channels of a consortium, beside the root channel");
    channel->require_subcommand(1);

    auto* creating = channel->add_subcommand("create", "A channel of some organizations, on the nodes that they have");
    auto created = std::make_shared<NewChannel>();
    creating->add_option("directory", created->directory, "The consortium's folder")->required();
    creating->add_option("name", created->name, "The channel's")->required();
    creating->add_option("--organizations", created->organizations, "Separated by commas; else all")->delimiter(',');
    creating->add_option("--config", created->config, "The root channel as it is now (`tally config show --out`)")
        ->check(CLI::ExistingFile);
    creating->add_option("--residency", created->residency,
                         "Where its data may lie, EU: nodes whose node.toml says otherwise take no part");
    on_chosen(*creating, choice, created, write_channel);

    auto* listing = channel->add_subcommand("list", "The channels of a consortium's folder");
    auto listed = std::make_shared<ChannelsOptions>();
    listing->add_option("directory", listed->directory, "The consortium's folder")->required();
    on_chosen(*listing, choice, listed, list_channels);

    auto* anchored = channel->add_subcommand("anchors", "Checkpoints of a further channel that the root channel holds");
    auto asked = std::make_shared<AnchorsOptions>();
    add_profile_option(*anchored, asked->profile);
    anchored->add_option("channel", asked->channel, "The further channel's name")->required();
    on_chosen(*anchored, choice, asked, anchors);
}

}  // namespace tally::node::cli
