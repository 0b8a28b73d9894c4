#include "node/ordering/ordering.h"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "gateway/http/log_value.h"
#include "node/channel/proposal_check.h"
#include "node/ordering/channel_nodes.h"
#include "node/threads/stopwatch.h"
#include "storage/model/archive.h"

namespace tally::node {
namespace {

constexpr Share kSubmitShare{1024, 256U << 20};                      // of one of the other nodes
constexpr std::size_t kMaxSubmitted = consensus::kMaxBlockMessages;  // transactions in one question

constexpr auto kAnswerPatience = std::chrono::seconds(2);

// Adds a transaction to the share of the member that made it; none: the channel does not ask who that is.
void add_to(Quotas::Shares& shares, const std::optional<chaincode::Caller>& caller, const Bytes& transaction) {
    if (!caller) return;
    auto& share = shares[fmt::format("{} of {}", caller->name, caller->organization)];
    ++share.count;
    share.bytes += transaction.size();
}

}  // namespace

Ordering::Ordering(OrderingOptions options) : options_(std::move(options)) {
    options_.orderer.network = options_.network;
    if (options_.pool != nullptr) tasks_.emplace(*options_.pool, kSubmitShare);
    if (options_.network != nullptr) {
        auto* const network = options_.network;
        server_.emplace(*options_.chain, [network](consensus::Member to, consensus::FetchedBlocks blocks) {
            network->send(std::span(&to, 1), std::move(blocks));
        });
        options_.orderer.server = &*server_;
    }
    options_.orderer.epoch_starts = [this](const std::shared_ptr<const Membership>& membership) {
        if (options_.network == nullptr) return;
        options_.network->follow(nodes_of(membership->config()));
        server_->clear();
    };
}

std::shared_ptr<Orderer> Ordering::orderer() const {
    const std::lock_guard lock(mutex_);
    return orderer_;
}

std::shared_ptr<BlockPuller> Ordering::puller() const {
    const std::lock_guard lock(mutex_);
    return puller_;
}

const CurrentIdentity* Ordering::named_identity() const {
    const auto membership = options_.membership->get();
    for (const auto& each : options_.identities) {
        if (membership->orderer_with(each.key.public_key())) return &each;
    }
    return nullptr;
}

Status Ordering::start() {
    applied_ = options_.chain->tip()->number;
    return start_part();
}

Status Ordering::start_part() {
    if (const auto* const identity = named_identity()) return start_orderer(*identity);
    if (options_.network == nullptr)
        return fail(Code::bad_configuration, "the key in [identity.orderer] is not one that channel {} names",
                    options_.membership->get()->config().channel);
    start_puller();
    return {};
}

// Its votes rest on the chain's tip, which no log of its own may prove yet: so that must be durable first.
Status Ordering::start_orderer(const CurrentIdentity& identity) {
    TRY(options_.chain->sync());
    std::shared_ptr<Orderer> started = TRY(Orderer::start(options_.orderer, identity, options_.membership->get(),
                                                          *options_.chain, options_.deliver, *options_.metrics));
    const std::lock_guard lock(mutex_);
    orderer_ = std::move(started);
    return {};
}

void Ordering::start_puller() {
    auto started =
        std::make_shared<BlockPuller>(*options_.chain, options_.membership->get(), *options_.network, *server_,
                                      options_.deliver, options_.orderer.epoch_starts, options_.highest);
    started->start();
    const std::lock_guard lock(mutex_);
    puller_ = std::move(started);
}

// The other part begins where the chain ends, with the membership behind it: so everything that was delivered must have
// been applied. A puller may have delivered more when it is stopped; then the other part begins a look later.
void Ordering::look() {
    const std::lock_guard changing(change_mutex_);
    if (stopped_) return;
    if (const auto ordering = orderer(); ordering && ordering->retired() && applied_ == ordering->delivered()) {
        ordering->stop();
        delivered_ = ordering->delivered();
        const std::lock_guard lock(mutex_);
        orderer_.reset();
    }
    if (const auto pulling = puller(); pulling && named_identity() != nullptr && applied_ == pulling->delivered()) {
        pulling->stop();
        delivered_ = pulling->delivered();
        const std::lock_guard lock(mutex_);
        puller_.reset();
    }
    if (orderer() || puller() || applied_ != delivered_) return;
    if (const auto status = start_part(); !status) {
        spdlog::error("event=cannot_order what={}", gateway::log_value(status.error().message));
        if (options_.network != nullptr) start_puller();
    }
    spdlog::info("event={} height={}", orderer() ? "orders_now" : "orders_no_more", delivered_);
}

void Ordering::stop() {
    const std::lock_guard changing(change_mutex_);
    stopped_ = true;
    if (const auto ordering = orderer()) ordering->stop();
    if (const auto pulling = puller()) pulling->stop();
    if (server_) server_->stop();
}

// A follower has no orderer of its own: different ones begin with different orderers.
std::vector<std::string> Ordering::orderers_behind(const std::string& orderer) const {
    std::vector<std::string> ids;
    for (const auto& each : options_.membership->get()->config().orderers) ids.push_back(each.id);
    const auto at = std::find(ids.begin(), ids.end(), orderer);
    const auto first =
        at != ids.end() ? static_cast<std::size_t>(at - ids.begin()) + 1 : std::hash<std::string>()(options_.self);
    if (!ids.empty())
        std::rotate(ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(first % ids.size()), ids.end());
    std::stable_partition(ids.begin(), ids.end(), [&](const std::string& id) {
        return id != orderer &&
               (id == options_.self || (options_.network != nullptr && options_.network->is_there(id)));
    });
    return ids;
}

Status Ordering::ask(const std::string& orderer, ByteView question) const {
    if (options_.network == nullptr) return fail(Code::unavailable, "no orderer is within reach of this node");
    TRY(options_.network->ask(orderer, FrameKind::submit, question, kAnswerPatience).wait());
    return {};
}

Result<std::string> Ordering::submit(const Bytes& transaction, const std::string& behind) {
    Quotas::Shares shares;
    add_to(shares, TRY(admit_transaction(transaction, *options_.membership->get(), now_ms(), options_.memo)),
           transaction);
    return submit(transaction, behind, std::move(shares));
}

Result<std::string> Ordering::submit(const Bytes& transaction, const chaincode::SignedProposal& proposal) {
    Quotas::Shares shares;
    add_to(shares, TRY(admit_proposal(proposal, *options_.membership->get(), now_ms(), options_.memo)), transaction);
    return submit(transaction, {}, std::move(shares));
}

Result<std::string> Ordering::submit(const Bytes& transaction, const std::string& behind, Quotas::Shares shares) {
    if (const auto here = orderer(); here && behind.empty()) {
        TRY(here->submit(Bytes(transaction), std::move(shares)));
        return options_.self;
    }
    Error last{Code::unavailable, "no orderer is within reach of this node"};
    const auto question = storage::encode(SubmitQuestion{false, false, {transaction}});
    for (const auto& id : orderers_behind(behind)) {
        const auto here = id == options_.self ? orderer() : nullptr;
        const auto status = here ? here->submit(Bytes(transaction), shares) : ask(id, question);
        if (status) return id;
        last = status.error().within(id);
    }
    return std::unexpected(last);
}

Status Ordering::submit_configuration(const Bytes& transaction) {
    if (const auto here = orderer()) return here->submit_configuration(transaction);
    Error last{Code::unavailable, "no orderer is within reach of this node"};
    const auto question = storage::encode(SubmitQuestion{false, true, {transaction}});
    for (const auto& id : orderers_behind({})) {
        const auto status = ask(id, question);
        if (status) return {};
        last = status.error().within(id);
    }
    return std::unexpected(last);
}

void Ordering::applied(storage::BlockNumber number) {
    applied_ = number;
    if (const auto ordering = orderer()) ordering->applied(number);
    if (server_) server_->applied();
}

void Ordering::receive(consensus::Member from, FrameBody message) {
    if (const auto ordering = orderer()) return ordering->receive(from, std::move(message));
    if (const auto pulling = puller()) pulling->receive(from, std::move(message));
}

// What another node submits is checked by workers, as the network's thread must go on.
void Ordering::answer(const std::string& peer, FrameBody body, const NodeNetwork::Answer& answer) {
    const auto bytes = body.size();
    const auto posted = tasks_->post(peer, bytes, [this, peer, body = std::move(body), answer]() mutable {
        const auto opened = std::move(body).open();
        auto question = opened ? storage::decode<SubmitQuestion>(*opened, "a submission", kMaxSubmitted)
                               : std::unexpected(opened.error());
        if (!question) {
            options_.network->blame(peer, question.error());
            return answer(std::unexpected(question.error()));
        }
        const bool until_ordered = question->until_ordered;
        Orderer::Ordered ordered;
        if (until_ordered) ordered = [answer](storage::BlockNumber number) { answer(storage::encode(number)); };
        const auto status = submit_here(std::move(*question), std::move(ordered));
        if (!status) return answer(std::unexpected(status.error()));
        if (!until_ordered) answer(storage::encode(storage::BlockNumber{0}));
    });
    if (!posted) answer(std::unexpected(posted.error()));
}

Status Ordering::submit_here(SubmitQuestion question, Orderer::Ordered ordered) {
    const auto here = orderer();
    if (!here) return fail(Code::unavailable, "this node does not order");
    auto& transactions = question.transactions;
    if (question.configuration) {
        if (transactions.size() != 1) return fail(Code::invalid_argument, "one configuration update is wanted");
        return here->submit_configuration(std::move(transactions.front()));
    }
    const auto membership = options_.membership->get();
    Quotas::Shares shares;
    for (const auto& transaction : transactions)
        add_to(shares, TRY(admit_transaction(transaction, *membership, now_ms(), options_.memo)), transaction);
    return here->submit(std::move(transactions), std::move(ordered), std::move(shares));
}

std::optional<consensus::Observation> Ordering::observe() const {
    const auto ordering = orderer();
    if (!ordering || ordering->retired()) return std::nullopt;
    return ordering->observe();
}

std::optional<Following> Ordering::following() const {
    const auto pulling = puller();
    if (!pulling) return std::nullopt;
    const auto current = options_.membership->get();
    const auto& orderers = current->config().orderers;
    const auto source = pulling->source();
    return Following{source < orderers.size() ? orderers[source].id : "", pulling->switches()};
}

void Ordering::disk_is_full(bool full) {
    if (const auto ordering = orderer()) ordering->disk_is_full(full);
}

bool Ordering::stuck_on_full_disk() const {
    const auto ordering = orderer();
    return ordering && ordering->stuck_on_full_disk();
}

std::size_t Ordering::queued() const {
    const auto ordering = orderer();
    return ordering ? ordering->queued() : 0;
}

std::uint64_t Ordering::pending_bytes() const {
    const auto ordering = orderer();
    return ordering ? ordering->pending_bytes() : 0;
}

}  // namespace tally::node
