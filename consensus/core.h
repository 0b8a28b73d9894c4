#pragma once
// The state behind Simplex (simplex.h states the rules, R1-R10). Its functions lie by subject:
//   simplex.cpp   the door: restore, start, step, what is due when
//   voting.cpp    R4, R6, R9: votes, certificates, views
//   proposing.cpp R2, R3: proposals, my own and others'
//   finality.cpp  R5, R8: what is final is delivered; catching up with blocks
//   spread.cpp    R1, R7: batches, acknowledgements, answers to who fetches, sending again
//   status.cpp    R7, R10: where members are
// Parts with a state of their own: lanes.h (batches), fetching.h (what is missing), catch_up.h (whom to ask for final
// blocks), forgetful_start.h (R10).

#include <array>
#include <map>
#include <optional>
#include <set>

#include "consensus/catch_up.h"
#include "consensus/fetching.h"
#include "consensus/forgetful_start.h"
#include "consensus/lanes.h"
#include "consensus/simplex.h"

namespace tally::consensus {

constexpr View kWindow = 8;  // how far ahead of its own view a member takes votes and proposals

constexpr std::size_t index(VoteKind kind) { return static_cast<std::size_t>(kind); }

class Simplex::Core {
  public:
    explicit Core(Options options);

    tally::Status restore(RecordType type, ByteView record);
    void distrust_log() { life_.distrust_log(); }
    void trust_log() { life_.trust_log(); }
    void start();
    void handle(Event& event);
    void advance();

    void set(Clocks now) {
        now_ = now.timer_ms;
        wall_ms_ = now.wall_ms;
    }
    std::vector<Action> actions_;
    std::int64_t wake_ = 0;

    [[nodiscard]] bool idle() const;
    [[nodiscard]] std::vector<Append> keep();
    [[nodiscard]] Observation observe() const;

  private:
    std::int64_t now_ = 0;      // for timers
    std::int64_t wall_ms_ = 0;  // for the times of blocks

    struct Slot {
        Vote vote;
        bool verified = false;
    };
    struct ViewState {
        std::array<std::map<Member, Slot>, 3> votes;  // by kind: the first of each signer
        std::array<std::optional<QuorumCertificate>, 3> certificates;
        std::optional<BlockProposal> candidate;  // the first from the leader
        std::optional<Hash> notarized;           // by me
        std::optional<Hash> finalized;           // by me
        bool nullified = false;                  // by me
        std::optional<ProposalMessage> own;      // what I sent as the leader
        std::set<std::pair<Member, std::string_view>> reported;
    };
    struct Peer {
        std::uint64_t life = 0;  // in which it acknowledged what it has
        std::int64_t heard_ms = -1;
        std::int64_t answered_ms = -1;  // when a status of it was last answered
        std::int64_t reminded_ms = -1;  // when a question of it with a nonce was
        std::int64_t stalled_ms = -1;   // since when it has not acknowledged more of my lane
        LanePosition acked;
        std::int64_t served_since_ms = -1;  // what it fetched is counted from then on
        std::uint64_t served_bytes = 0;
        bool silent = false;  // it let its last view time out and has not voted in the last n
    };
    enum class Verdict : std::uint8_t { good, bad, missing };

    // simplex.cpp
    void wake(std::int64_t at) { wake_ = std::min(wake_, at); }
    std::uint64_t append(RecordType type, Bytes record);
    void send(std::optional<Member> to, Message message) { actions_.push_back(Send{to, std::move(message), ticket_}); }
    void received(Member from, Message& message);
    void begin_epoch(EpochStarted& started);
    void set(Settings settings);
    [[nodiscard]] bool is_member(Member member) const { return member < committee_.size(); }
    [[nodiscard]] Member others_first(Member after) const;
    [[nodiscard]] std::vector<LanePosition> positions(const std::vector<LaneProgress>& lanes) const;
    [[nodiscard]] std::vector<LaneProgress> progress(const std::vector<LaneProgress>& parent,
                                                     const std::vector<LanePosition>& positions) const;
    tally::Status restore_vote(ByteView record);
    void restore_batch(BatchPtr batch);

    // voting.cpp
    [[nodiscard]] View tip_view() const { return tip_.header.epoch == committee_.epoch ? tip_.header.view : 0; }
    [[nodiscard]] bool may_vote(View view) const;
    [[nodiscard]] const QuorumCertificate* certificate(View view, VoteKind kind) const;
    [[nodiscard]] const QuorumCertificate* notarization(View view) const;  // or its finalization
    [[nodiscard]] bool nullified_between(View low, View high) const;
    [[nodiscard]] const storage::BlockHeader* header_of(const Hash& id) const;
    [[nodiscard]] bool demand() const;
    [[nodiscard]] std::int64_t timeout() const;
    // False, and `from` is blamed, when something is signed falsely.
    bool on_vote(Member from, Vote& vote);
    bool on_certificate(Member from, QuorumCertificate& certificate);
    bool is_consistent(const Vote& vote, VoteKind other, std::string_view what);
    void count(View view, VoteKind kind);
    bool verified(View view, Slot& slot);
    void accept(QuorumCertificate certificate);
    Vote cast(VoteKind kind, View view, const Hash& id);
    void log_proposal(const Hash& id, const BlockProposal& proposal);
    void enter(View view, bool by_nullification);
    void try_time_out();
    void nullify();
    void report(Member signer, std::string what, Bytes first, Bytes second);
    void blame(Member member, std::string why);

