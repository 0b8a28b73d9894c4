// tally config show | diff | propose | approve | list | apply | withdraw

#include <fmt/ranges.h>

#include <chrono>
#include <thread>

#include "chaincode/json/strict_json.h"
#include "node/channel/config_update.h"
#include "node/cli/config_edit.h"
#include "node/cli/member.h"
#include "storage/files.h"

namespace tally::node::cli {

namespace json = boost::json;

namespace {

constexpr std::chrono::seconds kOnItsWay{3};

struct ShowOptions {
    std::filesystem::path profile;
    std::filesystem::path out;
};

struct ProposeOptions {
    std::filesystem::path profile;
    std::filesystem::path file;
    ConfigEdits edits;
    std::string note;
    bool no_apply = false;
    bool dry_run = false;
};

struct NamedOptions {
    std::filesystem::path profile;
    std::string config;  // hash, its beginning, or (of diff) a file
    bool no_apply = false;
};

struct Current {
    std::string hash;
    std::string text;
};

std::string text_of(const json::value& object, std::string_view name) {
    return std::string(object.at(name).as_string());
}

Result<Current> current(Member& member) {
    const auto shown = TRY(member.query("config", "show", {}));
    return Current{text_of(shown, "hash"), text_of(shown, "text")};
}

// The one proposal whose hash begins so. Who heard of it from another organization may be faster than the own node.
Result<std::string> resolve(Member& member, const std::string& beginning) {
    const auto until = std::chrono::steady_clock::now() + kOnItsWay;
    for (;;) {
        const auto listed = TRY(member.query("config", "proposals", {}));
        std::vector<std::string> found;
        for (const auto& each : listed.at("proposals").as_array()) {
            if (auto hash = text_of(each, "config"); hash.starts_with(beginning)) found.push_back(std::move(hash));
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
Status apply_if_enough(Member& member, const std::string& config, bool no_apply, json::object out) {
    const auto proposal = TRY(member.query("config", "get", {{"config", config}}));
    std::vector<std::string> organizations;
    for (const auto& approval : proposal.at("approvals").as_array())
        organizations.push_back(text_of(approval, "organization"));
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
                        enough ? "; `tally config apply` puts it into force"
                               : "; others: tally config approve " + config.substr(0, 16)));
    return {};
}

Status show(const ShowOptions& options) {
    auto member = TRY(Member::open(options.profile));
    const auto now = TRY(current(member));
    if (!options.out.empty()) return storage::write_file(options.out, as_bytes(now.text));
    print_json(TRY(chaincode::parse_json(now.text, "the configuration")));
    return {};
}

Status diff(const NamedOptions& options) {
    auto member = TRY(Member::open(options.profile));
    const auto now = TRY(current(member));
    std::string other;
    if (std::filesystem::exists(options.config)) {
        other = TRY(storage::read_file(options.config));
    } else {
        const auto hash = TRY(resolve(member, options.config));
        other = text_of(TRY(member.query("config", "get", {{"config", hash}})), "text");
    }
    const auto differences = TRY(config_differences(now.text, other));
    if (style().json) print_json(json_of(differences));
    print_diff(differences);
    return {};
}

Status propose(const ProposeOptions& options) {
    auto member = TRY(Member::open(options.profile));
    const auto now = TRY(current(member));
    auto next = TRY(parse_channel_config(options.file.empty() ? now.text : TRY(storage::read_file(options.file))));
    TRY(edit_config(next, options.edits));
    next.version = TRY(parse_channel_config(now.text)).version + 1;
    const auto text = channel_config_json(next);
    TRY(parse_channel_config(text));
    const auto differences = TRY(config_differences(now.text, text));
    if (differences.size() < 2) return fail(Code::invalid_argument, "nothing but the version would change");
    print_diff(differences);
    if (options.dry_run) {
        if (style().json) print_json(json_of(differences));
        return {};
    }
    const auto hash = config_hash(text).hex();
    json::object arguments{{"base", now.hash}, {"config", hash}, {"text", text}};
    if (!options.note.empty()) arguments["note"] = options.note;
    TRY(member.transact("config", "propose", chaincode::json_text(arguments)));
    return apply_if_enough(member, hash, options.no_apply, {{"differences", json_of(differences)}});
}

Status approve(const NamedOptions& options) {
    auto member = TRY(Member::open(options.profile));
    const auto now = TRY(current(member));
    const auto hash = TRY(resolve(member, options.config));
    const json::object arguments{{"base", now.hash}, {"config", hash}};
    TRY(member.transact("config", "approve", chaincode::json_text(arguments)));
    return apply_if_enough(member, hash, options.no_apply, {});
}

Status apply(const NamedOptions& options) {
    auto member = TRY(Member::open(options.profile));
    const auto hash = TRY(resolve(member, options.config));
    const auto outcome = TRY(member.post(fmt::format("/v1/configuration/{}/apply", hash), {}, "application/json"));
    if (style().json) print_json(outcome);
    say_done(fmt::format("in force since block {}", outcome.at("block").to_number<std::uint64_t>()));
    return {};
}

Status withdraw(const NamedOptions& options) {
    auto member = TRY(Member::open(options.profile));
    const auto hash = TRY(resolve(member, options.config));
    const auto outcome =
        TRY(member.transact("config", "withdraw", chaincode::json_text(json::object{{"config", hash}})));
    if (style().json) print_json(outcome);
    say_done("withdrawn");
    return {};
}

Status list(const ShowOptions& options) {
    auto member = TRY(Member::open(options.profile));
    const auto listed = TRY(member.query("config", "proposals", {}));
    if (style().json) {
        print_json(listed);
        return {};
    }
    std::vector<std::vector<std::string>> rows;
    for (const auto& each : listed.at("proposals").as_array()) {
        std::vector<std::string> by;
        for (const auto& approval : each.at("approvals").as_array()) by.push_back(text_of(approval, "organization"));
        const auto is = [&](const char* name) { return each.at(name).as_bool(); };
        const char* state = is("in_force") ? "in force" : !is("open") ? "void" : is("enough") ? "approved" : "open";
        rows.push_back({text_of(each, "config").substr(0, 16), state, text_of(each, "organization"),
                        fmt::format("{}", fmt::join(by, " ")), text_of(each, "note")});
    }
    print_table({"proposal", "state", "by", "approved by", "note"}, rows);
    say(fmt::format("  needed: {} of the organizations' admins", text_of(listed, "needed")));
    return {};
}

}  // namespace

void add_config(CLI::App& app, Choice& choice) {
    auto* config = app.add_subcommand("config", "The channel's configuration, and changes of it");
    config->require_subcommand(1);

    auto* showing = config->add_subcommand("show", "The configuration as it is");
    auto shown = std::make_shared<ShowOptions>();
    add_profile_option(*showing, shown->profile);
    showing->add_option("--out", shown->out, "Into this file, for an offline verifier or to be edited");
    on_chosen(*showing, choice, shown, show);

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
    proposing->add_option("--note", proposed->note, "Why");
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
        if (std::string_view(name) == "approve")
            command->add_flag("--no-apply", options->no_apply, "Leave it at the approval even when it is enough");
        on_chosen(*command, choice, options, run);
    };
    named("diff", "What a proposal, or a file, would change", diff);
    named("approve", "Approve a proposal, and put it into force when that is enough", approve);
    named("apply", "Put a proposal into force that enough have approved", apply);
    named("withdraw", "Take back a proposal of one's own organization", withdraw);

    auto* listing = config->add_subcommand("list", "What is proposed, and who approves it");
    auto listed = std::make_shared<ShowOptions>();
    add_profile_option(*listing, listed->profile);
    on_chosen(*listing, choice, listed, list);
}

}  // namespace tally::node::cli
