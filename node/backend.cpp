#include "node/backend.h"

#include "chaincode/contracts/data/refusals.h"
#include "chaincode/json/strict_json.h"
#include "chaincode/records/device_record.h"
#include "chaincode/records/vitro_block.h"
#include "crypto/receipt.h"
#include "node/channel/config_contract.h"
#include "node/channel/config_update.h"
#include "node/channel/ledger_json.h"
#include "node/channel/receipt_file.h"
#include "node/threads/stopwatch.h"
#include "storage/model/read_transaction.h"

namespace tally::node {

namespace json = boost::json;

namespace {

constexpr std::uint64_t kEventBlocksPerCall = 64;
constexpr std::uint64_t kEventBlockBytesPerCall = 8U << 20;  // of transactions, beside the first block
constexpr std::uint64_t kEventBytesPerPage = 1U << 20;       // of payloads, beside the last event's
// Callers who wait for signatures, and as many who wait for a block. Of the latter, each holds a record in memory.
constexpr Quotas::Share kWaitingOfOne{250, 16U << 20}, kWaiting{1000, 64U << 20};
constexpr std::int64_t kReceiptPatienceMs = 5000;
constexpr std::int64_t kDuplicatePatienceMs = 5000;
constexpr std::int64_t kApplyPatienceMs = 60'000;

gateway::TransactionStatus status_of(const Submission& submission) {
    gateway::TransactionStatus status;
    status.id = submission.id;
    status.state = submission.committed ? gateway::TransactionStatus::State::committed
                                        : gateway::TransactionStatus::State::pending;
    status.code = submission.outcome.code;
    status.block = submission.outcome.block;
    status.index = submission.outcome.index;
    if (!submission.result.empty()) {
        auto result = chaincode::parse_json(submission.result, "the result", {.max_bytes = 64U << 20});
        if (result) status.result = std::move(*result);
    }
    return status;
}

// What the ledger knows a record by.
struct RecordName {
    std::string device;
    std::string content_id;
};

Result<RecordName> name_of(ByteView record, bool is_vitro) {
    if (!is_vitro) {
        const auto decoded = TRY(chaincode::decode_record(record));
        return RecordName{decoded.record.device, decoded.content_id.hex()};
    }
    // The digest holds in one of the field orders alone.
    auto block = chaincode::decode_vitro(record, chaincode::VitroProfile::vitro1);
    if (!block) block = chaincode::decode_vitro(record, chaincode::VitroProfile::vitro2);
    const auto decoded = TRY(std::move(block));
    return RecordName{decoded.node_hex(), decoded.digest.hex()};
}

}  // namespace

// A device record on its way.
struct NodeBackend::Publication {
    Bytes record;
    bool is_vitro = false;
    std::string arguments;
    chaincode::Caller caller;
    gateway::Wait wait;
    gateway::Done<gateway::RecordOutcome> done;
};

NodeBackend::NodeBackend(BackendParts parts)
    : parts_(std::move(parts)),
      tasks_(parts_.pool, parts_.share),
      receipts_("receipts", kWaitingOfOne, kWaiting),
      duplicates_("records", kWaitingOfOne, kWaiting) {}

void NodeBackend::committed() {
    look_for_duplicates();
    const std::lock_guard lock(followers_mutex_);
    for (const auto& [number, wake] : followers_) wake();
}

std::shared_ptr<void> NodeBackend::on_commit(std::function<void()> wake) {
    const std::lock_guard lock(followers_mutex_);
    const auto number = next_follower_++;
    followers_.emplace(number, std::move(wake));
    return {nullptr, [this, number](void*) {
                const std::lock_guard inner(followers_mutex_);
                followers_.erase(number);
            }};
}

void NodeBackend::publish(Bytes record, std::string content_type, chaincode::Caller caller, gateway::Wait wait,
                          gateway::Done<gateway::RecordOutcome> done) {
    const bool is_vitro = content_type == "application/vnd.vitro.iot-block";
    const json::object arguments{{"format", is_vitro ? "vitro" : "record"}};
    const auto publication = std::make_shared<Publication>(Publication{
        std::move(record), is_vitro, chaincode::json_text(arguments), std::move(caller), wait, std::move(done)});
    auto sign = [this, publication] {
        chaincode::Proposal proposal{
            parts_.membership.get()->config().channel, "data", "publish", publication->arguments,
            {ByteView(publication->record)},           {},     now_ms()};
        return chaincode::sign_proposal(parts_.client.key, parts_.client.chain(), std::move(proposal));
    };
    auto finish = [this, publication](Result<Submission> submission) {
        if (!submission) {
            if (submission.error().code == chaincode::data::refusals::duplicate_record)
                return answer_duplicate({publication, submission.error(), steady_ms() + kDuplicatePatienceMs});
            return publication->done(std::unexpected(submission.error()));
        }
        gateway::RecordOutcome outcome{status_of(*submission), {}, false};
        if (const auto* result = outcome.transaction.result.if_object()) {
            if (const auto* id = result->if_contains("content_id"); id != nullptr && id->is_string()) {
                outcome.content_id = id->get_string();
            }
        }
        publication->done(std::move(outcome));
    };
    parts_.submitter.submit_own(publication->caller.organization, publication->record.size(), std::move(sign),
                                parts_.client.key.public_key(), publication->wait == gateway::Wait::committed,
                                std::move(finish));
}

// As the first was. An endorser may have its block already when this node does not: then it is waited for.
void NodeBackend::answer_duplicate(Duplicate duplicate) {
    if (is_answered(duplicate)) return;
    const auto& publication = *duplicate.publication;
    const auto waits = duplicates_.add(publication.caller.organization, publication.record.size(), duplicate);
    if (!waits) publication.done(std::unexpected(std::move(duplicate.refusal)));
}

bool NodeBackend::is_answered(Duplicate& duplicate) {
    auto first = earlier(*duplicate.publication);
    const bool known = first && *first;
    if (first && !known && steady_ms() < duplicate.deadline_ms) return false;
    duplicate.publication->done(known ? Result<gateway::RecordOutcome>(std::move(**first))
                                      : std::unexpected(std::move(duplicate.refusal)));
    return true;
}

void NodeBackend::look_for_duplicates() {
    duplicates_.look([this](Duplicate& duplicate) { return is_answered(duplicate); });
}

Result<std::optional<gateway::RecordOutcome>> NodeBackend::earlier(const Publication& publication) {
    const auto name = TRY(name_of(publication.record, publication.is_vitro));
    const json::object arguments{{"content_id", name.content_id}, {"device", name.device}};
    const auto found =
        TRY(parts_.evaluator.query(publication.caller, "data", "find", chaincode::json_text(arguments), now_ms()));
    const auto* record = found.if_object();
    const auto* transaction = record == nullptr ? nullptr : record->if_contains("transaction");
    if (transaction == nullptr || !transaction->is_string()) return std::nullopt;
    const auto id = TRY(crypto::Hash::from_hex(std::string_view(transaction->get_string())));
    gateway::RecordOutcome outcome{TRY(status(id)), name.content_id, true};
    return outcome;
}

void NodeBackend::submit(chaincode::Caller caller, Bytes proposal, gateway::Wait wait,
                         gateway::Done<gateway::TransactionStatus> done) {
    parts_.submitter.submit(caller.organization, std::move(proposal), wait == gateway::Wait::committed,
                            [done = std::move(done)](Result<Submission> submission) {
                                if (!submission) return done(std::unexpected(submission.error()));
                                done(status_of(*submission));
                            });
}

// The proposals that approve it are on the ledger, as their signers sent them.
Result<Bytes> NodeBackend::configuration_update(const crypto::Hash& config) const {
    const auto state = parts_.ledger.snapshot();
    const auto proposed = TRY(read_config_proposal(*state, config));
    const auto current = parts_.membership.get();
    if (config == current->config_hash()) return fail(Code::already_exists, "it is in force already");
    std::vector<Bytes> approvals;
    for (const auto& id : proposed.approvals) {
        const auto bytes = TRY(state->transaction_bytes(id));
        approvals.push_back(TRY(storage::read_transaction(bytes, "an approval")).proposal);
    }
    // As the next block will judge them; its time is not before the last one's.
    const auto time_ms = std::max(now_ms(), parts_.ledger.tip()->time_ms);
    auto chosen = TRY(choose_approvals(proposed.config, approvals, *current, time_ms));
    TRY(next_channel_config(proposed.config, current->config()));
    return encode_config_update({current->config().channel, proposed.config, std::move(chosen)});
}

void NodeBackend::apply_configuration(const crypto::Hash& config, gateway::Done<gateway::TransactionStatus> done) {
    auto shared = std::make_shared<gateway::Done<gateway::TransactionStatus>>(std::move(done));
    const bool posted = parts_.pool.post([this, config, shared] {
        const auto update = configuration_update(config);
        if (!update) return (*shared)(std::unexpected(update.error()));
        const auto id = config_update_id(*storage::read_transaction(*update, "an update"));
        const auto committed = [shared, id](Result<Outcome> outcome) {
            if (!outcome) return (*shared)(std::unexpected(outcome.error()));
            (*shared)(status_of({id, *outcome, true, outcome->result}));
        };
        if (!parts_.waiting.add(id, committed, steady_ms() + kApplyPatienceMs)) return;
        if (const auto status = parts_.order_configuration(*update); !status)
            parts_.waiting.resolve(id, std::unexpected(status.error()));
    });
    if (!posted) (*shared)(fail(Code::busy, "too much is waiting; try again"));
}

Status NodeBackend::post(const chaincode::Caller& caller, std::function<void()> task) {
    return tasks_.post(caller.organization, 0, std::move(task));
}

void NodeBackend::evaluate(chaincode::Caller caller, Bytes proposal, gateway::Done<json::value> done) {
    auto shared = std::make_shared<gateway::Done<json::value>>(std::move(done));
    const auto bytes = proposal.size();
    const auto posted = tasks_.post(caller.organization, bytes, [this, proposal = std::move(proposal), shared] {
        const auto decoded =
            chaincode::SignedProposal::decode(proposal, parts_.membership.get()->config().batch.absolute_max_bytes);
        if (!decoded) return (*shared)(std::unexpected(decoded.error()));
        (*shared)(parts_.evaluator.evaluate(*decoded, now_ms()));
    });
    if (!posted) (*shared)(std::unexpected(posted.error()));
}

void NodeBackend::query(chaincode::Caller caller, std::string contract, std::string function, json::object arguments,
                        gateway::Done<json::value> done) {
    auto shared = std::make_shared<gateway::Done<json::value>>(std::move(done));
    auto text = chaincode::json_text(arguments);
    const auto party = caller.organization;
    const auto bytes = text.size();
    const auto posted =
        tasks_.post(party, bytes,
                    [this, caller = std::move(caller), contract = std::move(contract), function = std::move(function),
                     arguments = std::move(text), shared]() mutable {
                        (*shared)(parts_.evaluator.query(caller, std::move(contract), std::move(function),
                                                         std::move(arguments), now_ms()));
                    });
    if (!posted) (*shared)(std::unexpected(posted.error()));
}

Result<gateway::TransactionStatus> NodeBackend::status(const storage::TransactionId& id) {
    gateway::TransactionStatus status;
    status.id = id;
    if (const auto location = TRY(parts_.ledger.find(id))) {
        const auto bytes = parts_.ledger.transaction(location->block, location->index);
        if (!bytes && bytes.error().code == Code::not_kept) {
            return status_of({id, {location->code, {}, location->block, location->index, {}}, true, {}});
        }
        if (!bytes) return std::unexpected(bytes.error());
        const auto transaction = TRY(storage::read_transaction(*bytes, "a transaction"));
        const auto simulation = TRY(storage::read_simulation(transaction.simulation, "a simulation"));
        return status_of({id, {location->code, {}, location->block, location->index, {}}, true, simulation.result});
    }
    if (parts_.waiting.contains(id)) status.state = gateway::TransactionStatus::State::pending;
    return status;
}

Result<Bytes> NodeBackend::transaction(const storage::TransactionId& id) {
    return parts_.ledger.snapshot()->transaction_bytes(id);
}

void NodeBackend::receipt(const chaincode::Caller& caller, const storage::TransactionId& id,
                          gateway::Done<Bytes> done) {
    auto receipt = make_receipt_file(parts_.ledger, id, *parts_.membership.get());
    if (receipt || receipt.error().code != Code::unavailable) return done(std::move(receipt));
    WaitingReceipt waiting{id, std::move(done), steady_ms() + kReceiptPatienceMs};
    if (!receipts_.add(caller.organization, 0, waiting)) waiting.done(std::move(receipt));
}

// Making receipts takes reads: not on the thread of whoever tells of a signature.
void NodeBackend::signature_came() {
    if (!receipts_.any([](const WaitingReceipt&) { return true; })) return;
    if (receipts_looked_for_.exchange(true)) return;
    if (!parts_.pool.post([this] { look_for_receipts(); })) receipts_looked_for_ = false;
}

void NodeBackend::look_for_receipts() {
    receipts_looked_for_ = false;
    const auto membership = parts_.membership.get();
    receipts_.look([&](WaitingReceipt& waiting) {
        auto receipt = make_receipt_file(parts_.ledger, waiting.id, *membership);
        if (!receipt && receipt.error().code == Code::unavailable && steady_ms() < waiting.deadline_ms) return false;
        waiting.done(std::move(receipt));
        return true;
    });
}

void NodeBackend::expire() {
    look_for_duplicates();
    if (receipts_.any([now = steady_ms()](const WaitingReceipt& each) { return each.deadline_ms <= now; }))
        signature_came();
}

Result<std::uint64_t> NodeBackend::height() {
    const auto tip = parts_.ledger.tip();
    if (!tip) return fail(Code::unavailable, "the ledger is empty");
    return tip->number;
}

Result<json::object> NodeBackend::block(std::uint64_t number, bool header_only) {
    if (header_only) return block_json(TRY(parts_.ledger.block_header(number)), false);
    return block_json(TRY(parts_.ledger.block(number)), true);
}

Result<json::object> NodeBackend::checkpoint(std::optional<std::uint64_t> block) {
    const auto number = block ? *block : TRY(height());
    return checkpoint_json(TRY(parts_.ledger.block_header(number)).metadata.checkpoint);
}

Result<json::object> NodeBackend::consistency(std::uint64_t from_block, std::uint64_t to_block) {
    if (from_block > to_block)
        return fail(Code::invalid_argument, "\"from\" is {}, which is after block {}", from_block, to_block);
    const auto from = TRY(parts_.ledger.block_header(from_block)).metadata.checkpoint;
    const auto to = TRY(parts_.ledger.block_header(to_block)).metadata.checkpoint;
    const crypto::ConsistencyProof proof{from.tree_size, to.tree_size,
                                         TRY(parts_.ledger.consistency_path(from.tree_size, to.tree_size))};
    json::array path;
    for (const auto& hash : proof.path) path.emplace_back(hash.hex());
    json::array receipts;
    for (const auto& signature : to.signatures) {
        receipts.emplace_back(
            to_base64(crypto::encode_consistency_receipt(signature.protected_header, signature.signature, proof)));
    }
    return json::object{{"from", checkpoint_json(from)},
                        {"to", checkpoint_json(to)},
                        {"path", std::move(path)},
                        {"receipts", std::move(receipts)}};
}

Result<gateway::EventPage> NodeBackend::events(gateway::EventCursor from, const gateway::EventFilter& filter,
                                               std::size_t limit) {
    const auto last = TRY(height());
    gateway::EventPage page;
    page.next = from;
    std::uint64_t read_bytes = 0;
    std::uint64_t page_bytes = 0;
    for (std::uint64_t looked = 0;
         page.next.block <= last && looked < kEventBlocksPerCall && read_bytes < kEventBlockBytesPerCall; ++looked) {
        const auto number = page.next.block;
        const auto block = TRY(parts_.ledger.block(number));
        const auto transactions = transactions_of(block);
        for (auto index = page.next.transaction; index < transactions.size(); ++index) {
            const auto skip = index == page.next.transaction ? page.next.event : 0;
            read_bytes += transactions[index].size();
            if (block.metadata.codes[index] != storage::ValidationCode::VALID) continue;
            const auto transaction = TRY(storage::read_transaction(transactions[index], "a transaction"));
            const auto simulation = TRY(storage::read_simulation(transaction.simulation, "a simulation"));
            if (filter.contract && *filter.contract != simulation.contract) continue;
            for (std::uint32_t i = skip; i < simulation.events.size(); ++i) {
                const auto& event = simulation.events[i];
                if (filter.event && *filter.event != event.name) continue;
                const gateway::EventCursor at{number, index, i};
                if (page.events.size() == limit || page_bytes >= kEventBytesPerPage) {
                    page.next = at;
                    return page;
                }
                page_bytes += event.payload.size();
                page.events.push_back({at, simulation.transaction_id, simulation.contract, event.name, event.payload,
                                       block.header.time_ms});
            }
        }
        page.next = {number + 1, 0, 0};
    }
    return page;
}

}  // namespace tally::node