    // proposing.cpp
    void on_proposal(Member from, ProposalMessage& message);
    void try_notarize();
    [[nodiscard]] Verdict judge(const BlockProposal& proposal);
    [[nodiscard]] bool is_well_formed(const BlockProposal& proposal, const storage::BlockHeader& parent);
    [[nodiscard]] std::optional<bool> seals(const BatchReference& only, std::int64_t time_ms) const;
    void try_propose();
    [[nodiscard]] std::optional<View> parent_for(View view) const;
    void propose(View parent_view, const storage::BlockHeader& parent, const Hash& parent_id, Lanes::Payload payload);

    // finality.cpp
    void try_deliver();
    void deliver_chain(const std::vector<BlockProposal>& chain, const QuorumCertificate& finalization);
    void become_final(const storage::BlockHeader& header, const std::vector<BatchReference>& payload);
    void on_blocks(Member from, FetchedBlocks& message);
    void try_catch_up();

    // spread.cpp
    void on_submitted(Submitted& submitted);
    void on_batch(Member from, const BatchPtr& batch);
    void keep_loose(Member lane, const BatchPtr& batch);
    [[nodiscard]] std::set<Hash> named_batches() const;
    void keep_batch(Member lane, const BatchPtr& batch);
    void on_acks(Member from, const AckMessage& message);
    void on_fetch_batch(Member from, const FetchBatch& message);
    void on_fetch_proposal(Member from, const FetchProposal& message);
    bool may_serve(Member to, std::uint64_t bytes);
    void on_fetched_proposal(const BlockProposal& proposal);
    void need_batch(const BatchReference& reference, Member first);
    void need_proposal(const Hash& id, Member first);
    void send_acks();
    void ask_for_what_is_missing();
    void send_again();
    void relay();
    void retransmit();

    // status.cpp
    void on_status(Member from, const StatusMessage& status);
    void answer(Member to, std::uint64_t nonce);
    void tell_status();
    void on_told(Member from, const StatusMessage& status);
    void try_remember();
    [[nodiscard]] std::optional<QuorumCertificate> way_here() const;
    [[nodiscard]] StatusMessage own_status(bool answer, std::uint64_t nonce) const;

    Settings settings_;
    std::function<Bytes(ByteView)> sign_;
    VerifySignature verify_;
    ChangesConfiguration changes_configuration_;
    Committee committee_;
    std::optional<Member> self_;
    Tip tip_;
    std::optional<QuorumCertificate> tip_certificate_;  // the tip's own finalization or notarization
    Lanes lanes_;
    std::uint64_t ticket_ = 0;
    std::uint64_t start_ticket_ = 0;
    std::uint64_t vote_ticket_ = 0;  // of my last vote in this life

    View view_ = 1;
    std::map<View, ViewState> views_;          // above the tip
    std::map<Hash, BlockProposal> proposals_;  // above the tip
    Fetching fetching_;
    CatchUp catch_up_;
    std::vector<Peer> peers_;
    bool sealed_ = false;  // the tip ends the epoch
    bool backlog_ = false;
    bool started_ = false;

    std::int64_t demand_since_ = -1;  // in this view; none: -1
    std::int64_t view_since_ = 0;
    std::int64_t progress_ms_ = 0;
    std::int64_t sent_again_ms_ = 0;
    std::uint32_t times_sent_again_ = 0;  // without progress
    std::int64_t status_ms_ = 0;
    std::uint32_t nullified_in_a_row_ = 0;

    ForgetfulStart life_;
    LanePosition unfinished_;  // the last batch of my earlier lives that is not final
    LanePosition own_head_;
    Hash own_head_hash_;
    std::vector<LaneAck> acked_;
    std::vector<Submitted> early_submissions_;  // R10
    std::vector<std::pair<RecordType, Bytes>>
        future_records_;                     // of epochs after a sealing block that is not applied yet
    std::vector<BatchPtr> strange_batches_;  // of lanes that this epoch does not know
    std::set<Hash> logged_proposals_;
    std::uint64_t nullified_views_ = 0;
    std::set<std::pair<Member, LanePosition>> reported_batches_;  // R9, above what is final
    std::uint64_t evidence_ = 0;
    std::uint64_t blamed_ = 0;
};

}  // namespace tally::consensus
