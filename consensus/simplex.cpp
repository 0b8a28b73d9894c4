#include "consensus/simplex.h"

#include <algorithm>
#include <limits>

#include "consensus/core.h"
#include "storage/model/archive.h"

namespace tally::consensus {

Simplex::Core::Core(Options options)
    : sign_(std::move(options.sign)),
      verify_(std::move(options.verify)),
      changes_configuration_(std::move(options.changes_configuration)),
      committee_(std::move(options.committee)),
      self_(options.self),
      tip_(std::move(options.tip)),
      lanes_(committee_, positions(tip_.header.lanes), {options.settings.lane_bytes}),
      catch_up_(committee_.size()),
      peers_(committee_.size()),
      life_(options.first_start) {
    set(options.settings);
    view_ = tip_view() + 1;
    sealed_ = tip_.header.epoch == committee_.epoch && (tip_.header.flags & storage::BlockHeader::kSealing) != 0;
}

// A leader that waits for a block to fill must not be taken for a silent one.
void Simplex::Core::set(Settings settings) {
    settings_ = settings;
    settings_.timeout_ms = std::max(settings_.timeout_ms, 2 * settings_.block_timeout_ms);
    settings_.max_timeout_ms = std::max(settings_.max_timeout_ms, settings_.timeout_ms);
}

// ---- The log. -------------------------------------------------------------------------------------------------------

tally::Status Simplex::Core::restore(RecordType type, ByteView record) {
    switch (type) {
        case RecordType::start: {
            life_.restore(TRY(storage::decode<StartRecord>(record, "a start")));
            return {};
        }
        case RecordType::batch:
            restore_batch(std::make_shared<const LaneBatch>(TRY(storage::decode<LaneBatch>(record, "a batch"))));
            return {};
        case RecordType::vote: return restore_vote(record);
        case RecordType::proposal: {
            auto proposal = TRY(storage::decode<BlockProposal>(record, "a proposal"));
            if (proposal.header.epoch > committee_.epoch) {
                future_records_.emplace_back(type, Bytes(record.begin(), record.end()));
            } else if (proposal.header.number > tip_.header.number) {
                const auto id = proposal.header.hash();
                logged_proposals_.insert(id);
                proposals_.emplace(id, std::move(proposal));
            }
            return {};
        }
        case RecordType::certificate: {
            auto certificate = TRY(storage::decode<QuorumCertificate>(record, "a certificate"));
            if (certificate.epoch > committee_.epoch) {
                future_records_.emplace_back(type, Bytes(record.begin(), record.end()));
            } else if (certificate.epoch == committee_.epoch && certificate.view > tip_view()) {
                view_ = std::max(view_, certificate.view + 1);
                views_[certificate.view].certificates[static_cast<std::size_t>(certificate.kind)] =
                    std::move(certificate);
            }
            return {};
        }
    }
    return fail(Code::corrupt, "a record of the unknown type {}", static_cast<unsigned>(type));
}

tally::Status Simplex::Core::restore_vote(ByteView record) {
    const auto vote = TRY(storage::decode<Vote>(record, "a vote"));
    if (vote.epoch > committee_.epoch) {
        future_records_.emplace_back(RecordType::vote, Bytes(record.begin(), record.end()));
        return {};
    }
    if (vote.epoch < committee_.epoch || vote.view <= tip_view() || !self_) return {};
    auto& state = views_[vote.view];
    switch (vote.kind) {
        case VoteKind::notarize: state.notarized = vote.id; break;
        case VoteKind::nullify: state.nullified = true; break;
        case VoteKind::finalize: state.finalized = vote.id; break;
    }
    if (vote.kind != VoteKind::finalize) view_ = std::max(view_, vote.view);
    state.votes[static_cast<std::size_t>(vote.kind)].try_emplace(*self_, Slot{vote, true});
    return {};
}

void Simplex::Core::restore_batch(BatchPtr batch) {
    const auto found = std::find(committee_.lanes.begin(), committee_.lanes.end(), batch->header.lane);
    if (found == committee_.lanes.end()) {
        strange_batches_.push_back(std::move(batch));
        return;
    }
    const auto lane = static_cast<Member>(found - committee_.lanes.begin());
    const auto stored = lanes_.keep(lane, batch, 0);
    if (stored != Lanes::Stored::stored && stored != Lanes::Stored::known) lanes_.store_loose(lane, batch, 0);
    if (self_) lanes_.acknowledged(*self_, lanes_.head(lane));
}

void Simplex::Core::start() {
    started_ = true;
    life_.begin_life(committee_.epoch, self_ ? lanes_.final(*self_).incarnation : 0, wall_ms_);
    start_ticket_ = append(RecordType::start, storage::encode(life_.record()));
    if (self_ && !idle()) unfinished_ = lanes_.head(*self_).at;
    view_since_ = progress_ms_ = sent_again_ms_ = now_;
    status_ms_ = now_;
    // Own certificates may be one vote short of what the log holds together.
    for (auto& [view, state] : views_) {
        for (const auto kind : {VoteKind::notarize, VoteKind::nullify, VoteKind::finalize}) count(view, kind);
    }
}

// ---- Events. --------------------------------------------------------------------------------------------------------

void Simplex::Core::handle(Event& event) {
    if (auto* message = std::get_if<Received>(&event)) received(message->from, message->message);
    if (auto* submitted = std::get_if<Submitted>(&event)) on_submitted(*submitted);
    if (auto* backlog = std::get_if<Backlog>(&event)) backlog_ = backlog->is_long;
    if (auto* started = std::get_if<EpochStarted>(&event)) begin_epoch(*started);
}

void Simplex::Core::received(Member from, Message& message) {
    if (from == self_) return;
    if (auto* status = std::get_if<StatusMessage>(&message)) on_status(from, *status);
    if (auto* wanted = std::get_if<FetchBlocks>(&message)) actions_.push_back(ServeBlocks{from, wanted->from});
    if (!is_member(from)) return;
    peers_[from].heard_ms = now_;
    if (auto* blocks = std::get_if<FetchedBlocks>(&message)) on_blocks(from, *blocks);
    if (!self_) return;
    if (auto* batch = std::get_if<BatchMessage>(&message)) on_batch(from, batch->batch);
    if (auto* acks = std::get_if<AckMessage>(&message)) on_acks(from, *acks);
    if (auto* wanted = std::get_if<FetchBatch>(&message)) on_fetch_batch(from, *wanted);
    if (auto* fetched = std::get_if<FetchedProposal>(&message)) on_fetched_proposal(fetched->proposal);
    if (auto* wanted = std::get_if<FetchProposal>(&message)) on_fetch_proposal(from, *wanted);
    if (auto* certificates = std::get_if<CertificateMessage>(&message)) {
        for (auto& certificate : certificates->certificates) {
            if (!on_certificate(from, certificate)) return;
        }
    }
    if (sealed_) return;
    if (auto* proposal = std::get_if<ProposalMessage>(&message)) on_proposal(from, *proposal);
    if (auto* votes = std::get_if<VoteMessage>(&message)) {
        for (auto& vote : votes->votes) {
            if (!on_vote(from, vote)) return;
        }
    }
}

// Everything that has become possible; then everything that is due.
void Simplex::Core::advance() {
    wake_ = std::numeric_limits<std::int64_t>::max();
    fetching_.begin_step();
    for (std::size_t before = ~std::size_t{0}; before != actions_.size();) {
        before = actions_.size();
        try_deliver();
        if (!self_ || sealed_) continue;
        try_remember();
        try_notarize();
        try_propose();
        try_time_out();
    }
    fetching_.end_step();
    tell_status();
    try_catch_up();
    if (!self_) return;
    send_acks();
    ask_for_what_is_missing();
    retransmit();
    if (!sealed_) send_again();
}

// ---- Epochs. --------------------------------------------------------------------------------------------------------

void Simplex::Core::begin_epoch(EpochStarted& started) {
    TALLY_INVARIANT(started.committee.epoch > committee_.epoch, "an epoch starts after the one before it");
    auto batches = lanes_.all();
    batches.insert(batches.end(), strange_batches_.begin(), strange_batches_.end());
    strange_batches_.clear();
    committee_ = std::move(started.committee);
    self_ = started.self;
    verify_ = std::move(started.verify);
    changes_configuration_ = std::move(started.changes_configuration);
    if (started.settings) set(*started.settings);
    lanes_ = Lanes(committee_, positions(tip_.header.lanes), {settings_.lane_bytes});
    peers_.assign(committee_.size(), {});
    views_.clear();
    proposals_.clear();
    logged_proposals_.clear();
    fetching_.clear();
    reported_batches_.clear();
    acked_.clear();
    life_.begin_epoch(committee_.epoch);
    catch_up_.begin_epoch(committee_.size());
    tip_certificate_.reset();
    sealed_ = false;
    view_ = 1;
    view_since_ = progress_ms_ = sent_again_ms_ = now_;
    status_ms_ = now_;
    demand_since_ = -1;
    nullified_in_a_row_ = 0;
    for (auto& batch : batches) {
        restore_batch(batch);
        const auto found = std::find(committee_.lanes.begin(), committee_.lanes.end(), batch->header.lane);
        if (found != committee_.lanes.end() && self_ == static_cast<Member>(found - committee_.lanes.begin())) {
            send(std::nullopt, BatchMessage{batch});  // for members that are new
        }
    }
    strange_batches_.clear();  // of lanes that are gone
    auto records = std::move(future_records_);
    future_records_.clear();
    for (const auto& [type, record] : records) {
        const auto status = restore(type, record);
        TALLY_INVARIANT(status.has_value(), "a record that could be read can be read again");
    }
    for (auto& [view, state] : views_) {
        for (const auto kind : {VoteKind::notarize, VoteKind::nullify, VoteKind::finalize}) count(view, kind);
    }
}

std::vector<LanePosition> Simplex::Core::positions(const std::vector<LaneProgress>& lanes) const {
    std::vector<LanePosition> positions(committee_.size());
    for (const auto& lane : lanes) {
        const auto found = std::find(committee_.lanes.begin(), committee_.lanes.end(), lane.lane);
        if (found != committee_.lanes.end()) {
            positions[static_cast<std::size_t>(found - committee_.lanes.begin())] = lane.at;
        }
    }
    return positions;
}

// Lanes of former members stay as they were, so that nothing of theirs is ordered twice if they return.
std::vector<LaneProgress> Simplex::Core::progress(const std::vector<LaneProgress>& parent,
                                                  const std::vector<LanePosition>& positions) const {
    std::map<std::uint64_t, LanePosition> lanes;
    for (const auto& lane : parent) lanes[lane.lane] = lane.at;
    for (std::size_t i = 0; i < positions.size(); ++i) lanes[committee_.lanes[i]] = positions[i];
    std::vector<LaneProgress> progress;
    progress.reserve(lanes.size());
    for (const auto& [lane, at] : lanes) progress.push_back({lane, at});
    return progress;
}

// ---- What the owner asks. -------------------------------------------------------------------------------------------

std::uint64_t Simplex::Core::append(RecordType type, Bytes record) {
    actions_.push_back(Append{++ticket_, type, std::move(record)});
    return ticket_;
}

bool Simplex::Core::idle() const {
    return !self_ || (early_submissions_.empty() && lanes_.behind(*self_, lanes_.final(*self_), 1).empty());
}

std::vector<Append> Simplex::Core::keep() {
    auto actions = std::exchange(actions_, {});
    append(RecordType::start, storage::encode(life_.record()));
    for (const auto& batch : lanes_.all()) append(RecordType::batch, storage::encode(*batch));
    for (const auto& batch : strange_batches_) append(RecordType::batch, storage::encode(*batch));
    for (const auto& [id, proposal] : proposals_) {
        if (logged_proposals_.contains(id)) append(RecordType::proposal, storage::encode(proposal));
    }
    for (const auto& [view, state] : views_) {
        for (const auto& certificate : state.certificates) {
            if (certificate) append(RecordType::certificate, storage::encode(*certificate));
        }
        for (const auto& votes : state.votes) {
            const auto own = self_ ? votes.find(*self_) : votes.end();
            if (own != votes.end()) append(RecordType::vote, storage::encode(own->second.vote));
        }
    }
    for (const auto& [type, record] : future_records_) append(type, record);
    std::vector<Append> kept;
    for (auto& action : actions_) kept.push_back(std::move(std::get<Append>(action)));
    actions_ = std::move(actions);
    return kept;
}

Observation Simplex::Core::observe() const {
    Observation seen;
    seen.epoch = committee_.epoch;
    seen.view = view_;
    seen.leader = committee_.leader(view_);
    seen.final_number = tip_.header.number;
    seen.sealed = sealed_;
    seen.forgetful = life_.is_forgetful();
    seen.silent = !seen.forgetful && self_ && !life_.may_vote(committee_.epoch, view_);
    if (self_) seen.own_pending_bytes = lanes_.bytes(*self_);
    seen.pending_batches = lanes_.count();
    seen.nullified_views = nullified_views_;
    seen.evidence = evidence_;
    seen.blamed = blamed_;
    seen.final_numbers = catch_up_.claims();
    if (self_) seen.final_numbers[*self_] = tip_.header.number;
    return seen;
}

// ---- The door. ------------------------------------------------------------------------------------------------------

Simplex::Simplex(Options options) : core_(std::make_unique<Core>(std::move(options))) {}
Simplex::~Simplex() = default;
Simplex::Simplex(Simplex&&) noexcept = default;
Simplex& Simplex::operator=(Simplex&&) noexcept = default;

tally::Status Simplex::restore(RecordType type, ByteView record) { return core_->restore(type, record); }

void Simplex::distrust_log() { core_->distrust_log(); }
void Simplex::trust_log() { core_->trust_log(); }

std::vector<Action> Simplex::start(Clocks now) {
    core_->set(now);
    core_->start();
    core_->advance();
    return std::exchange(core_->actions_, {});
}

std::vector<Action> Simplex::step(Event event, Clocks now) {
    core_->set(now);
    core_->handle(event);
    core_->advance();
    return std::exchange(core_->actions_, {});
}

std::int64_t Simplex::wake_at() const { return core_->wake_; }
bool Simplex::idle() const { return core_->idle(); }
std::vector<Append> Simplex::keep() { return core_->keep(); }
Observation Simplex::observe() const { return core_->observe(); }

}  // namespace tally::consensus
