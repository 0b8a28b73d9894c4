#include "tests/simulation/node.h"

#include <limits>

namespace tally::simulation {

using namespace consensus;

Node::Node(Surroundings& around, Place place, NodeId id, const NodeSettings& settings)
    : around_(around),
      world_(around.world),
      place_(place),
      id_(id),
      settings_(settings),
      log_(around.world, settings.disk, [this](std::uint64_t durable) { release(durable); }),
      ledger_(around.first_members) {}

void Node::later(std::int64_t delay_us, std::function<void()> what) {
    world_.after(delay_us, [this, life = life_, what = std::move(what)] {
        if (life == life_ && running_) what();
    });
}

std::int64_t Node::clock_ms() const {
    constexpr std::int64_t kEpoch = 1'700'000'000'000;
    return kEpoch + world_.now_us() / kMillisecond + settings_.clock_ahead_ms;
}

consensus::Clocks Node::clocks() const { return {world_.now_us() / kMillisecond, clock_ms()}; }

void Node::set_settings(const NodeSettings& settings) {
    settings_ = settings;
    log_.set_speed(settings.disk);
}

Speaker Node::speaker() const { return {place_, id_, correct_, life_, &membership_, &log_, &ledger_}; }

NodeId Node::node_of(Member member) const {
    const auto& members = membership_.members;
    return member < members.size() ? members[member] : member - static_cast<Member>(members.size());
}

Member Node::member_of(NodeId node) const {
    return membership_.member(node).value_or(static_cast<Member>(membership_.members.size()) + node);
}

void Node::start() {
    running_ = true;
    ++life_;
    membership_ = ledger_.tip().next;
    world_.note("node {} starts at block {} with {} records", place_, ledger_.tip().header.number,
                log_.records().size());
    if (is_member()) {
        open_core();
    } else {
        learn();
    }
}

void Node::open_core() {
    around_.checkers.restarted(place_);
    core_ = std::make_unique<Simplex>(Simplex::Options{
        .committee = membership_.committee(around_.model),
        .self = membership_.member(id_),
        .settings = settings_.core,
        .sign = [this](ByteView statement) { return around_.keys.sign(id_, statement); },
        .verify = membership_.verifier(around_.keys),
        .changes_configuration = changes_members(around_.keys),
        .tip = {ledger_.tip().header, ledger_.tip().hash},
        .first_start = log_is_new_,
    });
    record_of_ticket_.clear();
    durable_records_ = 0;
    next_part_at_ = log_.appended() + settings_.log_part_records;
    for (const auto& record : log_.records()) {
        if (auto status = core_->restore(record.type, record.bytes); !status) {
            violated("node {} cannot restore its own log: {}", id_, status.error().message);
        }
    }
    draining_ = true;
    for (auto& action : core_->start(clocks())) perform(action);
    draining_ = false;
    sync_log();
    if (core_->observe().forgetful) world_.count("forgetful start");
    drain();
    arm();
}

void Node::crash() {
    if (!running_) return;
    world_.note("node {} crashes", place_);
    running_ = false;
    ++life_;
    core_.reset();
    events_.clear();
    held_back_.clear();
    armed_us_ = -1;
    ledger_sync_planned_ = false;
    log_.crash();
    log_is_new_ = log_is_new_ && log_.records().empty();
    ledger_.crash(world_.random);
    around_.checkers.restarted(place_);
    forget_what_is_not_logged();
}

// It is no member any more: it follows as one that never was.
void Node::close_core() {
    core_.reset();
    events_.clear();
    held_back_.clear();
    armed_us_ = -1;
    forget_what_is_not_logged();
    learn();
}

// What was accepted is promised only once it is in the log.
void Node::forget_what_is_not_logged() {
    std::erase_if(waiting_,
                  [this](const Bytes& transaction) { return !log_.durable_contains(RecordType::batch, transaction); });
}

void Node::lose_disk(bool ledger_too) {
    world_.note("node {} loses its log{}", place_, ledger_too ? " and its ledger" : "");
    log_.wipe();
    if (ledger_too) ledger_.wipe();
    waiting_.clear();
    lost_disk_ = true;
    log_is_new_ = false;
}

void Node::step(Event event) {
    if (!running_ || core_ == nullptr) return;
    events_.push_back(std::move(event));
    drain();
}

void Node::drain() {
    if (draining_) return;
    draining_ = true;
    while (!events_.empty() && core_ != nullptr) {
        auto event = std::move(events_.front());
        events_.pop_front();
        for (auto& action : core_->step(std::move(event), clocks())) perform(action);
    }
    draining_ = false;
    sync_log();
    arm();
    begin_log_part();
}

void Node::arm() {
    if (core_ == nullptr) return;
    const auto wake = core_->wake_at();
    if (wake == std::numeric_limits<std::int64_t>::max()) return;
    const auto in_ms = std::max<std::int64_t>(wake - clocks().timer_ms, 0);
    const auto at_us = world_.now_us() + in_ms * kMillisecond;
    if (armed_us_ >= world_.now_us() && armed_us_ <= at_us) return;
    armed_us_ = at_us;
    later(in_ms * kMillisecond, [this, at_us] {
        if (armed_us_ != at_us) return;
        armed_us_ = -1;
        idle_ticks_ = ticked_us_ == world_.now_us() ? idle_ticks_ + 1 : 0;
        ticked_us_ = world_.now_us();
        if (idle_ticks_ > 50) violated("node {} wants to be woken again and again without time passing", id_);
        step(Tick{});
    });
}

void Node::perform(Action& action) {
    std::visit(Overloaded{
                   [this](Append& append) {
                       if (append.ticket != record_of_ticket_.size() + 1) violated("node {} skips a ticket", id_);
                       LogRecord record{append.type, std::move(append.record)};
                       around_.checkers.appended(speaker(), record);
                       log_.append(std::move(record));
                       record_of_ticket_.push_back(log_.appended());
                   },
                   [this](Send& one) {
                       if (is_durable(one.after)) return send(one);
                       held_back_.emplace_back(std::move(one));
                   },
                   [this](Deliver& one) { held_back_.emplace_back(std::move(one)); },
                   [this](const ServeBlocks& wanted) { serve(node_of(wanted.to), wanted.from); },
                   [this](const Evidence& evidence) {
                       around_.checkers.reporting(speaker(), evidence);
                       world_.note("node {} has evidence against member {}: {}", place_, evidence.signer,
                                   evidence.what);
                       if (correct_) world_.count("evidence");
                   },
                   [this](const Blame& blame) {
                       around_.checkers.blaming(speaker(), blame);
                       world_.note("node {} blames member {}: {}", place_, blame.member, blame.why);
                       if (correct_) world_.count("blame");
                   },
               },
               action);
    if (std::holds_alternative<Deliver>(action)) release(durable_records_);
}

bool Node::is_durable(std::uint64_t ticket) const {
    if (ticket > record_of_ticket_.size()) violated("node {} waits for a ticket that it never gave", id_);
    return ticket == 0 || record_of_ticket_[ticket - 1] <= durable_records_;
}

void Node::release(std::uint64_t durable) {
    durable_records_ = durable;
    log_is_new_ = log_is_new_ && durable == 0;
    std::deque<Action> still;
    bool delivery_waits = false;
    while (!held_back_.empty()) {
        auto action = std::move(held_back_.front());
        held_back_.pop_front();
        const auto* delivery = std::get_if<Deliver>(&action);
        const auto* message = std::get_if<Send>(&action);
        if (delivery != nullptr && !delivery_waits && is_durable(delivery->after)) {
            deliver(*delivery);
        } else if (message != nullptr && is_durable(message->after)) {
            send(*message);
        } else {
            delivery_waits = delivery_waits || delivery != nullptr;
            still.push_back(std::move(action));
        }
    }
    held_back_ = std::move(still);
    sync_log();
}

// Only when something waits for it: what nothing depends on stays in memory until then.
void Node::sync_log() {
    const auto waits = [this](const Action& action) {
        const auto* delivery = std::get_if<Deliver>(&action);
        return !is_durable(delivery != nullptr ? delivery->after : std::get<Send>(action).after);
    };
    if (std::any_of(held_back_.begin(), held_back_.end(), waits)) log_.sync();
}

void Node::send(const Send& send) {
    std::vector<NodeId> to;
    if (send.to) {
        to.push_back(node_of(*send.to));
    } else {
        for (const auto node : membership_.members) {
            if (node != id_) to.push_back(node);
        }
    }
    const auto message = std::make_shared<const Message>(send.message);
    if (std::holds_alternative<FetchBatch>(*message)) world_.count("batch fetched");
    behaviour_ != nullptr ? behaviour_->sends(*this, to, message) : transmit(to, message);
}

void Node::transmit(const std::vector<NodeId>& to, const MessagePtr& message) {
    if (to.empty() || !running_) return;
    around_.checkers.sending(speaker(), *message, to.size());
    world_.mix(fingerprint(*message));
    world_.note("{} -> {}  {}", place_, fmt::join(to, ","), world_.traced() ? describe(*message) : "");
    for (const auto node : to) {
        world_.mix(node);
        around_.post(place_, node, message);
    }
}

void Node::deliver(const Deliver& deliver) {
    around_.checkers.delivering(speaker(), deliver);
    const auto& header = deliver.header;
    auto batches = batches_of(deliver);
    auto next = ledger_.tip().next;
    const auto sealing = (header.flags & storage::BlockHeader::kSealing) != 0;
    if (sealing) {
        next = successor(around_.keys, next, batches);
        if (correct_) around_.checkers.epochs.started(next);
    }
    if (!deliver.fetched.empty()) world_.count("block fetched");
    if (header.number <= highest_delivered_) world_.count("block delivered again after a restart");
    if (sealing && header.number <= highest_delivered_) world_.count("sealing block delivered again after a restart");
    highest_delivered_ = std::max(highest_delivered_, header.number);
    world_.mix(header.number * 1000 + place_);
    world_.note("node {} delivers block {} (e{} v{}, {} batches{})", place_, header.number, header.epoch, header.view,
                batches.size(), sealing ? ", sealing" : "");
    ledger_.append({header, header.hash(), std::move(batches), deliver.proof, next});
    plan_ledger_sync();
    if (!sealing) return;
    later(world_.random.between(0, 20) * kMillisecond, [this, next] {
        if (next.epoch <= membership_.epoch) return;  // blocks of several epochs may come at once
        membership_ = next;
        if (core_ != nullptr && !is_member()) {
            close_core();
        } else if (core_ != nullptr) {
            step(EpochStarted{next.committee(around_.model), next.member(id_), next.verifier(around_.keys),
                              changes_members(around_.keys)});
        } else if (is_member()) {
            ledger_.synced(ledger_.size());
            open_core();
        }
    });
}

void Node::plan_ledger_sync() {
    if (ledger_sync_planned_) return;
    ledger_sync_planned_ = true;
    later(world_.random.between(0, settings_.ledger_sync_us), [this] {
        ledger_sync_planned_ = false;
        ledger_.synced(ledger_.size());
        begin_log_part();
    });
}

// Duty 9. The old part may go only when the ledger no longer needs it.
void Node::begin_log_part() {
    const auto delivery_waits =
        std::ranges::any_of(held_back_, [](const Action& action) { return std::holds_alternative<Deliver>(action); });
    if (core_ == nullptr || draining_ || delivery_waits || log_.part_is_new() || !ledger_.all_durable() ||
        log_.appended() < next_part_at_) {
        return;
    }
    std::vector<LogRecord> first;
    for (auto& append : core_->keep()) {
        if (append.ticket != record_of_ticket_.size() + 1) violated("node {} skips a ticket", id_);
        first.push_back({append.type, std::move(append.record)});
        record_of_ticket_.push_back(log_.appended() + first.size());
    }
    world_.count("log part begun");
    world_.note("node {} begins a new part of its log with {} records", place_, first.size());
    log_.begin_part(std::move(first));
    next_part_at_ = log_.appended() + settings_.log_part_records;
}

void Node::serve(NodeId to, storage::BlockNumber from) {
    auto blocks = ledger_.serve(from);
    if (!blocks) return;
    const auto message = std::make_shared<const Message>(std::move(*blocks));
    behaviour_ != nullptr ? behaviour_->sends(*this, {to}, message) : transmit({to}, message);
}

void Node::submit(storage::Batch transactions, bool sealing) {
    if (!running_ || core_ == nullptr || !is_member()) return;
    around_.checkers.chain.submitted(transactions);
    waiting_.insert(transactions.begin(), transactions.end());
    const auto digest = storage::batch_digest(transactions);
    step(Submitted{std::move(transactions), digest, sealing});
}

const std::set<Bytes>& Node::waiting() {
    if (running_ && !is_member()) waiting_.clear();  // nobody orders the lane of one who has left
    std::erase_if(waiting_, [this](const Bytes& transaction) { return around_.checkers.chain.is_final(transaction); });
    return waiting_;
}

void Node::receive(Place from, const MessagePtr& message) {
    if (!running_) return;
    const auto node = around_.node_at(from);
    world_.mix(fingerprint(*message) + place_);
    world_.note("{} <- {}  {}", place_, from, world_.traced() ? describe(*message) : "");
    const auto* wanted = std::get_if<FetchBlocks>(message.get());
    if (wanted != nullptr && (core_ == nullptr || !membership_.member(node))) return serve(node, wanted->from);
    if (behaviour_ != nullptr) behaviour_->hears(*this, *message);
    if (core_ != nullptr) return step(Received{member_of(node), *message});
    if (const auto* blocks = std::get_if<FetchedBlocks>(message.get())) adopt(*blocks);
    if (const auto* status = std::get_if<StatusMessage>(message.get())) tell_tip(node, *status);
}

// Members of an old epoch may have nobody else to hear from that it has ended.
void Node::tell_tip(NodeId to, const StatusMessage& status) {
    const auto& tip = ledger_.tip();
    if (status.answer || status.final_number >= tip.header.number) return;
    StatusMessage mine;
    mine.epoch = tip.next.epoch;
    mine.final_number = tip.header.number;
    mine.answer = true;
    transmit({to}, std::make_shared<const Message>(mine));
}

void Node::learn() {
    if (core_ != nullptr) return;
    const auto from = world_.random.pick(membership_.members);
    transmit({from}, std::make_shared<const Message>(FetchBlocks{ledger_.tip().header.number + 1}));
    later(world_.random.between(200, 400) * kMillisecond, [this] { learn(); });
}

void Node::adopt(const FetchedBlocks& fetched) {
    const auto& blocks = fetched.blocks;
    if (blocks.empty() || blocks.front().header.number != ledger_.tip().header.number + 1 ||
        blocks.front().header.epoch != ledger_.tip().next.epoch) {
        return;
    }
    const auto& members = ledger_.tip().next;
    if (!verify_finality(blocks.back().header, fetched.proof, members.committee(around_.model),
                         members.verifier(around_.keys))) {
        return;
    }
    auto previous = ledger_.tip().hash;
    for (const auto& block : blocks) {
        std::vector<Hash> digests;
        for (const auto& batch : block.batches) digests.push_back(storage::batch_digest(batch));
        if (block.header.previous_hash != previous || storage::data_root(digests) != block.header.data_root) return;
        previous = block.header.hash();
    }
    auto proof = fetched.proof;
    std::vector<FinalityProof> proofs;
    for (std::size_t i = blocks.size(); i > 0; --i) {
        proofs.push_back(proof);
        proof.trail.insert(proof.trail.begin(), blocks[i - 1].header);
    }
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        deliver(Deliver{blocks[i].header, {}, blocks[i].batches, proofs[blocks.size() - 1 - i], 0});
    }
}

}  // namespace tally::simulation
