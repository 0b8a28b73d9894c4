// tally call CONTRACT FUNCTION: every function of every contract, with an option for each argument. The options come
// from the contract's manifest: those of the program's own contracts are in --help, others are asked of the node.

#include <algorithm>
#include <charconv>

#include "chaincode/contract.h"
#include "chaincode/json/strict_json.h"
#include "gateway/http/target.h"
#include "node/channel/known.h"
#include "node/cli/answer_table.h"
#include "node/cli/attest.h"
#include "node/cli/command.h"
#include "node/cli/json_schema.h"
#include "node/cli/member_client.h"
#include "storage/files.h"

namespace tally::node::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxFile = 4U << 20;  // of an argument

using ProfileFile = std::shared_ptr<std::filesystem::path>;  // the option of `tally call` itself

struct Call {
    ProfileFile profile;
    std::string contract;
    std::string function;
    bool writes = false;
    json::object schema;                                      // of the arguments
    std::map<std::string, std::vector<std::string>> given{};  // by the argument's name
    std::vector<std::filesystem::path> attachments{};
    bool no_wait = false;
    bool all = false;
    unsigned attempts = 1;
    AttestOptions attest{};
};

bool is_list(const json::object& schema) { return text_at(schema, "type") == "array"; }

std::string type_name(const json::object& schema) {
    const auto type = text_at(schema, "type");
    if (const auto* choices = schema.if_contains("enum")) {
        std::string names;
        for (const auto& each : choices->as_array())
            names += fmt::format("{}{}", names.empty() ? "" : "|", std::string_view(each.as_string()));
        return names;
    }
    if (type == "integer") return "INTEGER";
    if (type == "boolean") return "true|false";
    if (type == "string") return "TEXT";
    if (is_list(schema)) return type_name(schema.at("items").as_object()) + " ...";
    return "JSON";
}

Result<std::string> text_or_file(const std::string& given) {
    return given.starts_with('@') ? storage::read_file(given.substr(1), kMaxFile) : Result<std::string>(given);
}

Result<json::value> value_of(const std::string& given, const json::object& schema, const std::string& name) {
    const auto type = text_at(schema, "type");
    if (type == "integer") {
        std::int64_t number = 0;
        const auto [end, error] = std::from_chars(given.data(), given.data() + given.size(), number);
        if (error != std::errc() || end != given.data() + given.size())
            return fail(Code::invalid_argument, "--{} is \"{}\", which is no integer", name, given.substr(0, 64));
        return json::value(number);
    }
    if (type == "boolean") {
        if (given != "true" && given != "false")
            return fail(Code::invalid_argument, "--{} is \"{}\"; it is true or false", name, given.substr(0, 64));
        return json::value(given == "true");
    }
    const auto text = TRY(text_or_file(given));
    if (type == "string") return json::value(text);
    return chaincode::parse_json(text, "--" + name);
}

Result<json::object> arguments_of(const Call& call) {
    json::object arguments;
    const auto& properties = call.schema.at("properties").as_object();
    for (const auto& [name, values] : call.given) {
        if (values.empty()) continue;
        const auto& schema = properties.at(name).as_object();
        if (!is_list(schema)) {
            arguments.emplace(name, TRY(value_of(values.back(), schema, name)));
            continue;
        }
        json::array list;
        for (const auto& each : values) {
            const auto& items = schema.at("items").as_object();
            if (const auto text = TRY(text_or_file(each)); text.starts_with('[')) {  // the list, or a part of it
                auto part = TRY(chaincode::parse_json(text, "--" + name));
                for (auto& item : part.as_array()) list.push_back(std::move(item));
                continue;
            }
            list.push_back(TRY(value_of(each, items, name)));
        }
        arguments.emplace(name, std::move(list));
    }
    return arguments;
}

Status submit(MemberClient& member, const Call& call, const json::object& arguments) {
    std::vector<std::string> files;
    for (const auto& path : call.attachments) files.push_back(TRY(storage::read_file(path)));
    std::vector<ByteView> attachments;
    for (const auto& file : files) attachments.push_back(as_bytes(file));
    print_answer(TRY(member.transact(call.contract, call.function, chaincode::json_text(arguments), attachments,
                                     !call.no_wait, call.attempts)));
    return {};
}

// Every page, each shown as it comes.
Status query(MemberClient& member, const Call& call, json::object arguments) {
    if (!call.attest.file.empty()) {
        print_answer(TRY(attested_query(member, call.contract, call.function, arguments, call.attest)));
        return {};
    }
    while (true) {
        const auto answer = TRY(member.query(call.contract, call.function, arguments));
        print_answer(answer);
        const auto* next = answer.is_object() ? answer.get_object().if_contains("next") : nullptr;
        if (!call.all || next == nullptr || next->is_null()) return {};
        arguments["cursor"] = *next;
    }
}

Status run_call(const Call& call) {
    auto member = TRY(MemberClient::open(*call.profile));
    auto arguments = TRY(arguments_of(call));
    return call.writes ? submit(member, call, arguments) : query(member, call, std::move(arguments));
}

std::string hyphenated(std::string name) {
    std::ranges::replace(name, '_', '-');
    return name;
}

void add_argument(CLI::App& command, Call& call, const std::string& name, const json::object& schema, bool required) {
    static constexpr std::string_view kOwn[] = {"attach", "attempts", "attest", "attest_config", "no_wait",
                                                "all",    "json",     "quiet",  "help"};
    auto names = (std::ranges::find(kOwn, name) == std::end(kOwn) ? "--" : "--argument-") + name;
    if (const auto other = hyphenated(names); other != names) names += "," + other;
    auto* option = command.add_option(names, call.given[name], std::string(text_at(schema, "description")))
                       ->type_name(type_name(schema))
                       ->required(required);
    // Said again for each entry, or once as a JSON list: an option of many values would split it at its commas.
    is_list(schema) ? option->take_all()->allow_extra_args(false) : option->expected(1);
}

