#include "node/roles/ordering.h"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "storage/model/archive.h"

namespace tally::node {
namespace {

constexpr auto kAnswerPatience = std::chrono::seconds(2);

}  // namespace

Ordering::Ordering(OrderingOptions options) : options_(std::move(options)) {
    options_.orderer.network = options_.network;
    options_.orderer.epoch_starts = [this](const std::shared_ptr<const Membership>& membership) {
        if (options_.network != nullptr) options_.network->follow(membership->config());
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

bool Ordering::is_member() const {
    return options_.identity && options_.membership->get()->orderer_with(options_.identity->key.public_key());
}

Status Ordering::start() {
    if (is_member()) return start_orderer();
    if (options_.network == nullptr)
        return fail(Code::bad_configuration, "the key in [identity.orderer] is not one that channel {} names",
                    options_.membership->get()->config().channel);
    start_puller();
    return {};
}

Status Ordering::start_orderer() {
    std::shared_ptr<Orderer> started =
        TRY(Orderer::start(options_.orderer, *options_.identity, options_.membership->get(), *options_.chain,
                           options_.deliver, *options_.metrics));
    const std::lock_guard lock(mutex_);
    orderer_ = std::move(started);
    return {};
}

void Ordering::start_puller() {
    auto started = std::make_shared<BlockPuller>(*options_.chain, options_.membership->get(), *options_.network,
                                                 options_.deliver, options_.orderer.epoch_starts);
    started->start();
    const std::lock_guard lock(mutex_);
    puller_ = std::move(started);
}

// The other part begins where the chain ends, so everything that was delivered must be on it.
void Ordering::look() {
    const std::lock_guard changing(change_mutex_);
    if (stopped_) return;
    const auto height = options_.chain->tip()->number;
    if (const auto ordering = orderer(); ordering && ordering->retired() && height == ordering->delivered()) {
        ordering->stop();
        {
            const std::lock_guard lock(mutex_);
            orderer_.reset();
        }
        if (options_.network != nullptr) start_puller();
        spdlog::info("event=orders_no_more height={}", height);
        return;
    }
    const auto pulling = puller();
    if (!pulling || !is_member() || height != pulling->delivered()) return;
    pulling->stop();
    {
        const std::lock_guard lock(mutex_);
        puller_.reset();
    }
    const auto status =
        options_.chain->tip()->number == pulling->delivered() && is_member() ? start_orderer() : Status();
    if (orderer()) {
        spdlog::info("event=orders_now height={}", height);
        return;
    }
    if (!status) spdlog::error("event=cannot_order what=\"{}\"", status.error().message);
    start_puller();
}

void Ordering::stop() {
    const std::lock_guard changing(change_mutex_);
    stopped_ = true;
    if (const auto ordering = orderer()) ordering->stop();
    if (const auto pulling = puller()) pulling->stop();
}

std::string Ordering::first_orderer() const {
    if (orderer()) return options_.self;
    const auto& orderers = options_.membership->get()->config().orderers;
    return orderers.empty() ? std::string() : orderers.front().id;
}

Status Ordering::submit(const Bytes& transaction, const std::string& avoid) {
    const auto here = orderer();
    if (!here || avoid == options_.self) return elsewhere(transaction, false, avoid);
    return here->submit(Bytes(transaction));
}

Status Ordering::submit_configuration(const Bytes& transaction) {
    if (const auto here = orderer()) return here->submit_configuration(transaction);
    return elsewhere(transaction, true, {});
}

Status Ordering::elsewhere(const Bytes& transaction, bool configuration, const std::string& avoid) const {
    Error last{Code::unavailable, "no orderer is within reach of this node"};
    if (options_.network == nullptr) return std::unexpected(last);
    const auto current = options_.membership->get();
    std::vector<std::string> orderers;
    for (const auto& each : current->config().orderers) {
        if (each.id != options_.self) orderers.push_back(each.id);
    }
    std::stable_partition(orderers.begin(), orderers.end(),
                          [&](const std::string& id) { return id != avoid && options_.network->is_there(id); });
    const auto body = storage::encode(SubmitQuestion{false, configuration, {transaction}});
    for (const auto& id : orderers) {
        const auto answer = options_.network->ask(id, FrameKind::submit, body, kAnswerPatience).wait();
        if (answer) return {};
        last = answer.error();
    }
    return std::unexpected(last);
}

void Ordering::applied(storage::BlockNumber number) {
    if (const auto ordering = orderer()) ordering->applied(number);
}

void Ordering::receive(consensus::Member from, consensus::Message message, std::size_t bytes) {
    if (const auto ordering = orderer()) return ordering->receive(from, std::move(message), bytes);
    if (const auto pulling = puller()) pulling->receive(from, std::move(message));
}

void Ordering::answer(const Bytes& body, const NodeNetwork::Answer& answer) {
    const auto here = orderer();
    if (!here) return answer(fail(Code::unavailable, "this node does not order"));
    auto question = storage::decode<SubmitQuestion>(body, "a submission");
    if (!question) return answer(std::unexpected(question.error()));
    const auto accepted = [&](const Status& status) {
        if (status) return answer(storage::encode(storage::BlockNumber{0}));
        answer(std::unexpected(status.error()));
    };
    if (question->configuration) {
        if (question->transactions.size() != 1)
            return answer(fail(Code::invalid_argument, "one configuration update is wanted"));
        return accepted(here->submit_configuration(std::move(question->transactions.front())));
    }
    if (!question->until_ordered) return accepted(here->submit(std::move(question->transactions)));
    const auto ordered = [answer](storage::BlockNumber number) { answer(storage::encode(number)); };
    const auto status = here->submit(std::move(question->transactions), ordered);
    if (!status) answer(std::unexpected(status.error()));
}

std::optional<consensus::Observation> Ordering::observe() const {
    const auto ordering = orderer();
    if (!ordering || ordering->retired()) return std::nullopt;
    return ordering->observe();
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

}  // namespace tally::node
