#include "node/roles/orderer.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <list>

#include "node/roles/stopwatch.h"
#include "storage/model/archive.h"

namespace tally::node {

using consensus::RecordType;

namespace {

constexpr storage::BlockNumber kBlocksInFlight = 2;

struct BatchRecord {
    consensus::BatchReference reference;
    storage::Batch batch;

    template <class A>
    void serialize(A& a) {
        a(reference, batch);
    }
};

}  // namespace

// What a log tells, while it is read. A batch is taken by the first block behind it that names it; the same batch may
// come again, as the same transactions may.
struct Orderer::Recovery {
    storage::BlockNumber tip = 0;    // blocks up to this one are on the ledger, and their batches are not kept
    std::list<BatchRecord> batches;  // that no block has taken yet: few at any time
    std::map<crypto::Hash, consensus::Proposal> proposals;
    std::vector<OrderedBlock> final;

    Status take(std::uint8_t type, ByteView payload) {
        switch (static_cast<RecordType>(type)) {
            case RecordType::batch: {
                batches.push_back(TRY(storage::decode<BatchRecord>(payload, "a batch")));
                return {};
            }
            case RecordType::proposal: {
                auto proposal = TRY(storage::decode<consensus::Proposal>(payload, "a proposal"));
                const auto id = proposal.header.hash();
                proposals.insert_or_assign(id, std::move(proposal));
                return {};
            }
            case RecordType::certificate:
                return finish(TRY(storage::decode<consensus::Certificate>(payload, "a certificate")));
        }
        return fail(Code::corrupt, "a record of the unknown type {}", type);
    }

