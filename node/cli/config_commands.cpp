// tally config show | diff | propose | approve | list | apply | withdraw

#include <fmt/ranges.h>

#include <chrono>
#include <thread>

#include "chaincode/json/strict_json.h"
#include "node/channel/config_update.h"
#include "node/cli/command.h"
#include "node/cli/config_edit.h"
#include "node/cli/config_outlook.h"
#include "node/cli/member_client.h"
#include "node/ledgers/channel_ledger.h"
#include "node/threads/stopwatch.h"
#include "storage/files.h"

namespace tally::node::cli {

namespace json = boost::json;

namespace {

constexpr std::chrono::seconds kOnItsWay{3};

struct ConfigOptions {
    std::filesystem::path profile;
    std::filesystem::path out;
};

constexpr unsigned kHours = 24;

struct ProposeOptions {
    std::filesystem::path profile;
    std::filesystem::path file;
    ConfigEdits edits;
    std::string note;
    unsigned hours = kHours;
    bool no_apply = false;
    bool dry_run = false;
};

struct NamedOptions {
    std::filesystem::path profile;
    std::string config;  // hash, its beginning, or (of diff) a file
    unsigned hours = kHours;
    bool no_apply = false;
};

struct Current {
    std::string hash;
    std::string text;
};

std::string member_text(const json::value& object, std::string_view name) {
    return std::string(object.at(name).as_string());
}

Result<Current> current(MemberClient& member) {
    const auto shown = TRY(member.query("config", "show", {}));
    return Current{member_text(shown, "hash"), member_text(shown, "text")};
}

// Every open proposal, over all pages, and what changes need.
Result<json::object> open_proposals(MemberClient& member) {
    json::object arguments;
    json::array all;
    for (;;) {
        const auto page = TRY(member.query("config", "proposals", arguments));
        for (const auto& each : page.at("proposals").as_array()) all.push_back(each);
        const auto* next = page.as_object().if_contains("next");
        if (next == nullptr) return json::object{{"needed", page.at("needed")}, {"proposals", std::move(all)}};
        arguments["cursor"] = *next;
    }
}

// The one proposal whose hash begins so; a whole hash is asked for directly. Who heard of it from another organization
// may be faster than the own node.
Result<std::string> resolve(MemberClient& member, const std::string& beginning) {
    const auto until = std::chrono::steady_clock::now() + kOnItsWay;
    for (;;) {
        std::vector<std::string> found;
        if (crypto::Hash::from_hex(beginning)) {
            const auto one = member.query("config", "get", {{"config", beginning}});
            if (!one && one.error().code != Code::not_found) return std::unexpected(one.error());
            if (one) return beginning;
        } else {
            const auto listed = TRY(open_proposals(member));
            for (const auto& each : listed.at("proposals").as_array()) {
                if (auto hash = member_text(each, "config"); hash.starts_with(beginning))
                    found.push_back(std::move(hash));
            }
        }
        if (found.size() == 1) return found.front();
        if (found.empty() && std::chrono::steady_clock::now() < until) {
            std::this_thread::sleep_for(std::chrono::milliseconds(100));
            continue;
        }
        return fail(found.empty() ? Code::not_found : Code::invalid_argument,
                    "{} proposed configurations have a hash that begins with \"{}\"", found.size(), beginning);
    }
}

// What comes with it: printed, and as JSON.
json::object print_outlook(MemberClient& member, const ChannelConfig& now, const ChannelConfig& next) {
    const auto node = member.get("/v1/node");
    const auto outlook = outlook_of(now, next, node && node->is_object() ? node->get_object() : json::object());
    for (const auto& each : outlook.needed) say(fmt::format("  from then on: {}", each));
    for (const auto& each : outlook.warnings) say(fmt::format("  {} {}", paint(Colour::yellow, "!"), each));
    return {{"needed", json::array(outlook.needed.begin(), outlook.needed.end())},
            {"warnings", json::array(outlook.warnings.begin(), outlook.warnings.end())}};
}

// The versions that the member's node knows; those of this program, where the node does not say.
Result<json::value> known_at_node(MemberClient& member) {
    const auto node = TRY(member.get("/v1/node"));
    const auto* object = node.if_object();
    const auto* knows = object == nullptr ? nullptr : object->if_contains("knows");
    if (knows == nullptr) return fail(Code::unsupported, "the node does not say which versions it knows");
    return *knows;
}

Status send_approval(MemberClient& member, const std::string& base, const std::string& config, unsigned hours) {
    const auto expires_ms = now_ms() + std::int64_t{hours} * 3'600'000;
    const json::object arguments{
        {"base", base}, {"config", config}, {"expires_ms", expires_ms}, {"knows", TRY(known_at_node(member))}};
    TRY(member.transact("config", "approve", chaincode::json_text(arguments)));
    say(fmt::format(
        "  approved; it counts for {} hours, and cannot be taken back before, unless the configuration changes",
        hours));
    return {};
}

void print_diff(const std::vector<ConfigDifference>& differences) {
    if (style().json) return;
    for (const auto& each : differences) {
        const auto colour = each.before.empty() ? Colour::green : each.after.empty() ? Colour::red : Colour::yellow;
        const char* mark = each.before.empty() ? "+" : each.after.empty() ? "-" : "~";
        say(fmt::format("  {} {}{}", paint(colour, mark), each.path,
                        each.before.empty() || each.after.empty()
                            ? fmt::format("  {}", each.before + each.after)
                            : fmt::format("  {} -> {}", each.before, each.after)));
    }
}

json::array json_of(const std::vector<ConfigDifference>& differences) {
    json::array out;
    for (const auto& each : differences)
        out.push_back(json::object{{"path", each.path}, {"before", each.before}, {"after", each.after}});
    return out;
}

// Puts it into force when enough have approved it; else says who has.
Status apply_if_enough(MemberClient& member, const std::string& config, bool no_apply, json::object out) {
    const auto proposal = TRY(member.query("config", "get", {{"config", config}}));
    std::vector<std::string> organizations;
    for (const auto& approval : proposal.at("approvals").as_array()) {
        if (!approval.at("expired").as_bool()) organizations.push_back(member_text(approval, "organization"));
    }
    out["config"] = config;
    out["approved_by"] = json::array(organizations.begin(), organizations.end());
    out["applied"] = false;
    const bool enough = proposal.at("enough").as_bool();
    if (enough && !no_apply) {
        const auto outcome =
            TRY(member.post(fmt::format("/v1/configuration/{}/apply", config), {}, "application/json"));
        out["applied"] = true;
        out["block"] = outcome.at("block");
    }
    if (style().json) {
        print_json(out);
        return {};
    }
    if (out["applied"].as_bool())
        say_done(fmt::format("in force since block {}", out["block"].to_number<std::uint64_t>()));
    else
        say(fmt::format("  {} approved by {}{}", paint(Colour::bold, config.substr(0, 16)),
                        fmt::join(organizations, ", "),
                        enough ? "; then: tally config apply " + config.substr(0, 16)
                               : "; others: tally config approve " + config.substr(0, 16)));
    return {};
}

Status show_config(const ConfigOptions& options) {
    auto member = TRY(MemberClient::open(options.profile));
    const auto now = TRY(current(member));
    if (!options.out.empty()) {
        TRY(storage::write_file(options.out, as_bytes(now.text)));
        const auto hash = config_hash(now.text).hex();
        const auto& genesis = member.profile().genesis;
        const bool founded = !genesis.empty() && channel_config_json(TRY(read_channel_file(genesis))) == now.text;
        const auto how = founded
                             ? fmt::format("it is the one in {}", genesis.string())
                             : std::string("it is the gateway's word: compare the hash with another organization's");
        if (style().json)
            print_json(
                json::object{{"path", options.out.string()}, {"hash", hash}, {"verified", founded}, {"how", how}});
        say(fmt::format("  {} holds the configuration with the hash {}", options.out.string(), hash));
        say(fmt::format("  {} {}", founded ? paint(Colour::green, "✔") : paint(Colour::yellow, "!"), how));
        return {};
    }
    print_json(TRY(chaincode::parse_json(now.text, "the configuration")));
    return {};
}

Status diff(const NamedOptions& options) {
    auto member = TRY(MemberClient::open(options.profile));
    const auto now = TRY(current(member));
    std::string other;
    if (std::filesystem::exists(options.config)) {
        other = TRY(storage::read_file(options.config));
    } else {
        const auto hash = TRY(resolve(member, options.config));
        other = member_text(TRY(member.query("config", "get", {{"config", hash}})), "text");
    }
    const auto differences = TRY(config_differences(now.text, other));
    if (style().json) print_json(json_of(differences));
    print_diff(differences);
    return {};
}

Status propose(const ProposeOptions& options) {
    auto member = TRY(MemberClient::open(options.profile));
    const auto now = TRY(current(member));
    auto next = TRY(parse_channel_config(options.file.empty() ? now.text : TRY(storage::read_file(options.file))));
    TRY(edit_config(next, options.edits));
    next.version = TRY(parse_channel_config(now.text)).version + 1;
    const auto text = channel_config_json(next);
    const auto before = TRY(parse_channel_config(now.text));
    TRY(next_channel_config(text, before));
    const auto differences = TRY(config_differences(now.text, text));
    if (differences.size() < 2) {
        return fail(Code::invalid_argument, "{}",
                    options.edits.upgrade
                        ? "the newest contracts and rules that this program knows are in force already"
                        : "nothing but the version would change");
    }
    print_diff(differences);
    auto out = print_outlook(member, before, next);
    out["differences"] = json_of(differences);
    if (options.dry_run) {
        if (style().json) print_json(out);
        return {};
    }
    const auto hash = config_hash(text).hex();
    json::object arguments{{"base", now.hash}, {"config", hash}, {"text", text}};
    if (!options.note.empty()) arguments["note"] = options.note;
    TRY(member.transact("config", "propose", chaincode::json_text(arguments)));
    TRY(send_approval(member, now.hash, hash, options.hours));
    return apply_if_enough(member, hash, options.no_apply, std::move(out));
}

Status approve(const NamedOptions& options) {
    auto member = TRY(MemberClient::open(options.profile));
    const auto now = TRY(current(member));
    const auto hash = TRY(resolve(member, options.config));
    const auto proposal = TRY(member.query("config", "get", {{"config", hash}}));
    if (!proposal.at("open").as_bool())
        return fail(Code::conflict, "the proposal is for an earlier configuration: it is void");
    const auto before = TRY(parse_channel_config(now.text));
    const auto next = TRY(next_channel_config(member_text(proposal, "text"), before));
    auto out = print_outlook(member, before, next);
    TRY(send_approval(member, now.hash, hash, options.hours));
    return apply_if_enough(member, hash, options.no_apply, std::move(out));
}

Status apply(const NamedOptions& options) {
    auto member = TRY(MemberClient::open(options.profile));
    const auto hash = TRY(resolve(member, options.config));
    const auto outcome = TRY(member.post(fmt::format("/v1/configuration/{}/apply", hash), {}, "application/json"));
    if (style().json) print_json(outcome);
    say_done(fmt::format("in force since block {}", outcome.at("block").to_number<std::uint64_t>()));
    return {};
}

Status withdraw(const NamedOptions& options) {
    auto member = TRY(MemberClient::open(options.profile));
    const auto hash = TRY(resolve(member, options.config));
    const auto outcome =
        TRY(member.transact("config", "withdraw", chaincode::json_text(json::object{{"config", hash}})));
    if (style().json) print_json(outcome);
    say_done("withdrawn from the list");
    say("  Approvals that were given count until they expire: who kept them can still put it into force. Any other "
        "change of\n"
        "  the configuration voids them at once.");
    return {};
}

Status list_proposals(const ConfigOptions& options) {
    auto member = TRY(MemberClient::open(options.profile));
    const auto listed = TRY(open_proposals(member));
    if (style().json) {
        print_json(listed);
        return {};
    }
    std::vector<std::vector<std::string>> rows;
    for (const auto& each : listed.at("proposals").as_array()) {
        std::vector<std::string> by;
        for (const auto& approval : each.at("approvals").as_array()) {
            if (!approval.at("expired").as_bool()) by.push_back(member_text(approval, "organization"));
        }
        const char* state = each.at("enough").as_bool() ? "approved" : "open";
        rows.push_back({member_text(each, "config").substr(0, 16), state, member_text(each, "organization"),
                        fmt::format("{}", fmt::join(by, " ")), member_text(each, "note")});
    }
    print_table({"proposal", "state", "by", "approved by", "note"}, rows);
    say(fmt::format("  needed: {} of the organizations' admins", member_text(listed, "needed")));
    return {};
}

}  // namespace

void add_config(CLI::App& app, Choice& choice) {
    auto* config = app.add_subcommand("config", "The channel's configuration, and changes of it");
    config->require_subcommand(1);

    auto* showing = config->add_subcommand("show", "The configuration as it is");
    auto shown = std::make_shared<ConfigOptions>();
    add_profile_option(*showing, shown->profile);
    showing->add_option("--out", shown->out, "Into this file, for an offline verifier or to be edited");
    on_chosen(*showing, choice, shown, show_config);

    auto* proposing = config->add_subcommand("propose", "Another configuration, from a file or by edits of this one");
    auto proposed = std::make_shared<ProposeOptions>();
    add_profile_option(*proposing, proposed->profile);
    proposing->add_option("file", proposed->file, "The whole, as `show --out` writes it")->check(CLI::ExistingFile);
    proposing->add_option("--set", proposed->edits.set, "NAME=VALUE, for example batch.max_messages=500; repeatable");
    proposing->add_option("--add", proposed->edits.add,
                          "Organizations, nodes and orderers of this file (`tally network add-nodes`); repeatable");
    proposing->add_option("--remove", proposed->edits.remove,
                          "organization/ID, node/ID or orderer/ID; a node's orderer goes with it; repeatable");
    proposing->add_option("--crl", proposed->edits.crls, "ORGANIZATION=FILE: its certificate revocation list");
    proposing->add_flag("--upgrade", proposed->edits.upgrade,
                        "To the newest contracts and rules that this program knows");
    proposing->add_option("--note", proposed->note, "Why");
    proposing->add_option("--hours", proposed->hours, "How long the approval that goes with it counts")
        ->check(CLI::Range(1, 744))
        ->capture_default_str();
    proposing->add_flag("--no-apply", proposed->no_apply, "Leave it at the approval even when it is enough");
    proposing->add_flag("--dry-run", proposed->dry_run, "Only show what would change");
    on_chosen(*proposing, choice, proposed, propose);

    const auto named = [&](const char* name, const char* what, auto run) {
        auto* command = config->add_subcommand(name, what);
        auto options = std::make_shared<NamedOptions>();
        add_profile_option(*command, options->profile);
        const bool takes_file = std::string_view(name) == "diff";
        command
            ->add_option("proposal", options->config,
                         takes_file ? "A proposal's hash or the beginning of it, or a file as `show --out` writes it"
                                    : "Its hash, or the beginning of it (`tally config list`)")
            ->required();
        if (std::string_view(name) == "approve") {
            command->add_flag("--no-apply", options->no_apply, "Leave it at the approval even when it is enough");
            command->add_option("--hours", options->hours, "How long the approval counts")
                ->check(CLI::Range(1, 744))
                ->capture_default_str();
        }
        on_chosen(*command, choice, options, run);
    };
    named("diff", "What a proposal, or a file, would change", diff);
    named("approve", "Approve a proposal, and put it into force when that is enough", approve);
    named("apply", "Put a proposal into force that enough have approved", apply);
    named("withdraw", "Take a proposal of one's own organization off the list; approvals stay good until they expire",
          withdraw);

    auto* listing = config->add_subcommand("list", "What is proposed, and who approves it");
    auto listed = std::make_shared<ConfigOptions>();
    add_profile_option(*listing, listed->profile);
    on_chosen(*listing, choice, listed, list_proposals);
}

}  // namespace tally::node::cli
