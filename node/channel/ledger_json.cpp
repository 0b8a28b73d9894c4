#include "node/channel/ledger_json.h"

#include <fmt/chrono.h>

#include <map>

#include "chaincode/json/strict_json.h"
#include "chaincode/proposal.h"
#include "crypto/x509.h"
#include "node/channel/config_update.h"
#include "storage/model/read_transaction.h"

namespace tally::node {

namespace json = boost::json;

namespace {

json::value parsed_or_text(const std::string& text) {
    auto value = chaincode::parse_json(text, "json", {.max_bytes = 64U << 20});
    return value ? std::move(*value) : json::value(json::string(text));
}

json::object certificate_json(ByteView der) {
    const auto certificate = crypto::Certificate::from_der(der);
    if (!certificate) return {{"error", certificate.error().message}};
    return {{"organization", certificate->subject().organization},
            {"role", certificate->subject().organizational_unit},
            {"name", certificate->subject().common_name},
            {"fingerprint", certificate->fingerprint().hex()}};
}

}  // namespace

std::string iso_time(std::int64_t ms) {
    const auto seconds = ms >= 0 ? ms / 1000 : (ms - 999) / 1000;
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(static_cast<std::time_t>(seconds)),
                       ms - seconds * 1000);
}

json::object transaction_json(ByteView bytes, std::uint32_t index, storage::ValidationCode code) {
    json::object out{{"index", index}, {"code", code_name(code)}, {"bytes", bytes.size()}};
    const auto transaction = storage::read_transaction(bytes, "the transaction");
    if (!transaction) {
        out.emplace("error", transaction.error().message);
        return out;
    }
    if (transaction->kind == storage::Transaction::Kind::genesis) {
        out.emplace("id", crypto::sha256({as_bytes("tally/genesis"), bytes}).hex());
        out.emplace("contract", kConfigSpace);
        out.emplace("function", "genesis");
        return out;
    }
    if (transaction->kind == storage::Transaction::Kind::configuration) {
        out.emplace("id", config_update_id(*transaction).hex());
        out.emplace("contract", kConfigSpace);
        out.emplace("function", "apply");
        return out;
    }
    const auto proposal = chaincode::SignedProposal::decode(transaction->proposal, transaction->proposal.size());
    if (!proposal) {
        out.emplace("error", proposal.error().message);
        return out;
    }
    out.emplace("id", proposal->id.hex());
    out.emplace("contract", proposal->proposal.contract);
    out.emplace("function", proposal->proposal.function);
    out.emplace("created", iso_time(proposal->proposal.created_ms));
    out.emplace("creator", certificate_json(proposal->cose.headers.x5chain.front()));
    out.emplace("arguments", parsed_or_text(proposal->proposal.arguments));
    json::array attachments;
    for (const auto attachment : proposal->proposal.attachments) {
        attachments.push_back({{"bytes", attachment.size()}, {"sha256", crypto::sha256(attachment).hex()}});
    }
    out.emplace("attachments", std::move(attachments));
    json::array endorsers;
    for (const auto& endorsement : transaction->endorsements)
        endorsers.push_back(certificate_json(endorsement.certificate));
    out.emplace("endorsers", std::move(endorsers));
    if (const auto simulation = storage::read_simulation(transaction->simulation, "the simulation")) {
        out.emplace("result", parsed_or_text(simulation->result));
        json::array events;
        for (const auto& event : simulation->events) {
            events.push_back({{"name", event.name}, {"payload", parsed_or_text(event.payload)}});
        }
        out.emplace("events", std::move(events));
        const auto& set = simulation->read_write_set;
        out.emplace("reads", set.reads.size() + set.range_reads.size());
        out.emplace("writes", set.writes.size() + set.increments.size());
    }
    return out;
}

json::object checkpoint_json(const storage::Checkpoint& checkpoint) {
    json::array signatures;
    for (const auto& signature : checkpoint.signatures) {
        auto entry = certificate_json(signature.certificate);
        entry.emplace("protected", to_base64(signature.protected_header));
        entry.emplace("signature", to_base64(signature.signature));
        entry.emplace("certificate", to_base64(signature.certificate));
        signatures.push_back(std::move(entry));
    }
    return {{"channel", checkpoint.channel},
            {"block", checkpoint.block_number},
            {"block_hash", checkpoint.block_hash.hex()},
            {"tree_size", checkpoint.tree_size},
            {"root", checkpoint.root.hex()},
            {"state", checkpoint.state.hex()},
            {"signatures", std::move(signatures)}};
}

json::object block_json(const storage::Block& block, bool with_transactions) {
    const auto& header = block.header;
    json::object out{{"channel", header.channel},
                     {"number", header.number},
                     {"hash", header.hash().hex()},
                     {"previous_hash", header.previous_hash.hex()},
                     {"data_root", header.data_root.hex()},
                     {"time", iso_time(header.time_ms)},
                     {"time_ms", header.time_ms},
                     {"epoch", header.epoch},
                     {"view", header.view},
                     {"proposer", header.proposer},
                     {"transaction_count", block.metadata.codes.size()}};
    std::map<std::string_view, std::uint64_t> counts;
    for (const auto code : block.metadata.codes) ++counts[code_name(code)];
    out.emplace("codes", json::object(counts.begin(), counts.end()));
    if (!block.metadata.writer_certificate.empty()) {
        auto writer = certificate_json(block.metadata.writer_certificate);
        writer.emplace("signature", to_base64(block.metadata.writer_signature));
        out.emplace("writer", std::move(writer));
    }
    out.emplace("checkpoint", checkpoint_json(block.metadata.checkpoint));
    if (!with_transactions) return out;
    json::array transactions;
    const auto all = transactions_of(block);
    for (std::uint32_t i = 0; i < all.size(); ++i) {
        const auto code = i < block.metadata.codes.size() ? block.metadata.codes[i] : storage::ValidationCode::VALID;
        transactions.push_back(transaction_json(all[i], i, code));
    }
    out.emplace("transactions", std::move(transactions));
    return out;
}

}  // namespace tally::node
