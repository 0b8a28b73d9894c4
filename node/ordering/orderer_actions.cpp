// What an orderer does when the core says so: writes its log, sends, hands blocks over.

#include "gateway/http/log_value.h"
#include "node/ordering/orderer.h"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "node/channel/config_update.h"
#include "node/threads/stopwatch.h"
#include "storage/model/read_transaction.h"

namespace tally::node {

namespace {

constexpr std::uint64_t kUnsyncedBytes = 8U << 20;  // of the log, at most
constexpr std::size_t kMostSegments = 4;            // of the log, before it waits for the chain
constexpr std::int64_t kChainSyncMs = 1000;         // after one that failed

// A full disk is waited for; any other failure of the log or the chain ends the process.
void must_hold(const Status& status) {
    if (!status && status.error().code != Code::disk_full) broken_invariant(status.error().message, __FILE__, __LINE__);
}

}  // namespace

void Orderer::perform(consensus::Action action) {
    if (auto* append = std::get_if<consensus::Append>(&action)) {
        log_->append(static_cast<std::uint8_t>(append->type), {append->record});
        appended_ = append->ticket;
        return;
    }
    if (auto* wanted = std::get_if<consensus::ServeBlocks>(&action)) {
        // Who is no member waits for what comes; a member asks again when it hears of more.
        return serve(*wanted, wanted->to >= members_);
    }
    if (auto* evidence = std::get_if<consensus::Evidence>(&action)) {
        spdlog::error("event=evidence orderer={} what={} first={} second={}", evidence->signer,
                      gateway::log_value(evidence->what), to_hex(evidence->first), to_hex(evidence->second));
        return;
    }
    if (const auto* blamed = std::get_if<consensus::Blame>(&action)) {
        return blame(blamed->member, blamed->why);
    }
    const auto* message = std::get_if<consensus::Send>(&action);
    if (message != nullptr && message->after <= synced_) return send(message->to, message->message);
    awaited_ = std::max(awaited_, message != nullptr ? message->after : std::get<consensus::Deliver>(action).after);
    held_.push_back(std::move(action));
}

// A sync serves everything that was appended before it; what nothing waits for can wait for the next one.
bool Orderer::must_sync() const { return awaited_ > synced_ || log_->unsynced_bytes() > kUnsyncedBytes; }

// Lets go what waited for the log; waits while the disk is full. False when the node stops on a full disk.
bool Orderer::settle(Sync sync) {
    const bool durable = sync == Sync::always || must_sync();
    const auto attempt = [&]() -> Status {
        const Stopwatch watch;
        TRY(durable ? log_->sync() : log_->write());
        if (durable && synced_ < appended_) metrics_.stage(Stage::sync, watch.seconds());
        if (durable) synced_ = appended_;
        return {};
    };
    if (!log_disk_.write(attempt, "the consensus log")) return false;
    release();
    if (log_->segment_is_full()) start_log_segment();
    const std::lock_guard lock(observation_mutex_);
    observation_ = core_->observe();
    return true;
}

void Orderer::release() {
    auto held = std::exchange(held_, {});
    for (auto& action : held) {
        if (auto* send_to = std::get_if<consensus::Send>(&action)) send(send_to->to, send_to->message);
        if (auto* deliver = std::get_if<consensus::Deliver>(&action)) hand_over(std::move(*deliver));
    }
}

void Orderer::send(std::optional<consensus::Member> to, const consensus::Message& message) {
    if (options_.network == nullptr) return;
    std::vector<consensus::Member> members;
    for (consensus::Member member = 0; member < members_ && !to; ++member) {
        if (member != self_) members.push_back(member);
    }
    if (to) members.push_back(*to);
    options_.network->send(members, message);
}

void Orderer::serve(const consensus::ServeBlocks& wanted, bool patient) {
    if (options_.server != nullptr) options_.server->add(wanted, patient);
}

void Orderer::blame(consensus::Member member, const std::string& why) {
    inbox_.forget(member);
    if (options_.network != nullptr) options_.network->blame(member, why);
}

void Orderer::start_log_segment() {
    if (next_epoch_) return;  // what is kept is of the epoch that begins
    auto status = log_->roll(delivered_);
    if (status) {
        for (const auto& record : core_->keep()) {
            log_->append(static_cast<std::uint8_t>(record.type), {record.record});
            appended_ = synced_ = record.ticket;
        }
        status = log_->sync();
    }
    must_hold(status);
    if (chain_sync_ && log_->segments() > kMostSegments) chain_sync_->done.wait();
}

// Old parts of the log go when the chain has durably what they hold. That takes long: nobody waits for it.
void Orderer::release_log() {
    if (chain_sync_) {
        if (chain_sync_->done.wait_for(std::chrono::seconds(0)) != std::future_status::ready) return;
        const auto [synced, done] = *std::exchange(chain_sync_, std::nullopt);
        const auto status = done.get();
        must_hold(status ? log_->release(synced) : status);
        if (!status) chain_sync_due_ms_ = steady_ms() + kChainSyncMs;
    }
    const storage::BlockNumber height = applied_;
    if (!log_->may_release(height) || steady_ms() < chain_sync_due_ms_) return;
    auto sync = std::async(std::launch::async, [this] {
        auto status = chain_.sync();
        intake_.wake();
        return status;
    });
    chain_sync_ = ChainSync{height, sync.share()};
}

void Orderer::hand_over(consensus::Deliver deliver) {
    OrderedBlock block{std::move(deliver.header), {}, std::move(deliver.fetched), {}, {}};
    if (!deliver.proof.finalization.signers.empty()) block.proof = std::move(deliver.proof);
    for (const auto& batch : block.batches) {
        if (!cuts_.empty()) own_batch_is_final(storage::batch_digest(batch), block.header.number);
    }
    for (const auto& batch : deliver.batches) {
        block.batches.push_back(batch->transactions);
        if (batch->header.lane == lane_) own_batch_is_final(batch->header.digest, block.header.number);
    }
    block.writer_certificate = identity_.certificate().der();
    block.writer_signature = identity_.key.sign(storage::writer_statement(block.header));
    delivered_ = block.header.number;
    if ((block.header.flags & storage::BlockHeader::kSealing) != 0) {
        const auto next = membership_after(block.header, block.batches, membership_.get());
        if (!next) {
            retired_ = true;  // who orders from here on is not known: this program is too old
            return (void)deliver_(std::move(block));
        }
        membership_.set(*next);
        next_epoch_ = block.header.epoch + 1;
    }
    (void)deliver_(std::move(block));
}

// Batches of this life become final in the order in which they were cut.
void Orderer::own_batch_is_final(const crypto::Hash& digest, storage::BlockNumber number) {
    if (cuts_.empty() || cuts_.front().digest != digest) return;
    const auto cut = cuts_.front();
    cuts_.pop_front();
    pending_bytes_ -= cut.bytes;
    while (!promises_.empty() && promises_.front().last <= cut.last) {
        quotas_.give_back(promises_.front().shares);
        if (promises_.front().ordered) promises_.front().ordered(number);
        promises_.pop_front();
    }
}

}  // namespace tally::node
