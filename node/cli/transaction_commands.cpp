// tally transaction submit | status, tally query

#include "chaincode/contract.h"
#include "chaincode/json/strict_json.h"
#include "gateway/http/target.h"
#include "node/channel/known.h"
#include "node/cli/attest.h"
#include "node/cli/command.h"
#include "node/cli/member_client.h"
#include "storage/files.h"

namespace tally::node::cli {

namespace json = boost::json;

namespace {

struct SubmitOptions {
    std::filesystem::path profile;
    std::string contract;
    std::string function;
    std::string arguments = "{}";
    std::vector<std::filesystem::path> attachments;
    bool no_wait = false;
    unsigned attempts = 1;
    AttestOptions attest{};
};

struct StatusOptions {
    std::filesystem::path profile;
    std::string id;
};

// "@file" stands for the file's text.
Result<std::string> arguments_of(const std::string& given) {
    auto text = given.starts_with('@') ? TRY(storage::read_file(given.substr(1), 1U << 20)) : given;
    TRY(chaincode::parse_json(text, "the arguments"));
    return text;
}

std::string field_text(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    if (value == nullptr || value->is_null()) return "";
    return value->is_string() ? std::string(value->get_string()) : chaincode::json_text(*value);
}

void print_outcome(const json::value& outcome) {
    if (style().json) return print_json(outcome);
    const auto& object = outcome.as_object();
    std::vector<std::pair<std::string, std::string>> facts;
    for (const char* name : {"id", "state", "code", "block", "index"}) {
        if (auto text = field_text(object, name); !text.empty()) facts.emplace_back(name, std::move(text));
    }
    print_facts(facts);
    if (const auto* result = object.if_contains("result"); result != nullptr && !result->is_null()) print_json(*result);
}

Status submit(const SubmitOptions& options) {
    auto member = TRY(MemberClient::open(options.profile));
    std::vector<std::string> files;
    for (const auto& path : options.attachments) files.push_back(TRY(storage::read_file(path)));
    std::vector<ByteView> attachments;
    for (const auto& file : files) attachments.push_back(as_bytes(file));
    print_outcome(TRY(member.transact(options.contract, options.function, TRY(arguments_of(options.arguments)),
                                      attachments, !options.no_wait, options.attempts)));
    return {};
}

Status query(const SubmitOptions& options) {
    auto member = TRY(MemberClient::open(options.profile));
    const auto arguments = TRY(chaincode::parse_json(TRY(arguments_of(options.arguments)), "the arguments"));
    if (!arguments.is_object()) return fail(Code::invalid_argument, "the arguments must be a JSON object");
    print_json(
        options.attest.file.empty()
            ? TRY(member.query(options.contract, options.function, arguments.get_object()))
            : TRY(attested_query(member, options.contract, options.function, arguments.get_object(), options.attest)));
    return {};
}

// The functions and their arguments, from the declarations that the node itself uses.
std::string describe_contracts() {
    std::string text = "\nContracts:\n";
    for (const auto& contract : documented_contracts().all()) {
        text += fmt::format("  {}  {}\n", contract->name(), contract->summary());
        for (const auto& function : contract->functions()) {
            std::string arguments;
            if (const auto* properties = function.schema.if_contains("properties")) {
                const auto* required = function.schema.if_contains("required");
                for (const auto& [name, schema] : properties->as_object()) {
                    const bool needed =
                        required != nullptr && std::any_of(required->as_array().begin(), required->as_array().end(),
                                                           [&](const auto& each) { return each.as_string() == name; });
                    arguments +=
                        fmt::format("{}{}{}", arguments.empty() ? "" : ", ", std::string_view(name), needed ? "" : "?");
                }
            }
            text +=
                fmt::format("    {:<22} {} {{{}}}\n", function.name, function.writes ? "writes" : "query ", arguments);
        }
    }
    return text;
}

void add_call_options(CLI::App& command, SubmitOptions& options) {
    add_profile_option(command, options.profile);
    command.add_option("contract", options.contract, "For example registry")->required();
    command.add_option("function", options.function, "For example get_device")->required();
    command.add_option("arguments", options.arguments, "JSON, or @FILE")->capture_default_str();
    command.footer(describe_contracts);
}

}  // namespace

void add_transaction(CLI::App& app, Choice& choice) {
    auto* transaction = app.add_subcommand("transaction", "Send transactions, and ask what became of them");
    transaction->require_subcommand(1);
    auto* command =
        transaction->add_subcommand("submit", "Sign a proposal, have it endorsed and ordered, wait for its code");
    auto options = std::make_shared<SubmitOptions>();
    add_call_options(*command, *options);
    command->add_option("--attach", options->attachments, "A file that goes with it; may be repeated");
    command->add_option("--attempts", options->attempts, "Sign anew when another transaction came between")
        ->check(CLI::Range(1, 100))
        ->capture_default_str();
    command->add_flag("--no-wait", options->no_wait, "Return once an orderer has it");
    on_chosen(*command, choice, options, submit);

    auto* status = transaction->add_subcommand("status", "Unknown, pending or committed, with its validation code");
    auto asked = std::make_shared<StatusOptions>();
    add_profile_option(*status, asked->profile);
    status->add_option("id", asked->id, "64 hexadecimal digits")->required();
    on_chosen(*status, choice, asked, [](const StatusOptions& in) -> Status {
        auto member = TRY(MemberClient::open(in.profile));
        print_outcome(TRY(member.get("/v1/transactions/" + gateway::percent_encode(in.id))));
        return {};
    });
}

void add_query(CLI::App& app, Choice& choice) {
    auto* command = app.add_subcommand("query", "Ask a contract; nothing is written");
    auto options = std::make_shared<SubmitOptions>();
    add_call_options(*command, *options);
    add_attest_options(*command, options->attest);
    on_chosen(*command, choice, options, query);
}

}  // namespace tally::node::cli
