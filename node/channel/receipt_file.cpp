#include "node/channel/receipt_file.h"

#include <fmt/ranges.h>

#include <set>

#include "chaincode/proposal.h"
#include "crypto/cbor.h"
#include "crypto/receipt.h"
#include "node/channel/config_update.h"
#include "node/channel/ledger_json.h"
#include "node/channel/validator.h"
#include "storage/model/read_transaction.h"

namespace tally::node {
namespace {

constexpr std::string_view kReceiptFormat = "tally-receipt/1";
constexpr std::size_t kMaxReceipts = 256;
constexpr std::size_t kMaxLookedAt = 20'000;  // signatures, for one receipt: a quarter of a second

struct SignedReceipt {
    ByteView receipt;
    ByteView certificate;
};

struct ReceiptParts {
    ByteView transaction;
    storage::ValidationCode code = storage::ValidationCode::VALID;
    std::vector<SignedReceipt> receipts;
};

Result<ReceiptParts> decode_receipt(ByteView file) {
    crypto::CborReader reader(file, "the receipt file");
    ReceiptParts parts;
    const auto expect_key = [&](std::uint64_t key) {
        if (reader.uint() != key) reader.fault(Code::malformed, fmt::format("the key {} is wanted", key));
    };
    if (reader.map() != 4) reader.fault(Code::malformed, "a map of 4 is wanted");
    expect_key(1);
    if (reader.text() != kReceiptFormat) reader.fault(Code::unsupported, "only tally-receipt/1 is known");
    expect_key(2);
    parts.transaction = reader.bytes();
    expect_key(3);
    const auto code = storage::validation_code(reader.uint());
    if (!code) reader.fault(Code::malformed, "the validation code is unknown");
    parts.code = code.value_or(storage::ValidationCode::BAD_PAYLOAD);
    expect_key(4);
    const auto count = reader.array();
    if (count == 0 || count > kMaxReceipts) reader.fault(Code::malformed, "1 to 256 receipts are wanted");
    for (std::uint64_t i = 0; i < count && reader.ok(); ++i) {
        if (reader.array() != 2) reader.fault(Code::malformed, "a receipt and a certificate are wanted");
        const auto receipt = reader.bytes();
        parts.receipts.push_back({receipt, reader.bytes()});
    }
    TRY(reader.finish());
    return parts;
}

// The committer behind one receipt, when its signature on the log that holds the leaf is good.
Result<chaincode::Caller> verify_one(const SignedReceipt& in, const crypto::Receipt& receipt, const crypto::Hash& leaf,
                                     const Membership& membership, std::int64_t time_ms) {
    const Bytes der = to_bytes(in.certificate);
    const auto member = TRY(membership.identify(std::span<const Bytes>(&der, 1), time_ms));
    if (!equal(receipt.kid, crypto::sha256(der).view()))
        return fail(Code::bad_proof, "the receipt names another certificate");
    if (receipt.binding.channel != membership.config().channel) {
        return fail(Code::wrong_channel, "the receipt is of channel \"{}\"", receipt.binding.channel);
    }
    TRY(receipt.verify_inclusion(leaf, member.key));
    return member.caller;
}

using Voucher = std::pair<storage::BlockNumber, storage::CheckpointSignature>;

// One of each committer, as few as the receipt policy wants.
Result<std::vector<Voucher>> vouchers_from(const storage::Ledger& ledger, storage::BlockNumber block,
                                           const Membership& membership) {
    std::vector<Voucher> vouchers;
    std::vector<Principal> signers;
    std::set<std::string> seen;
    std::set<crypto::Hash> certificates;  // most signatures are by few
    bool enough = false;
    std::size_t looked_at = 0;
    TRY(ledger.signatures_from(block, [&](storage::BlockNumber at, storage::CheckpointSignature signature) {
        const bool more = ++looked_at < kMaxLookedAt;
        if (!certificates.insert(crypto::sha256(signature.certificate)).second) return more;
        const auto certificate = crypto::Certificate::from_der(signature.certificate);
        if (!certificate) return more;
        const auto& subject = certificate->subject();
        if (!seen.insert(subject.organization + "/" + subject.common_name).second) return more;
        signers.push_back({subject.organization, subject.organizational_unit});
        vouchers.emplace_back(at, std::move(signature));
        enough = membership.receipt_policy().satisfied_by(signers);
        return !enough && more;
    }));
    if (enough) return vouchers;
    std::string organizations;
    for (const auto& signer : signers)
        organizations += fmt::format("{}{}", organizations.empty() ? "" : ", ", signer.organization);
    return fail(Code::unavailable, "the checkpoints that hold this transaction are signed by {} so far; {} is needed",
                organizations.empty() ? "nobody" : organizations, membership.config().receipt);
}

// Whose certificate it is; nobody when it is of no member of the channel at that time.
chaincode::Caller signer_of(const chaincode::SignedProposal& proposal, const Membership& membership) {
    auto member = membership.identify(proposal.cose.headers.x5chain, proposal.proposal.created_ms);
    return member ? std::move(member->caller) : chaincode::Caller{};
}

// An update has no time of its own: its newest approval has one.
Result<ReceiptFacts> facts_of_update(const storage::Transaction& transaction, const Membership& membership) {
    const auto& rules = membership.rules();
    const auto update =
        TRY(storage::decode<ConfigUpdate>(transaction.proposal, "a configuration update", rules.max_approvals));
    ReceiptFacts facts;
    facts.id = config_update_id(transaction);
    facts.proposed_channel = update.channel;
    facts.contract = kConfigSpace;
    facts.function = "apply";
    facts.arguments = update.config;
    for (const auto& approval : update.approvals) {
        const auto proposal = chaincode::SignedProposal::decode(approval, approval.size(), rules.proposal);
        if (!proposal) continue;
        facts.created_ms = std::max(facts.created_ms, proposal->proposal.created_ms);
        const auto member =
            membership.identify(proposal->cose.headers.x5chain, proposal->proposal.created_ms, Use::configuration);
        if (member && proposal->cose.verify(member->key, {}))
            facts.approvers.push_back(fmt::format("{} of {}", member->caller.name, member->caller.organization));
    }
    if (facts.created_ms == 0) return fail(Code::malformed, "none of the update's approvals can be read");
    return facts;
}

Result<ReceiptFacts> facts_of_call(const storage::Transaction& transaction, const Membership& membership) {
    const auto proposal = TRY(chaincode::SignedProposal::decode(transaction.proposal, transaction.proposal.size()));
    ReceiptFacts facts;
    facts.id = proposal.id;
    facts.proposed_channel = proposal.proposal.channel;
    facts.created_ms = proposal.proposal.created_ms;
    facts.contract = proposal.proposal.contract;
    facts.function = proposal.proposal.function;
    facts.creator = signer_of(proposal, membership);
    facts.arguments = proposal.proposal.arguments;
    for (const auto attachment : proposal.proposal.attachments) facts.attachments.push_back(to_bytes(attachment));
    return facts;
}

// What the transaction itself says; nothing of it is checked yet.
Result<ReceiptFacts> facts_of(const storage::Transaction& transaction, const Membership& membership) {
    using Kind = storage::Transaction::Kind;
    if (transaction.kind == Kind::genesis)
        return fail(Code::unsupported, "a genesis transaction is proven by its block's hash, not by a receipt");
    auto facts = TRY(transaction.kind == Kind::configuration ? facts_of_update(transaction, membership)
                                                             : facts_of_call(transaction, membership));
    if (auto simulation = storage::read_simulation(transaction.simulation, "the simulation")) {
        facts.result = std::move(simulation->result);
        facts.range_reads = std::move(simulation->read_write_set.range_reads);
    }
    return facts;
}

// A transaction whose own signatures are good may still be refused for what is in the state.
Status check_code(const ReceiptParts& parts, const Membership& membership, ReceiptFacts& facts, Checks& checks) {
    const Circumstances alone{facts.created_ms, membership, nullptr, nullptr, true};
    const auto judgement = TRY(checks.need("the transaction's signatures", "signatures that can be judged",
                                           check_transaction(parts.transaction, alone)));
    const auto own = judgement.checked.code;
    if (own == storage::ValidationCode::BAD_CREATOR_SIGNATURE) facts.creator = {};
    const bool fits = own == storage::ValidationCode::VALID || own == parts.code;
    return checks.judged("the transaction's signatures", fmt::format("as the code {} says", code_name(parts.code)),
                         std::string(code_name(own)),
                         fits ? Status() : fail(Code::bad_signature, "{} ({})", code_name(own), judgement.reason));
}

Status check_as_call(const ReceiptParts& parts, const Membership& membership, ReceiptFacts& facts, Checks& checks) {
    if (parts.code != storage::ValidationCode::TARGET_CHAIN_NOT_FOUND)
        TRY(checks.same("the channel", membership.config().channel, facts.proposed_channel, Code::wrong_channel));
    return check_code(parts, membership, facts, checks);
}

// Approvals are judged by the configuration that they change. Who has another one has the committers' word.
Status check_as_update(const ReceiptParts& parts, const Membership& membership, ReceiptFacts& facts, Checks& checks) {
    TRY(checks.same("the channel", membership.config().channel, facts.proposed_channel, Code::wrong_channel));
    const auto own_version = membership.config().version;
    const auto head =
        TRY(checks.need("the update", "a configuration that can be read", head_of_config(facts.arguments)));
    if (parts.code != storage::ValidationCode::VALID || head.version == own_version + 1)
        return check_code(parts, membership, facts, checks);
    return checks.judged("the approvals", fmt::format("judged with version {} of the configuration", head.version - 1),
                         fmt::format("not judged: the configuration here is version {}", own_version), Status());
}

}  // namespace

std::string made_by(const ReceiptFacts& facts) {
    if (!facts.creator.name.empty()) return fmt::format("{} of {}", facts.creator.name, facts.creator.organization);
    return facts.approvers.empty() ? "nobody who is known" : fmt::format("{}", fmt::join(facts.approvers, ", "));
}

Result<Bytes> make_receipt_file(const storage::Ledger& ledger, const storage::TransactionId& id,
                                const Membership& membership) {
    const auto location = TRY(ledger.find(id));
    if (!location) return fail(Code::not_found, "there is no transaction {}", id.hex());
    const auto transaction = TRY(ledger.transaction(location->block, location->index));
    TRY(facts_of(TRY(storage::read_transaction(transaction, "the transaction")),
                 membership));  // else nobody can check it
    const auto vouchers = TRY(vouchers_from(ledger, location->block, membership));
    crypto::CborWriter writer;
    writer.map(4).uint(1).text(kReceiptFormat).uint(2).bytes(transaction);
    writer.uint(3).uint(static_cast<std::uint64_t>(location->code));
    writer.uint(4).array(vouchers.size());
    for (const auto& [block, signature] : vouchers) {
        const auto tree_size = TRY(ledger.block_header(block)).metadata.checkpoint.tree_size;
        const crypto::InclusionProof proof{tree_size, location->log_index,
                                           TRY(ledger.inclusion_path(location->log_index, tree_size))};
        writer.array(2).bytes(crypto::encode_receipt(signature.protected_header, signature.signature, proof));
        writer.bytes(signature.certificate);
    }
    return writer.take();
}

Result<ReceiptFacts> verify_receipt_file(ByteView file, const Membership& membership) {
    Checks checks;
    return verify_receipt_file(file, membership, checks);
}

Result<ReceiptFacts> verify_receipt_file(ByteView file, const Membership& membership, Checks& checks) {
    const auto parts = TRY(checks.need("the file", "a receipt file", decode_receipt(file)));
    const auto transaction = TRY(checks.need("the file", "a transaction that can be read",
                                             storage::read_transaction(parts.transaction, "the transaction")));
    auto facts =
        TRY(checks.need("the file", "a transaction that says when it was made", facts_of(transaction, membership)));
    facts.code = parts.code;
    if (transaction.kind == storage::Transaction::Kind::configuration)
        TRY(check_as_update(parts, membership, facts, checks));
    else
        TRY(check_as_call(parts, membership, facts, checks));
    const auto time_ms = facts.created_ms;
    const auto leaf = storage::log_leaf(storage::log_entry(facts.id, parts.code, parts.transaction));
    std::vector<Principal> principals;
    std::set<std::string> seen;
    for (const auto& each : parts.receipts) {
        const auto what = fmt::format("receipt {}", principals.size() + 1);
        const auto expected =
            fmt::format("of a committer at {}, over a log that holds the transaction", iso_time(time_ms));
        const auto receipt = TRY(checks.need(what, expected, crypto::Receipt::decode(each.receipt)));
        const auto caller = TRY(checks.need(what, expected, verify_one(each, receipt, leaf, membership, time_ms)));
        const auto name = fmt::format("{} of {}", caller.name, caller.organization);
        const bool is_another = seen.insert(name).second;
        TRY(checks.judged(what, is_another ? expected : "of another committer", name,
                          is_another ? Status() : fail(Code::bad_proof, "of {} again", name)));
        principals.push_back({caller.organization, caller.role});
        facts.signers.push_back(name);
        facts.channel = receipt.binding.channel;
        // Committers may have signed different heights: the transaction was on the ledger at the lowest of them.
        if (facts.signers.size() > 1 && receipt.binding.block_number >= facts.block_number) continue;
        facts.block_number = receipt.binding.block_number;
        facts.block_hash = receipt.binding.block_hash;
        facts.tree_size = receipt.inclusion->tree_size;
        facts.leaf_index = receipt.inclusion->leaf_index;
    }
    const auto names = fmt::format("{}", fmt::join(facts.signers, ", "));
    const bool enough = membership.receipt_policy().satisfied_by(principals);
    TRY(checks.judged("the signers", membership.config().receipt, names,
                      enough ? Status() : fail(Code::bad_proof, "{} alone, which is not enough", names)));
    return facts;
}

}  // namespace tally::node
