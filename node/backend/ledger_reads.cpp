#include "node/backend/ledger_reads.h"

#include "crypto/receipt.h"
#include "node/backend/transaction_status.h"
#include "node/channel/ledger_json.h"
#include "node/channel/membership_chain.h"
#include "node/channel/receipt_file.h"
#include "node/threads/stopwatch.h"
#include "storage/model/read_transaction.h"

namespace tally::node {

namespace json = boost::json;

namespace {

constexpr std::uint64_t kEventBytesPerPage = 1U << 20;  // of payloads, beside the last event's
constexpr std::int64_t kReceiptPatienceMs = 5000;

}  // namespace

NodeLedgerReads::NodeLedgerReads(LedgerReadParts parts)
    : parts_(parts), receipts_("receipts", kWaitingOfOne, kWaiting) {}

void NodeLedgerReads::expire() {
    if (receipts_.any([now = steady_ms()](const WaitingReceipt& each) { return each.deadline_ms <= now; }))
        signature_came();
}

Result<gateway::TransactionStatus> NodeLedgerReads::status(const storage::TransactionId& id) {
    return find_status(parts_.ledger, parts_.waiting, id);
}

Status NodeLedgerReads::post(const chaincode::Caller& caller, std::function<void()> task) {
    return parts_.tasks.post(caller.organization, 0, std::move(task));
}

Result<Bytes> NodeLedgerReads::transaction(const storage::TransactionId& id) {
    return parts_.ledger.state()->transaction_bytes(id);
}

void NodeLedgerReads::receipt(const chaincode::Caller& caller, const storage::TransactionId& id,
                              gateway::Done<Bytes> done) {
    auto receipt = make_receipt_file(parts_.ledger, id, *parts_.membership.get());
    if (receipt || receipt.error().code != Code::unavailable) return done(std::move(receipt));
    WaitingReceipt waiting{id, std::move(done), steady_ms() + kReceiptPatienceMs};
    if (!receipts_.add(caller.organization, 0, waiting)) waiting.done(std::move(receipt));
}

// Making a receipt reads the ledger, so it does not run on the thread that reports a signature.
void NodeLedgerReads::signature_came() {
    if (!receipts_.any([](const WaitingReceipt&) { return true; })) return;
    if (receipts_looked_for_.exchange(true)) return;
    if (!parts_.pool.post([this] { look_for_receipts(); })) receipts_looked_for_ = false;
}

void NodeLedgerReads::look_for_receipts() {
    receipts_looked_for_ = false;
    const auto membership = parts_.membership.get();
    receipts_.look([&](WaitingReceipt& waiting) {
        auto receipt = make_receipt_file(parts_.ledger, waiting.id, *membership);
        if (!receipt && receipt.error().code == Code::unavailable && steady_ms() < waiting.deadline_ms) return false;
        waiting.done(std::move(receipt));
        return true;
    });
}

Result<std::uint64_t> NodeLedgerReads::height() {
    const auto tip = parts_.ledger.tip();
    if (!tip) return fail(Code::unavailable, "the ledger is empty");
    return tip->number;
}

Result<json::object> NodeLedgerReads::block(std::uint64_t number, bool header_only) {
    if (header_only) return block_json(TRY(parts_.ledger.block_header(number)), false);
    return block_json(TRY(parts_.ledger.block(number)), true);
}

Result<Bytes> NodeLedgerReads::raw_block(std::uint64_t number) {
    auto block = TRY(parts_.ledger.block(number));
    if ((block.header.flags & storage::BlockHeader::kSealing) != 0)
        block.metadata.finality_proof = TRY(finality_proof_of(parts_.ledger, number));
    return storage::encode(block);
}

Result<json::object> NodeLedgerReads::checkpoint(std::optional<std::uint64_t> block) {
    const auto number = block ? *block : TRY(height());
    return checkpoint_json(TRY(parts_.ledger.block_header(number)).metadata.checkpoint);
}

Result<json::object> NodeLedgerReads::consistency(std::uint64_t from_block, std::uint64_t to_block) {
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

Result<gateway::EventPage> NodeLedgerReads::events(gateway::EventCursor from, const gateway::EventFilter& filter,
                                                   std::size_t limit) {
    gateway::EventPage page;
    std::uint64_t page_bytes = 0;
    std::optional<gateway::EventCursor> full;  // the first event that has no room on the page
    const auto visit = [&](const FeedBlock& block, std::uint32_t index) {
        const auto& simulation = block.simulations[index];
        if (block.block.metadata.codes[index] != storage::ValidationCode::VALID || !simulation) return true;
        if (filter.contract && *filter.contract != simulation->contract) return true;
        const auto& header = block.block.header;
        const bool is_first = header.number == from.block && index == from.transaction;
        for (std::uint32_t i = is_first ? from.event : 0; i < simulation->events.size(); ++i) {
            const auto& event = simulation->events[i];
            if (filter.event && *filter.event != event.name) continue;
            const gateway::EventCursor at{header.number, index, i};
            if (page.events.size() == limit || page_bytes >= kEventBytesPerPage) {
                full = at;
                return false;
            }
            page_bytes += event.payload.size();
            page.events.push_back(
                {at, simulation->transaction_id, simulation->contract, event.name, event.payload, header.time_ms});
        }
        return true;
    };
    const auto next = TRY(parts_.feed.read({from.block, from.transaction}, {}, visit));
    // A cursor in the middle of the last block's last transaction stays where it is.
    page.next = full ? *full : std::max(from, gateway::EventCursor{next.block, next.transaction, 0});
    return page;
}

}  // namespace tally::node