  private:
    Status finish(consensus::Certificate certificate) {
        const auto found = proposals.find(certificate.id);
        if (found == proposals.end()) return fail(Code::corrupt, "a certificate for a block that is not in the log");
        OrderedBlock block{std::move(found->second), std::move(certificate), {}, {}, {}};
        proposals.erase(found);
        for (const auto& reference : block.proposal.payload) {
            const auto batch = std::find_if(batches.begin(), batches.end(), [&](const auto& each) {
                return each.reference.digest == reference.digest;
            });
            if (batch == batches.end()) {
                return fail(Code::corrupt, "a batch of block {} is not in the log", block.proposal.header.number);
            }
            if (block.proposal.header.number > tip) block.batches.push_back(std::move(batch->batch));
            batches.erase(batch);
        }
        final.push_back(std::move(block));
        return {};
    }
};

Orderer::Orderer(OrdererOptions options, Identity identity, storage::Ledger& ledger, DeliverBlock deliver,
                 Metrics& metrics)
    : options_(std::move(options)),
      identity_(std::move(identity)),
      ledger_(ledger),
      deliver_(std::move(deliver)),
      metrics_(metrics),
      intake_(options_.queue_capacity),
      mempool_(options_.limits, options_.mempool_bytes) {}

Result<std::unique_ptr<Orderer>> Orderer::start(OrdererOptions options, Identity identity, storage::Ledger& ledger,
                                                DeliverBlock deliver, Metrics& metrics) {
    std::unique_ptr<Orderer> orderer(
        new Orderer(std::move(options), std::move(identity), ledger, std::move(deliver), metrics));
    TRY(orderer->recover());
    orderer->thread_ = std::thread([raw = orderer.get()] { raw->run(); });
    return orderer;
}

Status Orderer::recover() {
    const auto tip = ledger_.tip();
    TALLY_INVARIANT(tip.has_value(), "an orderer starts on a ledger that has its genesis block");
    Recovery recovery;
    recovery.tip = tip->number;
    log_ = TRY(
        storage::ConsensusLog::open({options_.log_directory, options_.segment_bytes},
                                    [&](std::uint8_t type, ByteView payload) { return recovery.take(type, payload); }));
    consensus::Position position{tip->number, tip->hash, tip->time_ms, tip->epoch, tip->view};
    const bool log_is_new = recovery.final.empty() && recovery.batches.empty() && log_->first_base() == 0;
    auto last = log_->last_base();
    for (auto& block : recovery.final) {
        const auto& header = block.proposal.header;
        last = std::max(last, header.number);
        if (header.number <= tip->number) continue;
        if (header.number != position.number + 1 || header.previous_hash != position.hash) {
            return fail(Code::corrupt, "block {} of the consensus log does not follow block {} of the ledger",
                        header.number, position.number);
        }
        position = {header.number, header.hash(), header.time_ms, header.epoch, header.view};
        recovered_.push_back(std::move(block));
    }
    if (log_->first_base() > tip->number) {
        return fail(Code::corrupt,
                    "the ledger ends at block {}, but the consensus log begins after block {}: blocks are lost",
                    tip->number, log_->first_base());
    }
    if (last < tip->number && !(log_is_new && tip->number == 0)) {
        return fail(Code::corrupt,
                    "the ledger holds block {}, but the consensus log ends at block {}: the log is damaged",
                    tip->number, last);
    }
    for (auto& record : recovery.batches) {
        orphans_.push_back(record.reference);
        batches_.emplace(record.reference.digest, std::move(record.batch));
    }
    applied_ = tip->number;
    delivered_ = tip->number;
    core_ = consensus::make_solo(options_.channel, position,
                                 [key = identity_.key](ByteView statement) { return key.sign(statement); });
    return {};
}

Orderer::~Orderer() { stop(); }

void Orderer::stop() {
    intake_.close();
    if (thread_.joinable()) thread_.join();
}

Status Orderer::submit(Bytes transaction) {
    if (disk_full_ || log_is_full_)
        return fail(Code::disk_full, "the node's disk is full; it takes no new work until there is room");
    if (transaction.size() > options_.limits.absolute_max_bytes) {
        return fail(Code::too_large, "the transaction has {} bytes where {} are allowed", transaction.size(),
                    options_.limits.absolute_max_bytes);
    }
    const auto size = transaction.size();
    if (pending_bytes_.fetch_add(size) + size <= options_.mempool_bytes && intake_.try_push(std::move(transaction)))
        return {};
    pending_bytes_ -= size;
    if (intake_.closed()) return fail(Code::unavailable, "the node is stopping");
    return fail(Code::busy, "{} transactions of {} bytes are waiting to be ordered; try again", intake_.size(),
                pending_bytes_.load());
}

void Orderer::applied(storage::BlockNumber number) {
    applied_ = number;
    intake_.wake();
}

void Orderer::run() {
    for (auto& block : recovered_) sign_and_deliver(std::move(block));
    recovered_.clear();
    for (const auto& orphan : orphans_) perform(core_->step(consensus::BatchAppended{orphan}, now_ms()));
    do {  // the first orphan's block is followed by one of all the others
        if (!sync_log()) return;
    } while (!core_->idle());
    for (;;) {
        std::optional<std::chrono::steady_clock::time_point> deadline;
        if (const auto due = mempool_.deadline_ms()) {
            deadline = std::chrono::steady_clock::now() +
                       std::chrono::milliseconds(std::max<std::int64_t>(*due - now_ms(), 0));
        }
        const bool closed = intake_.closed();
        // What does not fit into the mempool stays in the queue, and the queue's fullness is the client's "busy".
        if (mempool_.bytes() < options_.limits.preferred_bytes || closed) take(intake_.pop_all(deadline));
        const bool idle = core_->idle() && delivered_ - applied_ < kBlocksInFlight;
        if (mempool_.ready(now_ms(), idle || closed)) {
            cut_batch();
            if (!sync_log()) return;
        }
        if (closed && intake_.size() == 0 && mempool_.count() == 0 && core_->idle()) return;
    }
}

void Orderer::take(std::vector<Bytes> transactions) {
    const auto now = now_ms();
    for (auto& transaction : transactions) {
        const auto status = mempool_.add(std::move(transaction), now);
        TALLY_INVARIANT(status.has_value(), "what submit let in must fit into the mempool");
    }
}

void Orderer::cut_batch() {
    auto batch = mempool_.cut();
    BatchRecord record;
    auto& reference = record.reference;
    reference.sequence = ++batch_sequence_;
    reference.digest = storage::batch_digest(batch);
    reference.count = static_cast<std::uint32_t>(batch.size());
    for (const auto& transaction : batch) reference.bytes += transaction.size();
    record.batch = std::move(batch);
    log_->append(static_cast<std::uint8_t>(RecordType::batch), {storage::encode(record)});
    batches_.emplace(reference.digest, std::move(record.batch));
    perform(core_->step(consensus::BatchAppended{reference}, now_ms()));
}

void Orderer::perform(std::vector<consensus::Action> actions) {
    for (auto& action : actions) {
        if (auto* append = std::get_if<consensus::Append>(&action)) {
            log_->append(static_cast<std::uint8_t>(append->type), {append->record});
            last_ticket_ = append->ticket;
        } else if (auto* deliver = std::get_if<consensus::Deliver>(&action)) {
            hand_over(std::move(*deliver));
        }
    }
}

// Makes everything appended durable and tells the core; waits while the disk is full. False when the log is broken or
// the node stops on a full disk.
bool Orderer::sync_log() {
    for (;;) {
        const Stopwatch watch;
        const auto status = log_->sync();
        if (status) {
            metrics_.stage(Stage::sync, watch.seconds());
            break;
        }
        if (status.error().code != Code::disk_full) {
            broken_invariant(status.error().message, __FILE__, __LINE__);
        }
        if (!log_is_full_.exchange(true)) spdlog::error("event=disk_full what=\"{}\"", status.error().message);
        if (intake_.closed()) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(200));
    }
    if (log_is_full_.exchange(false)) spdlog::info("event=disk_has_room");
    perform(core_->step(consensus::Persisted{last_ticket_}, now_ms()));
    if (core_->idle() && log_->segment_is_full()) start_log_segment();
    return true;
}

void Orderer::start_log_segment() {
    auto status = log_->roll(delivered_);
    const storage::BlockNumber height = applied_;
    if (status) status = ledger_.sync();
    if (status) status = log_->release(height);
    if (!status && status.error().code != Code::disk_full) broken_invariant(status.error().message, __FILE__, __LINE__);
}

void Orderer::hand_over(consensus::Deliver deliver) {
    OrderedBlock block;
    for (const auto& reference : deliver.proposal.payload) {
        const auto found = batches_.find(reference.digest);
        TALLY_INVARIANT(found != batches_.end(), "a final block names a batch that is not here");
        block.batches.push_back(std::move(found->second));
        batches_.erase(found);
        pending_bytes_ -= std::min<std::uint64_t>(pending_bytes_, reference.bytes);
    }
    block.proposal = std::move(deliver.proposal);
    block.finalization = std::move(deliver.finalization);
    sign_and_deliver(std::move(block));
}

void Orderer::sign_and_deliver(OrderedBlock block) {
    block.writer_certificate = identity_.certificate().der();
    block.writer_signature = identity_.key.sign(storage::writer_statement(block.proposal.header));
    delivered_ = block.proposal.header.number;
    (void)deliver_(std::move(block));
}

}  // namespace tally::node