void add_function(CLI::App& contract, Choice& choice, const std::string& contract_name, const json::object& manifest,
                  const ProfileFile& profile) {
    if (!manifest.at("callers").as_array().empty()) return;  // contracts alone may call it
    const std::string name(manifest.at("name").as_string());
    auto* command = contract.add_subcommand(name, std::string(manifest.at("summary").as_string()));
    if (const auto other = hyphenated(name); other != name) command->alias(other);
    auto call = std::make_shared<Call>(Call{.profile = profile,
                                            .contract = contract_name,
                                            .function = name,
                                            .writes = manifest.at("writes").as_bool(),
                                            .schema = manifest.at("arguments").as_object()});
    bool pages = false;
    if (const auto* properties = call->schema.if_contains("properties")) {
        for (const auto& [argument, schema] : properties->as_object()) {
            add_argument(*command, *call, std::string(argument), schema.as_object(),
                         is_required(call->schema, argument));
            pages = pages || argument == "cursor";
        }
    } else {
        call->schema.emplace("properties", json::object());
    }
    CLI::Option* all = nullptr;
    if (pages) all = command->add_flag("--all", call->all, "Follow \"next\" to the last page");
    if (!call->writes) {
        add_attest_options(*command, call->attest);
        if (all != nullptr) all->excludes("--attest");
    }
    if (call->writes) {
        std::string files;
        for (const auto& each : manifest.at("attachments").as_array())
            files +=
                fmt::format("{}{}", files.empty() ? "" : ", then ", std::string_view(each.at("about").as_string()));
        if (!files.empty()) command->add_option("--attach", call->attachments, "A file: " + files);
        command->add_option("--attempts", call->attempts, "Sign anew when another transaction came between")
            ->check(CLI::Range(1, 100))
            ->capture_default_str();
        command->add_flag("--no-wait", call->no_wait, "Return once an orderer has it");
    }
    command->footer(
        "A TEXT or JSON value that begins with @ names a file that holds it. A list is a JSON list, or its option said "
        "again for each entry.");
    on_chosen(*command, choice, call, run_call);
}

void add_calls(CLI::App& call, Choice& choice, const json::object& manifest, const ProfileFile& profile) {
    const std::string name(manifest.at("name").as_string());
    auto* contract = call.add_subcommand(name, std::string(manifest.at("summary").as_string()));
    contract->require_subcommand(1);
    for (const auto& each : manifest.at("functions").as_array())
        add_function(*contract, choice, name, each.as_object(), profile);
}

struct Other {
    ProfileFile profile = std::make_shared<std::filesystem::path>();
    std::vector<std::string> words;  // CONTRACT FUNCTION OPTIONS of a contract that this program has not
};

// Takes --profile out of the words, where it may stand anywhere.
void take_profile(Other& other) {
    CLI::App app;
    app.set_help_flag();
    app.allow_extras();
    app.add_option("--profile", *other.profile);
    app.parse(std::vector<std::string>(other.words.rbegin(), other.words.rend()));
    other.words = app.remaining();
}

// A contract that only the node knows: its manifest gives the options.
Status call_other(const Other& other) {
    if (other.words.empty()) return fail(Code::invalid_argument, "name a contract and a function");
    auto member = TRY(MemberClient::open(*other.profile));
    const auto manifest = TRY(member.get("/v1/contracts/" + gateway::percent_encode(other.words.front())));
    if (manifest.at("functions").as_array().empty()) {
        return fail(Code::unavailable, "the package of the contract {} is not installed at this node; ask another one",
                    other.words.front().substr(0, 64));
    }
    CLI::App app{"", "tally call"};
    app.require_subcommand(1);
    app.fallthrough();
    app.add_flag("--json", style().json, "Print JSON for programs");
    Choice choice;
    add_calls(app, choice, manifest.as_object(), other.profile);
    try {
        app.parse(std::vector<std::string>(other.words.rbegin(), other.words.rend()));
    } catch (const CLI::Success& wanted) {
        app.exit(wanted);
        return {};
    } catch (const CLI::ParseError& error) {
        return fail(Code::invalid_argument, "{}", error.what());
    }
    TRY(choice.run());
    return {};
}

}  // namespace

void add_call(CLI::App& app, Choice& choice) {
    auto* call = app.add_subcommand("call", "Call a contract's function, with an option for each argument");
    call->require_subcommand(0, 1);
    // What the program does not know goes to call_other, so it must not fall through to the program's own options.
    call->prefix_command();
    call->fallthrough(false);
    call->add_flag("--json", style().json, "Print JSON for programs");
    call->add_flag("-q,--quiet", style().quiet, "Print results only");
    auto other = std::make_shared<Other>();
    add_profile_option(*call, *other->profile);
    for (const auto& contract : documented_contracts().all())
        add_calls(*call, choice, chaincode::manifest_of(*contract), other->profile);
    call->callback([call, &choice, other] {
        if (!call->get_subcommands().empty()) {
            if (!call->remaining().empty()) throw CLI::ExtrasError("tally call", call->remaining());
            return;
        }
        other->words = call->remaining();
        take_profile(*other);
        choice.run = [other]() -> Result<Exit> {
            TRY(call_other(*other));
            return Exit::ok;
        };
    });
}

}  // namespace tally::node::cli
