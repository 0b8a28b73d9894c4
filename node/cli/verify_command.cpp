// tally verify FILE: a receipt or an answer file, offline.

#include "chaincode/json/strict_json.h"
#include "node/channel/answer_file.h"
#include "node/channel/ledger_json.h"
#include "node/channel/receipt_file.h"
#include "node/cli/command.h"
#include "node/ledgers/channel_ledger.h"
#include "storage/files.h"

namespace tally::node::cli {
namespace {

namespace json = boost::json;

struct VerifyOptions {
    std::filesystem::path file;
    std::filesystem::path config;
};

// What is proven: the kind of file, a sentence, and the facts for programs.
struct Proven {
    std::string_view kind;
    std::string sentence;
    std::vector<std::pair<std::string, std::string>> facts;
};

Result<Proven> verify_receipt(ByteView file, const Membership& membership, Checks& checks) {
    const auto facts = TRY(verify_receipt_file(file, membership, checks));
    return Proven{"receipt",
                  fmt::format("transaction {} is {} in block {} of channel {}", facts.id.hex(), code_name(facts.code),
                              facts.block_number, facts.channel),
                  {{"id", facts.id.hex()},
                   {"channel", facts.channel},
                   {"code", std::string(code_name(facts.code))},
                   {"block", std::to_string(facts.block_number)},
                   {"function", fmt::format("{}.{}", facts.contract, facts.function)},
                   {"by", fmt::format("{} of {}", facts.creator.name, facts.creator.organization)},
                   {"time", iso_time(facts.created_ms)},
                   {"signers", fmt::format("{}", fmt::join(facts.signers, ", "))}}};
}

Result<Proven> verify_answer(ByteView file, const Membership& membership, Checks& checks) {
    const auto facts = TRY(verify_answer_file(file, membership, checks));
    const auto& statement = facts.statement;
    return Proven{"answer",
                  fmt::format("{}.{} answered so after block {} of channel {}", statement.contract, statement.function,
                              statement.block, statement.channel),
                  {{"id", statement.question.hex()},
                   {"channel", statement.channel},
                   {"block", std::to_string(statement.block)},
                   {"block_hash", statement.block_hash.hex()},
                   {"function", fmt::format("{}.{}", statement.contract, statement.function)},
                   {"arguments", statement.arguments},
                   {"by", fmt::format("{} of {}", facts.caller.name, facts.caller.organization)},
                   {"time", iso_time(statement.time_ms)},
                   {"signers", fmt::format("{}", fmt::join(facts.signers, ", "))},
                   {"result", facts.result}}};
}

json::array json_of(const Checks& checks) {
    json::array out;
    for (const auto& each : checks.all()) {
        out.push_back(
            json::object{{"check", each.what}, {"expected", each.expected}, {"found", each.found}, {"ok", each.holds}});
    }
    return out;
}

void print_checks(const Checks& checks) {
    std::vector<std::vector<std::string>> rows;
    for (const auto& each : checks.all())
        rows.push_back({each.holds ? "yes" : "NO", each.what, each.expected, each.found});
    print_table({"holds", "check", "expected", "found"}, rows);
}

Status verify(const VerifyOptions& options) {
    const auto text = TRY(storage::read_file(options.file));
    const auto membership = TRY(Membership::from(TRY(read_channel_file(options.config))));
    Checks checks;
    const auto file = as_bytes(text);
    const auto proven =
        is_answer_file(file) ? verify_answer(file, *membership, checks) : verify_receipt(file, *membership, checks);
    if (style().json) {
        json::object out{{"proven", proven.has_value()}, {"checks", json_of(checks)}};
        if (proven) {
            out.emplace("kind", proven->kind);
            for (const auto& [name, value] : proven->facts) out.emplace(name, value);
        }
        print_json(out);
    } else if (!style().quiet) {
        print_checks(checks);
    }
    if (!proven) {
        return fail(Code::bad_proof, "{} proves nothing: {} [{}]", options.file.string(), proven.error().message,
                    proven.error().code.name());
    }
    if (style().json) return {};
    say_done("Proven: " + proven->sentence);
    print_facts(proven->facts);
    return {};
}

}  // namespace

void add_verify(CLI::App& app, Choice& choice) {
    auto* command = app.add_subcommand("verify", "Check a receipt or an attested answer offline: no node, no network");
    auto options = std::make_shared<VerifyOptions>();
    command->add_option("file", options->file, "A receipt, or the file of `tally query --attest`")->required();
    command->add_option("--config", options->config, "channel.json or genesis.block of the channel")->required();
    on_chosen(*command, choice, options, verify);
}

}  // namespace tally::node::cli
