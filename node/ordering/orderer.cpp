#include "node/ordering/orderer.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <limits>

#include "crypto/thread_name.h"
#include "node/channel/config_update.h"
#include "node/threads/stopwatch.h"
#include "storage/model/read_transaction.h"

namespace tally::node {

namespace {

constexpr storage::BlockNumber kBlocksInFlight = 2;  // delivered and not applied, before batches are made to wait
constexpr storage::BlockNumber kLongBacklog = 8;     // before this member stops helping others
constexpr auto kStopPatience = std::chrono::seconds(5);
constexpr std::size_t kMessagesAtOnce = 256;    // before the log is synced and others have their turn
constexpr std::size_t kBytesAtOnce = 4U << 20;  // of messages, likewise

std::uint64_t size_of(const storage::Batch& batch) {
    std::uint64_t bytes = 0;
    for (const auto& transaction : batch) bytes += transaction.size();
    return bytes;
}

consensus::Clocks clocks() { return {steady_ms(), now_ms()}; }

}  // namespace

Orderer::Orderer(OrdererOptions options, CurrentIdentity identity, std::shared_ptr<const Membership> membership,
                 storage::Chain& chain, DeliverBlock deliver, Metrics& metrics)
    : options_(std::move(options)),
      identity_(std::move(identity)),
      chain_(chain),
      deliver_(std::move(deliver)),
      metrics_(metrics),
      intake_(options_.queue_capacity),
      membership_(std::move(membership)),
      inbox_(options_.inbox_bytes),
      quotas_("transactions",
              {std::max<std::uint64_t>(options_.queue_capacity / options_.submitter_share, 1),
               std::max<std::uint64_t>(options_.mempool_bytes / options_.submitter_share, kMaxTransactionBytes)}),
      mempool_(limits(), options_.mempool_bytes) {}

Result<std::unique_ptr<Orderer>> Orderer::start(OrdererOptions options, CurrentIdentity identity,
                                                std::shared_ptr<const Membership> membership, storage::Chain& chain,
                                                DeliverBlock deliver, Metrics& metrics) {
    options.mempool_bytes = std::max(options.mempool_bytes, kMaxTransactionBytes);
    std::unique_ptr<Orderer> orderer(new Orderer(std::move(options), std::move(identity), std::move(membership), chain,
                                                 std::move(deliver), metrics));
    TRY(orderer->recover());
    orderer->thread_ = std::thread([raw = orderer.get()] { raw->run(); });
    return orderer;
}

// An accepted transaction still fits after a change of the configuration: submit checks the size that is allowed now.
consensus::BatchLimits Orderer::limits() const {
    const auto membership = membership_.get();
    auto limits = membership->config().batch_limits();
    limits.absolute_max_bytes = kMaxTransactionBytes;
    // Batches travel while they fill; alone, a batch is a block.
    if (membership->orderer_keys().size() > 1) {
        limits.preferred_bytes = std::min(limits.preferred_bytes, options_.batch_bytes);
        limits.timeout_ms = std::min(limits.timeout_ms, options_.batch_wait_ms);
    }
    return limits;
}

consensus::Settings Orderer::settings() const {
    const auto& batch = membership_.get()->config().batch;
    auto settings = options_.settings;
    settings.max_messages = batch.max_messages;
    settings.preferred_bytes = batch.preferred_bytes;
    settings.max_block_bytes = kMaxTransactionBytes;
    settings.block_timeout_ms = batch.timeout_ms;
    return settings;
}

Orderer::~Orderer() { stop(); }

void Orderer::stop() {
    intake_.close();
    log_disk_.give_up();
    if (thread_.joinable()) thread_.join();
    if (chain_sync_) chain_sync_->done.wait();
    log_.reset();  // ends the segment where its records end, before anybody seals the directory
}

Status Orderer::submit(Bytes transaction, Quotas::Shares shares) {
    std::vector<Bytes> one;
    one.push_back(std::move(transaction));
    return submit(std::move(one), nullptr, std::move(shares));
}

Status Orderer::submit_configuration(Bytes transaction) {
    const auto decoded = TRY(storage::read_transaction(transaction, "a configuration update"));
    if (transaction.size() > max_transaction_bytes_) {
        return fail(Code::too_large, "the configuration update has {} bytes where {} are allowed", transaction.size(),
                    max_transaction_bytes_.load());
    }
    if (decoded.kind != storage::Transaction::Kind::configuration)
        return fail(Code::invalid_argument, "the transaction is no configuration update");
    TRY(check_config_update(decoded, *membership_.get(), now_ms()));
    Submission submission;
    submission.transactions.push_back(std::move(transaction));
    submission.sealing = true;
    if (!retired_ && intake_.try_push(std::move(submission))) return {};
    return fail(Code::unavailable, "this node takes no configuration update now; try again");
}

Status Orderer::submit(std::vector<Bytes> transactions, Ordered ordered, Quotas::Shares shares) {
    if (retired_) return fail(Code::unavailable, "this node orders no more");
    if (disk_full_ || log_disk_.is_full())
        return fail(Code::disk_full, "the node's disk is full; it takes no new work until there is room");
    std::uint64_t size = 0;
    for (const auto& transaction : transactions) {
        size += transaction.size();
        if (transaction.empty()) return fail(Code::invalid_argument, "an empty transaction");
        if (transaction.size() > max_transaction_bytes_) {
            return fail(Code::too_large, "the transaction has {} bytes where {} are allowed", transaction.size(),
                        max_transaction_bytes_.load());
        }
    }
    const auto count = transactions.size();
    if (count == 0) return fail(Code::invalid_argument, "no transaction was given");
    TRY(quotas_.take(shares));
    const bool fits = pending_bytes_.fetch_add(size) + size <= options_.mempool_bytes;
    const bool few = waiting_.fetch_add(count) + count <= options_.queue_capacity;
    if (fits && few && intake_.try_push({std::move(transactions), std::move(ordered), shares})) return {};
    quotas_.give_back(shares);
    pending_bytes_ -= size;
    waiting_ -= count;
    if (intake_.closed()) return fail(Code::unavailable, "the node is stopping");
    return fail(Code::busy, "{} transactions of {} bytes are waiting to be ordered; try again", waiting_.load(),
                pending_bytes_.load());
}

void Orderer::receive(consensus::Member from, FrameBody message) {
    if (inbox_.put(from, std::move(message))) return intake_.wake();
    if (options_.network != nullptr) options_.network->refused(from);
}

void Orderer::applied(storage::BlockNumber number) {
    applied_ = number;
    intake_.wake();
}

consensus::Observation Orderer::observe() const {
    const std::lock_guard lock(observation_mutex_);
    return observation_;
}

// ---- The thread. ----------------------------------------------------------------------------------------------------

void Orderer::run() {
    name_thread("orderer");
    for (auto& action : core_->start(clocks())) perform(std::move(action));
    if (!settle(Sync::always)) return;
    // It is durable now that this orderer may have voted, or that it votes again.
    if (log_->copied() || log_->trusted()) start_log_segment();
    std::error_code ignored;
    std::filesystem::remove(options_.first_start_marker, ignored);
    std::filesystem::remove(options_.restored_marker, ignored);
    std::optional<std::chrono::steady_clock::time_point> patience;
    for (;;) {
        const bool closed = intake_.closed();
        if (closed) std::this_thread::sleep_for(std::chrono::milliseconds(1));
        take(intake_.pop_all(next_deadline()));
        take_messages();
        cut_batches(closed);
        release_log();
        // At the end what was accepted is put in order though it may not be written any more: the log has it then.
        const bool late = !closed && delivered_ - applied_ >= kLongBacklog;
        if (late != backlog_) step(consensus::Backlog{backlog_ = late});
        if (steady_ms() >= core_->wake_at()) step(consensus::Tick{});
        if (!settle()) return;
        if (next_epoch_) {
            begin_epoch();
            if (!settle()) return;
        }
        if (!closed) continue;
        if (!patience) patience = std::chrono::steady_clock::now() + kStopPatience;
        const bool done = retired_ || (intake_.size() == 0 && mempool_.count() == 0 && core_->idle());
        if (done || (members_ > 1 && std::chrono::steady_clock::now() >= *patience)) break;
    }
    (void)settle(Sync::always);
}

// Behind a sealing block.
void Orderer::begin_epoch() {
    const auto epoch = *std::exchange(next_epoch_, std::nullopt);
    const auto membership = membership_.get();
    const auto own = membership->orderer_with(identity_.key.public_key());
    if (options_.epoch_starts) options_.epoch_starts(membership);
    // Who is who has changed; what was on its way is sent again.
    inbox_.clear();
    members_ = membership->orderer_keys().size();
    max_transaction_bytes_ = membership->config().batch.absolute_max_bytes;
    mempool_.set_limits(limits());
    if (own) self_ = *own;
    retired_ = !own;
    spdlog::info("event=epoch epoch={} orderers={} part={}", epoch, members_, own ? "member" : "none");
    step(consensus::EpochStarted{membership->committee(epoch), own, consensus::verify_with(membership->orderer_keys()),
                                 changes_configuration(membership), settings()});
}

std::optional<std::chrono::steady_clock::time_point> Orderer::next_deadline() const {
    auto due = retired_ ? std::numeric_limits<std::int64_t>::max() : core_->wake_at();
    if (const auto batch = mempool_.deadline_ms()) due = std::min(due, *batch);
    if (due == std::numeric_limits<std::int64_t>::max()) return std::nullopt;
    return std::chrono::steady_clock::now() + std::chrono::milliseconds(std::max<std::int64_t>(due - steady_ms(), 0));
}

void Orderer::step(consensus::Event event) {
    if (retired_) return;
    for (auto& action : core_->step(std::move(event), clocks())) perform(std::move(action));
}

void Orderer::take(std::vector<Submission> submissions) {
    const auto now = steady_ms();
    for (auto& submission : submissions) {
        if (submission.sealing) {
            const auto digest = storage::batch_digest(submission.transactions);
            step(consensus::Submitted{std::move(submission.transactions), digest, true});
            continue;
        }
        taken_ += submission.transactions.size();
        if (submission.ordered || !submission.shares.empty())
            promises_.push_back({taken_, std::move(submission.ordered), std::move(submission.shares)});
        for (auto& transaction : submission.transactions) {
            const auto status = mempool_.add(std::move(transaction), now);
            TALLY_INVARIANT(status.has_value(), "what submit let in must fit into the mempool");
        }
    }
}

void Orderer::take_messages() {
    for (auto& [from, message] : inbox_.take(kMessagesAtOnce, kBytesAtOnce)) {
        if (!message) {
            blame(from, message.error().message);
            continue;
        }
        metrics_.consensus_message("received", consensus::message_name(*message), 1);
        if (retired_)
            answer_as_retired(from, *message);
        else
            step(consensus::Received{from, std::move(*message)});
    }
    if (!inbox_.empty()) intake_.wake();
}

// The orderers of an epoch that has ended may have nobody else to hear it from.
void Orderer::answer_as_retired(consensus::Member from, const consensus::Message& message) {
    if (const auto* wanted = std::get_if<consensus::FetchBlocks>(&message)) return serve({from, wanted->from}, true);
    const auto* status = std::get_if<consensus::StatusMessage>(&message);
    if (status == nullptr || status->answer || status->final_number >= delivered_) return;
    consensus::StatusMessage mine;
    mine.epoch = core_->observe().epoch + 1;
    mine.final_number = delivered_;
    mine.answer = true;
    send(from, mine);
}

void Orderer::cut_batches(bool closed) {
    if (retired_) return;
    const auto in_flight = [&] { return !core_->idle() || delivered_ - applied_ >= kBlocksInFlight; };
    const auto room = [&] { return core_->observe().own_pending_bytes < options_.settings.lane_bytes / 2; };
    while (mempool_.ready(steady_ms(), closed || !in_flight()) && room()) {
        auto batch = mempool_.cut();
        waiting_ -= batch.size();
        cut_ += batch.size();
        cuts_.push_back({storage::batch_digest(batch), size_of(batch), cut_});
        step(consensus::Submitted{std::move(batch), cuts_.back().digest, false});
    }
}

// ---- The core's actions. --------------------------------------------------------------------------------------------

}  // namespace tally::node
