#include "chaincode/simulation_stub.h"

#include <algorithm>

#include "chaincode/json/strict_json.h"
#include "chaincode/proposal.h"
#include "storage/apply.h"
#include "storage/model/read_transaction.h"

namespace tally::chaincode {

storage::ReadWriteSet Recording::read_write_set() const {
    storage::ReadWriteSet set;
    for (const auto& [key, version] : reads) set.reads.push_back({key, version});
    set.range_reads = range_reads;
    for (const auto& [key, value] : pending) {
        set.writes.push_back({key, value ? std::optional(to_bytes(*value)) : std::nullopt});
    }
    for (const auto& [key, change] : increments) set.increments.push_back({key, change.first, change.second});
    return set;
}

Status Recording::count_read() {
    if (++keys_read > limits.max_read_keys) {
        return fail(Code::too_large, "the call reads more than {} keys; ask for less at a time", limits.max_read_keys);
    }
    return {};
}

Status Recording::count_write(std::size_t bytes) {
    bytes_written += bytes;
    if (bytes_written > limits.max_write_bytes) {
        return fail(Code::too_large, "the call writes more than {} bytes", limits.max_write_bytes);
    }
    return {};
}

Error Recording::result_too_large() const {
    return {Code::too_large,
            fmt::format("the answer has more than {} bytes; ask for a smaller page or range", limits.max_result_bytes)};
}

Result<std::optional<std::string>> SimulationStub::get(std::string_view key) {
    auto full = state_key(key);
    if (const auto found = recording_.pending.find(full); found != recording_.pending.end()) return found->second;
    if (recording_.increments.contains(full)) {
        return fail(Code::internal, "{} reads the counter \"{}\" that it has incremented in the same call", contract_,
                    key);
    }
    TRY(recording_.count_read());
    auto value = TRY(recording_.state.get(full));
    if (recording_.writes) {
        recording_.reads.emplace(std::move(full), value ? std::optional(value->version) : std::nullopt);
    }
    if (!value) return std::nullopt;
    return std::string(as_text(value->value));
}

Result<Page> SimulationStub::range(std::string_view start, std::string_view end, RangeOptions options) {
    const bool record = recording_.writes;
    if (record && options.reverse) return fail(Code::internal, "{}: a descending scan cannot be recorded", contract_);
    const auto lower = recording_.pending.lower_bound(state_key(start));
    if (lower != recording_.pending.end() && lower->first.space == contract_ &&
        (end.empty() || lower->first.key < end)) {
        return fail(Code::internal, "{} scans keys that it has written in the same call", contract_);
    }
    Page page;
    storage::RangeDigest digest;
    Status counted;
    TRY(recording_.state.scan(
        contract_, start, end, options.reverse, [&](std::string_view key, const storage::VersionedValue& value) {
            if (page.entries.size() == options.limit) {
                page.more = true;
                return false;
            }
            counted = recording_.count_read();
            if (!counted) return false;
            if (record) digest.add(key, value.version);
            page.entries.push_back({std::string(key), std::string(as_text(value.value)), value.version});
            return true;
        }));
    if (!counted) return std::unexpected(counted.error());
    if (record) {
        auto bound = page.more ? page.entries.back().key + '\0' : std::string(end);
        recording_.range_reads.push_back({contract_, std::string(start), std::move(bound), digest.finish()});
    }
    return page;
}

Status SimulationStub::may_write(std::string_view key) const {
    if (!recording_.writes) return fail(Code::permission_denied, "a query of {} must not write", contract_);
    if (key.empty() || key.size() > 1024) {
        return fail(Code::invalid_argument, "a key of {} bytes; 1 to 1024 are allowed", key.size());
    }
    return {};
}

Status SimulationStub::put(std::string_view key, std::string value) {
    TRY(may_write(key));
    TRY(recording_.count_write(key.size() + value.size()));
    recording_.pending[state_key(key)] = std::move(value);
    return {};
}

Status SimulationStub::remove(std::string_view key) {
    TRY(may_write(key));
    TRY(recording_.count_write(key.size()));
    recording_.pending[state_key(key)] = std::nullopt;
    return {};
}

Status SimulationStub::increment(std::string_view key, std::int64_t delta, std::int64_t lower_bound) {
    TRY(may_write(key));
    TRY(recording_.count_write(key.size() + 8));
    auto full = state_key(key);
    if (recording_.pending.contains(full)) {
        return fail(Code::internal, "{} increments \"{}\", which it has written in the same call", contract_, key);
    }
    auto& [sum, bound] = recording_.increments.try_emplace(std::move(full), 0, INT64_MIN).first->second;
    if (__builtin_add_overflow(sum, delta, &sum))
        return fail(Code::invalid_argument, "the counter \"{}\" would overflow", key);
    bound = std::max(bound, lower_bound);
    return {};
}

Result<std::vector<storage::HistoryEntry>> SimulationStub::history(std::string_view key, storage::Version from,
                                                                   std::size_t limit) {
    if (recording_.archive == nullptr)
        return fail(Code::permission_denied, "history is for queries; {} writes", contract_);
    return recording_.archive->history(state_key(key), from, limit);
}

Result<Bytes> SimulationStub::attachment_of(const storage::TransactionId& id, std::size_t index) {
    if (recording_.archive == nullptr)
        return fail(Code::permission_denied, "attachments are for queries; {} writes", contract_);
    TRY(recording_.count_read());
    const auto bytes = TRY(recording_.archive->transaction_bytes(id));
    const auto transaction = TRY(storage::read_transaction(bytes, "a transaction"));
    const auto signed_proposal = TRY(SignedProposal::decode(transaction.proposal, transaction.proposal.size()));
    const auto& attachments = signed_proposal.proposal.attachments;
    if (index >= attachments.size()) {
        return fail(Code::not_found, "transaction {} has {} attachments, not {}", id.hex(), attachments.size(),
                    index + 1);
    }
    return to_bytes(attachments[index]);
}

Result<std::optional<Bytes>> SimulationStub::kept_series(const std::string& device, const crypto::Hash& content_id) {
    if (recording_.archive == nullptr)
        return fail(Code::permission_denied, "kept series are for queries; {} writes", contract_);
    TRY(recording_.count_read());
    if (recording_.kept == nullptr) return std::nullopt;
    return recording_.kept->series(device, content_id);
}

// A package's contract is not run again by committers, so its answers are not checked: a contract that is run again
// must not depend on them, and a package's contract must not write the state of one that is.
Status SimulationStub::may_call_contract(std::string_view contract, std::string_view function) const {
    const auto* mine = recording_.contracts.find(contract_);
    const auto* other = recording_.contracts.find(contract);
    if (mine == nullptr || other == nullptr || mine->recomputed() == other->recomputed()) return {};
    if (mine->recomputed())
        return fail(Code::permission_denied, "{} is a package's contract; {} must not call it", contract, contract_);
    const auto* found = other->find(function);
    if (found == nullptr || !found->writes) return {};
    return fail(Code::permission_denied, "{} is a package's contract; it must not call {}.{}, which writes", contract_,
                contract, function);
}

Result<json::value> SimulationStub::call(std::string_view contract, std::string_view function,
                                         const json::value& arguments) {
    if (depth_ >= recording_.limits.max_call_depth) {
        return fail(Code::too_large, "contracts call each other more than {} deep", recording_.limits.max_call_depth);
    }
    TRY(may_call_contract(contract, function));
    SimulationStub callee(recording_, std::string(contract), depth_ + 1, contract_);
    return TRY(callee.run(function, arguments)).json();
}

Status SimulationStub::may_call(const Function& function) const {
    const auto& role = recording_.invocation.caller.role;
    if (!function.callers.empty() && std::ranges::find(function.callers, calling_) == function.callers.end()) {
        return fail(Code::permission_denied, "{}.{} is for the contract {} alone", contract_, function.name,
                    fmt::join(function.callers, ", "));
    }
    if (!function.roles.empty() && std::ranges::find(function.roles, role) == function.roles.end()) {
        return fail(Code::permission_denied, "{}.{} is for {}; this caller's role is {}", contract_, function.name,
                    fmt::join(function.roles, ", "), role.empty() ? "unknown" : role);
    }
    if (function.writes && !recording_.writes && depth_ > 0)
        return fail(Code::permission_denied, "a query must not call {}.{}, which writes", contract_, function.name);
    return {};
}

Status SimulationStub::check_attachments(const Function& function) const {
    if (depth_ > 0) return {};  // they are the caller's
    const auto most = function.attachments.size();
    const auto least = static_cast<std::size_t>(
        std::ranges::count_if(function.attachments, [](const auto& each) { return !each.optional; }));
    const auto count = recording_.invocation.attachments.size();
    if (count >= least && count <= most) return {};
    std::string wanted;
    for (const auto& each : function.attachments)
        wanted += fmt::format("{}{}{}", wanted.empty() ? "" : ", ", each.about, each.optional ? " (optional)" : "");
    return fail(Code::invalid_argument, "{}.{} came with {} attachments; it takes {}", contract_, function.name, count,
                wanted.empty() ? "none" : wanted);
}

Result<Answer> SimulationStub::run(std::string_view function, const json::value& arguments) {
    const auto* contract = recording_.contracts.find(contract_);
    if (contract == nullptr)
        return fail(Code::unknown_contract, "there is no contract \"{}\"", contract_.substr(0, 64));
    const auto* found = contract->find(function);
    if (found == nullptr && contract->functions().empty())
        return fail(Code::unavailable, "the package of the contract {} is not installed at this node", contract_);
    if (found == nullptr) {
        return fail(Code::unknown_function, "the contract {} has no function \"{}\"", contract_,
                    function.substr(0, 64));
    }
    TRY(may_call(*found));
    TRY(check_attachments(*found));
    auto answer = found->run(*this, arguments);
    const bool hidden =
        found->visibility == Visibility::parties && depth_ == 0 && !answer &&
        (answer.error().code.kind() == Kind::not_found || answer.error().code.kind() == Kind::forbidden);
    if (hidden)
        return fail(Code::permission_denied, "{}.{}: there is no such thing, or it is not this caller's to see",
                    contract_, function);
    return answer;
}

Status SimulationStub::verify_attachment(const crypto::PublicKey& key, std::size_t attachment,
                                         std::string_view content_type) {
    const auto& attachments = recording_.invocation.attachments;
    if (attachment >= attachments.size()) {
        return fail(Code::invalid_argument, "the call has {} attachments, not {}", attachments.size(), attachment + 1);
    }
    const auto message = TRY(crypto::Sign1::decode(attachments[attachment]));
    if (message.headers.content_type != content_type) {
        return fail(Code::malformed, "attachment {} has the content type \"{}\", not \"{}\"", attachment,
                    message.headers.content_type.substr(0, 64), content_type);
    }
    return message.verify(key, as_bytes(channel()), recording_.verified);
}

Status SimulationStub::check_result_bytes(std::size_t so_far) const {
    if (so_far > recording_.limits.max_result_bytes) return std::unexpected(recording_.result_too_large());
    return {};
}

void SimulationStub::emit(std::string_view event, const json::value& payload) {
    if (recording_.writes) recording_.events.push_back({std::string(event), json_text(payload)});
}

}  // namespace tally::chaincode
