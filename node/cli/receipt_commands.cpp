// tally receipt get | verify

#include "chaincode/json/strict_json.h"
#include "gateway/http/target.h"
#include "node/channel/device_evidence.h"
#include "node/channel/ledger_json.h"
#include "node/channel/receipt_file.h"
#include "node/cli/command.h"
#include "node/cli/member_client.h"
#include "node/ledgers/channel_ledger.h"
#include "storage/files.h"

namespace tally::node::cli {
namespace {

struct GetOptions {
    std::filesystem::path profile;
    std::string id;
    std::filesystem::path out;
};

struct ReceiptsOptions {
    std::vector<std::filesystem::path> files;
    std::filesystem::path config;
    std::filesystem::path record;
    std::filesystem::path extract;
    std::vector<std::filesystem::path> keys;
};

// The epoch of the device's key that signed the published record; none where the receipt is of something else, or no
// receipts of the device's keys were given.
Result<std::optional<DeviceEvidence::KeyEpoch>> key_epoch_of(const ReceiptsOptions& options, ByteView receipt,
                                                             const ReceiptFacts& facts,
                                                             const std::shared_ptr<const Membership>& membership) {
    if (options.keys.empty()) return std::nullopt;
    if (facts.contract != "data" || facts.function != "publish" || facts.attachments.empty())
        return fail(Code::invalid_argument, "--key goes with the receipt of a published record");
    const auto record = TRY(chaincode::decode_record(facts.attachments.front()));
    DeviceEvidence evidence(record.record.device, {membership});
    for (const auto& file : options.keys) {
        const auto bytes = TRY(storage::read_file(file));
        if (const auto added = evidence.add_key(as_bytes(bytes)); !added)
            return std::unexpected(added.error().within(file.string()));
    }
    const auto key_epoch = TRY(evidence.add_record(receipt))->key_epoch;
    if (key_epoch == 0)
        return fail(Code::bad_signature, "the signature of \"{}\" verifies under none of the keys that were given",
                    record.record.device);
    return key_epoch;
}

// One receipt: printed, and as JSON.
Result<boost::json::object> verify_one(const ReceiptsOptions& options, const std::filesystem::path& file,
                                       const std::shared_ptr<const Membership>& membership) {
    const auto bytes = TRY(storage::read_file(file));
    const auto facts = verify_receipt_file(as_bytes(bytes), *membership);
    if (!facts) return proves_nothing(file, facts.error());
    const auto key_epoch = TRY(key_epoch_of(options, as_bytes(bytes), *facts, membership));
    if (!options.record.empty()) {
        const auto record = TRY(storage::read_file(options.record));
        const bool found = std::any_of(facts->attachments.begin(), facts->attachments.end(),
                                       [&](const Bytes& attachment) { return equal(attachment, as_bytes(record)); });
        if (!found) return fail(Code::bad_proof, "{} is not what the receipt is about", options.record.string());
    }
    if (!options.extract.empty()) {
        if (facts->attachments.empty()) return fail(Code::not_found, "the transaction carries no attachment");
        TRY(storage::write_file(options.extract, facts->attachments.front()));
    }
    const auto& creator = facts->creator;
    const boost::json::array signers(facts->signers.begin(), facts->signers.end());
    const boost::json::array approvers(facts->approvers.begin(), facts->approvers.end());
    boost::json::object out{{"proven", true},
                            {"file", file.string()},
                            {"id", facts->id.hex()},
                            {"channel", facts->channel},
                            {"code", code_name(facts->code)},
                            {"block", facts->block_number},
                            {"block_hash", facts->block_hash.hex()},
                            {"tree_size", facts->tree_size},
                            {"leaf_index", facts->leaf_index},
                            {"created", iso_time(facts->created_ms)},
                            {"creator", creator.name.empty() ? "" : creator.organization + "/" + creator.name},
                            {"approvers", approvers},
                            {"contract", facts->contract},
                            {"function", facts->function},
                            {"attachments", facts->attachments.size()},
                            {"key_epoch", key_epoch ? boost::json::value(*key_epoch) : boost::json::value(nullptr)},
                            {"signers", signers}};
    if (style().json) return out;
    say_done(fmt::format(
        "Proven: transaction {} is {} in block {} of channel {}", facts->id.hex().substr(0, 16),
        paint(facts->code == storage::ValidationCode::VALID ? Colour::green : Colour::red, code_name(facts->code)),
        facts->block_number, facts->channel));
    print_facts({{"file", file.string()},
                 {"what", fmt::format("{}.{}", facts->contract, facts->function)},
                 {"by", made_by(*facts)},
                 {"created", iso_time(facts->created_ms)},
                 {"place", fmt::format("leaf {} of {} in the transaction log", facts->leaf_index, facts->tree_size)},
                 {"signed by", fmt::format("{}", fmt::join(facts->signers, ", "))}});
    if (key_epoch)
        say_done(fmt::format("The device's signature verifies under its key of epoch {}", *key_epoch));
    else if (facts->contract == "data" && facts->function == "publish")
        say("  the device's signature: checked by the committers; --key RECEIPT checks it here (tally audit "
            "--receipts)");
    return out;
}

Status verify_receipts(const ReceiptsOptions& options) {
    if (options.files.size() > 1 && !(options.record.empty() && options.extract.empty() && options.keys.empty()))
        return fail(Code::invalid_argument, "--record, --key and --extract go with one receipt; there are {}",
                    options.files.size());
    const auto membership = TRY(Membership::from(TRY(read_channel_file(options.config))));
    boost::json::array proven;
    for (const auto& file : options.files) proven.push_back(TRY(verify_one(options, file, membership)));
    if (!style().json) return {};
    if (proven.size() == 1)
        print_json(proven.front());
    else
        print_json(proven);
    return {};
}

}  // namespace

void add_receipt(CLI::App& app, Choice& choice) {
    auto* receipt = app.add_subcommand("receipt", "Proof that a transaction is on the ledger, for anybody, for years");
    receipt->require_subcommand(1);
    auto* get = receipt->add_subcommand("get", "Fetch a transaction's receipt");
    auto getting = std::make_shared<GetOptions>();
    add_profile_option(*get, getting->profile);
    get->add_option("id", getting->id, "The transaction")->required();
    get->add_option("--out", getting->out, "The file to write (default: ID.receipt)");
    on_chosen(*get, choice, getting, [](const GetOptions& in) -> Status {
        auto member = TRY(MemberClient::open(in.profile));
        const auto bytes = TRY(member.receipt(in.id));
        const auto out = in.out.empty() ? std::filesystem::path(in.id + ".receipt") : in.out;
        TRY(storage::write_file(out, bytes));
        if (style().json)
            print_json(boost::json::object{{"path", out.string()}, {"bytes", bytes.size()}});
        else
            say_done(fmt::format("{} ({} bytes)", out.string(), bytes.size()));
        return {};
    });

    auto* verify_command = receipt->add_subcommand("verify", "Check a receipt offline: no node, no network");
    auto verifying = std::make_shared<ReceiptsOptions>();
    verify_command->add_option("files", verifying->files, "The receipt, or several; with --json these are a list")
        ->required();
    verify_command->add_option("--config", verifying->config, "channel.json or genesis.block of the channel")
        ->required();
    verify_command->add_option("--record", verifying->record, "A device record that must be the one in the receipt");
    verify_command->add_option(
        "--key", verifying->keys,
        "Receipts of the transactions that gave the device its keys, oldest first: its signature "
        "is checked too; repeatable");
    verify_command->add_option("--extract", verifying->extract, "Write the proven record to this file");
    on_chosen(*verify_command, choice, verifying, verify_receipts);
}

}  // namespace tally::node::cli
