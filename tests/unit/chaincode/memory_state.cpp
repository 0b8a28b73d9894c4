#include "tests/unit/chaincode/memory_state.h"

#include <boost/json/parse.hpp>

#include "chaincode/proposal.h"
#include "storage/model/archive.h"

namespace tally::chaincode::test {

Result<std::optional<storage::VersionedValue>> MemoryState::get(const storage::StateKey& key) const {
    const auto found = values_.find(key);
    if (found == values_.end()) return std::nullopt;
    return found->second;
}

void MemoryState::overwrite(const storage::StateKey& key, std::string_view value) {
    values_.at(key).value = to_bytes(value);
}

Status MemoryState::scan(std::string_view space, std::string_view start, std::string_view end, bool reverse,
                         const Visit& visit) const {
    std::vector<std::pair<std::string_view, const storage::VersionedValue*>> found;
    for (auto at = values_.lower_bound({std::string(space), std::string(start)}); at != values_.end(); ++at) {
        if (at->first.space != space || (!end.empty() && at->first.key >= end)) break;
        found.emplace_back(at->first.key, &at->second);
    }
    if (reverse) std::reverse(found.begin(), found.end());
    for (const auto& [key, value] : found) {
        if (!visit(key, *value)) break;
    }
    return {};
}

std::optional<std::uint64_t> MemoryState::height() const {
    if (blocks_ == 0) return std::nullopt;
    return blocks_;
}

Result<std::vector<storage::HistoryEntry>> MemoryState::history(const storage::StateKey& key, storage::Version from,
                                                                std::size_t limit) const {
    std::vector<storage::HistoryEntry> out;
    const auto found = history_.find(key);
    if (found == history_.end()) return out;
    for (const auto& entry : found->second) {
        if (entry.version >= from && out.size() < limit) out.push_back(entry);
    }
    history_read_ += out.size();
    return out;
}

Result<Bytes> MemoryState::transaction_bytes(const crypto::Hash& id) const {
    const auto found = transactions_.find(id);
    if (found == transactions_.end()) return fail(Code::not_found, "there is no transaction {}", id.hex());
    return found->second;
}

std::vector<storage::ValidationCode> MemoryState::apply(std::span<const storage::CheckedTransaction> transactions,
                                                        std::span<const Bytes> bytes) {
    std::vector<storage::CheckedTransaction> checked(transactions.begin(), transactions.end());
    for (auto& each : checked) {
        if (each.code == storage::ValidationCode::VALID)
            each.code = *storage::check_reads(each.simulation.read_write_set, *this);
        if (transactions_.contains(each.id)) each.code = storage::ValidationCode::DUPLICATE_TXID;
    }
    auto effects = storage::apply_block(++blocks_, checked, *this);
    EXPECT_TRUE(effects) << effects.error().message;
    for (auto& update : effects->updates) {
        history_[update.key].push_back({update.version, update.value});
        if (update.value) {
            values_[update.key] = {*update.value, update.version};
        } else {
            values_.erase(update.key);
        }
    }
    for (std::size_t i = 0; i < transactions.size(); ++i) transactions_[transactions[i].id] = bytes[i];
    return effects->codes;
}

TestLedger::TestLedger(const ContractSet& contracts)
    : contracts_(contracts), key_(*crypto::PrivateKey::from_raw(crypto::Algorithm::ed25519, Bytes(32, 9))) {
    chain_.push_back(crypto::issue_root(key_, {"ada", "GridCo", "admin"}, 0, 4'000'000'000'000));
}

Result<Simulated> TestLedger::simulate(std::string_view contract, std::string_view function,
                                       const json::value& arguments, std::vector<Bytes> attachments) {
    Proposal proposal{channel, std::string(contract), std::string(function), json_text(arguments), {}, {}, time_ms};
    for (const auto& attachment : attachments) proposal.attachments.emplace_back(attachment);
    storage::Transaction transaction;
    transaction.proposal = sign_proposal(key_, chain_, proposal);
    const auto decoded = TRY(SignedProposal::decode(transaction.proposal, transaction.proposal.size()));
    const Invocation invocation{
        decoded.id, channel, std::string(contract), std::string(function), proposal.arguments, proposal.attachments,
        time_ms,    caller,  organizations};
    Simulated out;
    out.transaction = {decoded.id, storage::ValidationCode::VALID,
                       TRY(chaincode::simulate(contracts_, state_, invocation, nullptr))};
    out.result = TRY(parse_json(out.transaction.simulation.result, "the result"));
    transaction.simulation = storage::encode(out.transaction.simulation);
    out.bytes = storage::encode(transaction);
    return out;
}

std::vector<storage::ValidationCode> TestLedger::commit(const std::vector<Simulated>& block) {
    std::vector<storage::CheckedTransaction> transactions;
    std::vector<Bytes> bytes;
    for (const auto& simulated : block) {
        transactions.push_back(simulated.transaction);
        bytes.push_back(simulated.bytes);
    }
    return state_.apply(transactions, bytes);
}

Result<json::value> TestLedger::submit(std::string_view contract, std::string_view function,
                                       const json::value& arguments, std::vector<Bytes> attachments) {
    auto simulated = TRY(simulate(contract, function, arguments, std::move(attachments)));
    const auto codes = commit({simulated});
    EXPECT_EQ(codes[0], storage::ValidationCode::VALID);
    return simulated.result;
}

Result<json::value> TestLedger::query(std::string_view contract, std::string_view function,
                                      const json::value& arguments) {
    const Invocation invocation{
        {},      channel, std::string(contract), std::string(function), json_text(arguments), {},
        time_ms, caller,  organizations};
    return evaluate(contracts_, state_, invocation, {}, &kept);
}

json::value parse(std::string_view text) {
    auto value = parse_json(text, "the test's JSON");
    EXPECT_TRUE(value) << value.error().message;
    return value.value_or(json::value());
}

}  // namespace tally::chaincode::test
