// tally verify FILE: a receipt, an answer, an evidence file, an invoice, a sealed invoice or a snapshot, offline.

#include <fstream>

#include "chaincode/json/strict_json.h"
#include "node/channel/answer_file.h"
#include "node/channel/evidence_file.h"
#include "node/channel/ledger_json.h"
#include "node/channel/receipt_file.h"
#include "node/channel/sealed_invoice.h"
#include "node/cli/command.h"
#include "node/cli/verify_invoice.h"
#include "node/ledgers/channel_ledger.h"
#include "node/ledgers/ledger_snapshot.h"
#include "storage/files.h"

namespace tally::node::cli {
namespace {

namespace json = boost::json;

struct ProofOptions {
    std::filesystem::path file;
    std::vector<std::filesystem::path> configurations;
    std::filesystem::path evidence;  // of an invoice
};

using Configurations = std::vector<std::shared_ptr<const Membership>>;

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
                   {"by", made_by(facts)},
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

Result<Proven> verify_evidence(ByteView file, const Configurations& configurations, Checks& checks) {
    const auto facts = TRY(verify_evidence_file(file, configurations, checks));
    const auto& run = facts.run;
    return Proven{"evidence",
                  fmt::format("audit {} of {}, {}: {} days from {} until before {}, {}", run.id, run.agreement,
                              chaincode::audit::devices_text(run), run.days, run.from.text(), run.until.text(),
                              chaincode::enum_name(run.verdict)),
                  {{"id", run.id},
                   {"channel", facts.channel},
                   {"agreement", run.agreement},
                   {"devices", chaincode::audit::devices_text(run)},
                   {"verdict", std::string(chaincode::enum_name(run.verdict))},
                   {"days", std::to_string(run.days)},
                   {"days without a record", std::to_string(run.missing)},
                   {"records", std::to_string(facts.records)},
                   {"records with readings", std::to_string(facts.readings)},
                   {"OCMF records", std::to_string(facts.ocmf_records)},
                   {"invoices", std::to_string(facts.invoices)},
                   {"by", fmt::format("{} of {}", run.name, run.by)},
                   {"time", iso_time(run.time_ms)}}};
}

Result<Proven> verify_invoice(std::string text, const ProofOptions& options, const Configurations& configurations,
                              Checks& checks) {
    if (options.evidence.empty())
        return fail(Code::invalid_argument,
                    "an invoice is verified with the evidence of its audit: name it with --evidence FILE (made by "
                    "tally agreement audit --evidence)");
    const auto file = TRY(storage::read_file(options.evidence));
    const auto evidence = TRY(verify_evidence_file(as_bytes(file), configurations, checks));
    const auto hash = crypto::sha256(as_bytes(file)).hex();
    const auto facts = TRY(verify_invoice_document(std::move(text), evidence, hash, checks));
    return Proven{"invoice",
                  fmt::format("invoice {} of {} to {}: {} {}", facts.number, facts.seller, facts.buyer, facts.payable,
                              facts.currency),
                  {{"number", facts.number},
                   {"seller", facts.seller},
                   {"buyer", facts.buyer},
                   {"payable", facts.payable},
                   {"currency", facts.currency},
                   {"channel", evidence.channel},
                   {"evidence", hash}}};
}

Result<Proven> verify_sealed(std::string_view text, const Membership& membership, Checks& checks) {
    const auto facts = TRY(verify_sealed_invoice(text, membership, checks));
    const auto& invoice = facts.sealed.invoice;
    return Proven{
        "sealed invoice",
        fmt::format("invoice {} of {} from {} until before {}: {} {}", invoice.number, invoice.agreement,
                    invoice.from.text(), invoice.until.text(), invoice.totals.payable.text(), invoice.currency),
        {{"channel", facts.receipt.channel},
         {"agreement", invoice.agreement},
         {"number", std::to_string(invoice.number)},
         {"payable", invoice.totals.payable.text()},
         {"currency", invoice.currency},
         {"commitment", facts.sealed.commitment().hex()},
         {"sealed by", fmt::format("{} of {}", facts.receipt.creator.name, facts.receipt.creator.organization)},
         {"time", iso_time(facts.receipt.created_ms)}}};
}

// Under each configuration until one fits; the checks are those of the last.
template <class Verify>
Result<Proven> under_one_of(const Configurations& configurations, Checks& checks, Verify&& verify_under) {
    Result<Proven> proven = fail(Code::bad_proof, "there is no configuration to verify it with");
    for (const auto& each : configurations) {
        checks = Checks();
        proven = verify_under(*each);
        if (proven) break;
    }
    return proven;
}

Result<Proven> verify_snapshot(const ProofOptions& options, Checks& checks) {
    std::optional<crypto::Hash> genesis;
    for (const auto& each : options.configurations) {
        if (const auto block = read_genesis(each)) genesis = block->header.hash();
    }
    if (!genesis)
        return fail(Code::invalid_argument,
                    "a snapshot is verified from the channel's first block on: --config "
                    "genesis.block");
    const auto facts = TRY(inspect_snapshot(options.file, genesis, [](std::uint64_t, std::uint64_t) {}));
    const auto& tip = facts.head.tip;
    TRY(checks.same("the genesis block", genesis->hex(), facts.head.genesis.hex()));
    TRY(checks.judged("state, transaction log and last block",
                      fmt::format("what the members have signed of block {}", tip.number),
                      fmt::format("signed by {}", fmt::join(facts.signers, ", ")), facts.verdict));
    return Proven{"snapshot",
                  fmt::format("the ledger of channel {} after block {}", facts.channel, tip.number),
                  {{"channel", facts.channel},
                   {"block", std::to_string(tip.number)},
                   {"block_hash", tip.hash().hex()},
                   {"time", iso_time(tip.time_ms)},
                   {"entries", std::to_string(facts.end.entries)},
                   {"transactions", std::to_string(facts.end.leaves)},
                   {"state", facts.state.hex()},
                   {"log_root", facts.log_root.hex()},
                   {"signers", fmt::format("{}", fmt::join(facts.signers, ", "))}}};
}

// By its first bytes, as the whole file may be large.
bool is_snapshot(const std::filesystem::path& file) {
    constexpr std::string_view kMagic = "tally-snapshot-";
    std::string head(kMagic.size(), '\0');
    std::ifstream(file, std::ios::binary).read(head.data(), static_cast<std::streamsize>(head.size()));
    return head == kMagic;
}

Result<Proven> verify_file(const ProofOptions& options, const Configurations& configurations, Checks& checks) {
    if (is_snapshot(options.file)) return verify_snapshot(options, checks);
    auto text = TRY(storage::read_file(options.file));
    if (is_invoice_document(text)) return verify_invoice(std::move(text), options, configurations, checks);
    const auto file = as_bytes(text);
    if (is_evidence_file(file)) return verify_evidence(file, configurations, checks);
    return under_one_of(configurations, checks, [&](const Membership& membership) {
        if (is_sealed_invoice(text)) return verify_sealed(text, membership, checks);
        return is_answer_file(file) ? verify_answer(file, membership, checks)
                                    : verify_receipt(file, membership, checks);
    });
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

Status verify_proof(const ProofOptions& options) {
    if (!std::filesystem::exists(options.file))
        return fail(Code::not_found, "{}: there is no such file", options.file.string());
    Configurations configurations;
    for (const auto& each : options.configurations)
        configurations.push_back(TRY(Membership::from(TRY(read_channel_file(each)))));
    Checks checks;
    const auto proven = verify_file(options, configurations, checks);
    if (!proven && proven.error().code == Code::invalid_argument && checks.all().empty())
        return std::unexpected(proven.error());  // nothing was checked
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
    if (!proven) return proves_nothing(options.file, proven.error());
    if (style().json) return {};
    say_done("Proven: " + proven->sentence);
    print_facts(proven->facts);
    return {};
}

}  // namespace

void add_verify(CLI::App& app, Choice& choice) {
    auto* command = app.add_subcommand(
        "verify",
        "Check a receipt, an attested answer, evidence, an invoice or a snapshot offline: no node, no network");
    auto options = std::make_shared<ProofOptions>();
    command
        ->add_option("file", options->file,
                     "A receipt, a snapshot, an invoice (UBL or sealed), or the file of `tally query --attest` or "
                     "`tally agreement "
                     "audit --evidence`")
        ->required();
    command
        ->add_option("--config", options->configurations,
                     "channel.json or genesis.block of the channel; repeatable where organizations have changed")
        ->required();
    command->add_option("--evidence", options->evidence, "Of an invoice: the evidence file of the audit that covers it")
        ->check(CLI::ExistingFile);
    on_chosen(*command, choice, options, verify_proof);
}

}  // namespace tally::node::cli
