#pragma once
// Agreement on the order of batches: Simplex (Chan and Pass, TCC 2023; eprint 2023/463) with ack-gated lanes. A pure
// state machine: no clock, randomness, threads, sockets or disk. `step` takes one event and gives the actions that
// follow from it. This header is the protocol's specification.
//
// ---- Words ----
//
// n members, q = quorum, b = n - q + 1 = blocking set (committee.h). Views count from 1 in each epoch; leader(v) =
// member v mod n. A *notarization*, *nullification* or *finalization* is a certificate of q votes of that kind.
// The *tip* is the highest final block known. *Demand* = a batch that is not final and that b members hold, or one of
// my own; or a notarized block above the tip; or b nullify votes for the current view. Without demand nothing is sent
// but status messages, and no timer runs.
//
// ---- Rules ----
//
// R1 Batch.      A member's clients' batches form its lane, signed and numbered without gaps; each is sent to all
//                (before it is durable: so a lane begins a new incarnation with every start), stored, and
//                acknowledged cumulatively to all, durable or not: what a member acknowledged in an earlier life
//                counts no more. What is not acknowledged is sent again.
// R2 Propose.    I lead v, there is demand, I sent neither notarize nor nullify in v. Parent = the highest
//                notarized (or final) view p < v with nullifications for all views between. Payload = what b
//                members hold of each lane after the parent's position; lanes share a block by bytes and take turns
//                to begin, so that no member crowds out another. Cut at once when nothing is in flight, else when
//                `preferred_bytes` or `max_messages` wait or the oldest waits `block_timeout_ms`. An empty block only
//                to make its ancestors final, when they have not become so for half a timeout, or at once after a
//                sealing block. Append the proposal and my notarize; then send both with the justification: the
//                parent's certificate and the nullifications between.
// R3 Notarize.   The first proposal of the current view from its leader, and I sent neither notarize nor nullify
//                here. Take in the justification. Good when: number, previous hash, time (not before the parent's,
//                not more than 2 s ahead of my clock and its parent, not more than 25 s behind my clock), flags, lanes,
//                data root and payload hash are right, and I hold every batch. Then append and send notarize. Wrong:
//                nullify. Something missing: fetch it; timers run on. (25 s: an honest proposal can be as old as two
//                of the longest timeouts; and what a client has just made must not be of the future in a block, where
//                a clock may be 30 s wrong.)
// R4 Advance.    A notarization of v: append it; if I never sent nullify(v), append and send finalize(v, id); enter
//                v+1. A nullification of v: append it, pass it on, enter v+1.
// R5 Finalize.   A finalization of (v, id): append it; id and its ancestors are final, delivered by number once my
//                own votes are durable; forget what is below; enter v+1.
// R6 Time out.   When the view has had demand for a timeout without a proposal, or two without a certificate, or at
//                once when the leader let its last view time out and has not voted in the last n, or b members sent
//                nullify(v): if I never sent finalize(v), append and send nullify(v). (b, not f+1: in the crash
//                model that would be 1, and one slow member would nullify everybody's views.) Timeouts grow by half
//                with each nullified view in a row, up to a cap.
// R7 Stuck.      With demand and no progress for an interval (which doubles, up to four times, while that lasts):
//                send again my votes above the tip, my proposal of this view, my status, and others' batches to
//                members that have not acknowledged them (their authors may have lost them). A status that is behind
//                mine is answered with mine and the certificates above its tip; one that stays ahead for an interval,
//                or is far ahead, makes me fetch final blocks. Answers: once per interval and peer; batches and
//                proposals that are asked for: a block's worth of bytes per interval and peer.
// R8 Seal.       A batch whose author says that it changes the configuration is ordered alone. The block is a *sealing*
//                one when the change holds at the block's time: the leader and every voter judge that. Its descendants
//                in the epoch are empty and never delivered: a finalization of one of them makes the sealing block
//                final and is its proof. Then I vote no more in this epoch; the owner starts the next with
//                EpochStarted.
// R9 Evidence.   One signer, one view: two notarized ids, two finalized ids, or nullify together with finalize; two
//                batches at one position of a lane. What was signed is compared, never signature bytes. Notarize
//                together with nullify is legal. Each is reported once.
// R10 Forgetful. A member whose log is gone, or is an older copy of it, may have voted. It neither votes nor proposes
//                until b + f others have answered its question for their view (with its nonce, so that an old status
//                does not count), and then only in views above the highest of these plus one; in each later epoch it
//                asks again. An answer counts when it is of an older epoch, or when I have reached its view myself, by
//                certificates and blocks: it carries the certificate that ended the view before. A member that claims
//                a view above its final block without one is Byzantine, so at most f-1 of the rest are. My lane begins
//                above every incarnation of it that they know, unless that is far in the future.
//                Enough: my vote in view v rests on a certificate of v-1. q members signed it, so of the others at
//                least q-1-f correct ones, which had come to v-1 or further. Of b+f = n-q+1+f answers at most f are
//                lies, so n-q+1 are of correct others. There are n-1-f of these at most, and both numbers together are
//                n-f: one who answered truly had signed. Not too much: a view that counts was proven, so no liar makes
//                me silent longer than others have come; and while I am one of the f, n-f others answer truly, which
//                is b+f or more, for q > 2f.
// R11 Bounds.    A batch has 1 to `max_block_messages` transactions, none of them empty, of `max_block_bytes` at most
//                together; so have a proposal's batches, which are kMaxReferences at most. Of a member's lane so much
//                is kept as `lane_bytes` says; a batch that is beside its lane only while something names it: the
//                current proposal, one that I notarized or that is certified, or an ancestor of these. A signature is
//                checked only of what would be used, and once a message has a false one the rest of it is not looked
//                at. Correct members pass on only what they have checked themselves and send only their own votes; so
//                a member that sends a false batch, vote or certificate is *blamed*.
//
// ---- Why ----
//
// Safe: who signed finalize(v, x) never signs nullify(v), and any two quorums share a member that keeps the rules. So a
// finalized view has no nullification, and no view has two notarized blocks; a later block's parent is at v or above,
// or its justification would hold a nullification of v. Induct: a later final block descends from x. That outlives a
// crash of all, though a finalization is delivered before it is durable: the log is durable from the front, so with
// each finalize vote the notarization is, and with each notarize vote every batch. Live: once the network is calm,
// every view ends in a certificate within a bounded time, all follow within one delay, and a correct leader's block is
// final after three.
//
// ---- The owner's duties ----
//
//  1. One thread. Perform the actions of a step in order, before the next step.
//  2. Append: append the record to the log. Tickets count from 1 in the order of the actions.
//  3. Send and Deliver: only when everything up to the ticket `after` is durable. One sync may serve many steps, and
//     none is needed while nothing waits for it; sync after start and before an orderly end.
//  4. Deliver: hand the block on, in order, each exactly once.
//  5. Received: only decoded messages, with the member that the network has authenticated as the sender.
//  6. Wake: step(Tick) at `wake_at()` at the latest.
//  7. ServeBlocks: send FetchedBlocks of one epoch from `from` on, ending on a block whose proof the ledger has;
//     nothing when it has none. Asking is cheaper than answering: space the answers to one member.
//  8. At a start: make the ledger's tip durable, construct from it, restore every record in the log's order, start.
//     Blocks that the log proves final above the tip are delivered again.
//  9. Before old parts of the log are deleted: append what `keep()` gives to a new part.

#include <map>
#include <optional>
#include <set>

#include "consensus/committee.h"
#include "consensus/messages.h"

namespace tally::consensus {

struct Settings {
    std::int64_t timeout_ms = 500;
    std::int64_t max_timeout_ms = 10'000;
    std::int64_t resend_ms = 250;
    std::int64_t status_ms = 1000;
    std::int64_t fetch_ms = 50;
    std::int64_t ahead_ms = 2000;     // how far a proposal's clock may be ahead of mine
    std::int64_t behind_ms = 25'000;  // and behind: more than two of the longest timeouts
    std::uint32_t max_messages = 4000;
    std::uint64_t preferred_bytes = 4U << 20;
    std::uint64_t max_block_bytes = 16U << 20;
    std::uint64_t max_block_messages = kMaxBlockMessages;
    std::int64_t block_timeout_ms = 250;
    std::uint64_t lane_bytes = 64U << 20;  // of one lane's batches that are not final: their cost (lanes.h)
};

// Whether this transaction changes the configuration in a block of this time; none: this program cannot tell, and votes
// for either. A pure function of both and of the epoch's configuration.
using ChangesConfiguration = std::function<std::optional<bool>(ByteView transaction, std::int64_t time_ms)>;

// ---- Events. ----
struct Received {
    Member from = 0;
    Message message;
};
// A batch that the owner's clients gave. Opaque; within the bounds of R11.
struct Submitted {
    storage::Batch transactions;
    Hash digest;           // storage::batch_digest of them
    bool sealing = false;  // one transaction, which is meant to change the configuration
};
struct Tick {};
// The owner's committer is behind: no notarize meanwhile.
struct Backlog {
    bool is_long = false;
};
// The sealing block was delivered; these members go on from it. `self` as in Simplex's constructor.
struct EpochStarted {
    Committee committee;
    std::optional<Member> self;
    VerifySignature verify;
    ChangesConfiguration changes_configuration;
    std::optional<Settings> settings = std::nullopt;  // from now on; none: as before
};
using Event = std::variant<Received, Submitted, Tick, Backlog, EpochStarted>;

// ---- Actions. ----
enum class RecordType : std::uint8_t { batch = 1, vote = 2, proposal = 3, certificate = 4, start = 5 };
struct Append {
    std::uint64_t ticket = 0;
    RecordType type = RecordType::batch;
    Bytes record;
};
struct Send {
    std::optional<Member> to;  // none: to every other member
    Message message;
    std::uint64_t after = 0;
};
struct Deliver {
    storage::BlockHeader header;
    std::vector<BatchPtr> batches;  // empty when the block came through FetchedBlocks; then:
    std::vector<storage::Batch> fetched;
    FinalityProof proof;
    std::uint64_t after = 0;
};
struct ServeBlocks {
    Member to = 0;
    storage::BlockNumber from = 0;
};
struct Evidence {
    Member signer = 0;
    std::string what;
    Bytes first;  // the two encoded votes or batch headers with their signatures
    Bytes second;
};
// R11. The owner counts it, and may stop listening to this member for a while.
struct Blame {
    Member member = 0;
    std::string why;
};
using Action = std::variant<Append, Send, Deliver, ServeBlocks, Evidence, Blame>;

struct Tip {
    storage::BlockHeader header;
    Hash hash;
};

struct Observation {
    Epoch epoch = 0;
    View view = 0;
    Member leader = 0;
    storage::BlockNumber final_number = 0;
    bool sealed = false;
    bool forgetful = false;  // R10
    bool silent = false;     // no longer forgetful, but it does not vote in this view
    std::uint64_t own_pending_bytes = 0;
    std::uint64_t pending_batches = 0;
    std::uint64_t nullified_views = 0;  // since the start
    std::uint64_t evidence = 0;
    std::uint64_t blamed = 0;                         // messages
    std::vector<storage::BlockNumber> final_numbers;  // of each member, as it last said
};

// When something happens. Every timer runs on a clock that never goes back and may begin anywhere; the time of day
// is written into blocks and compared with those of others.
struct Clocks {
    std::int64_t timer_ms = 0;
    std::int64_t wall_ms = 0;
};

class Simplex {
  public:
    struct Options {
        Committee committee;
        std::optional<Member> self;  // none: a learner, which follows and never votes
        Settings settings;
        std::function<Bytes(ByteView statement)> sign;
        VerifySignature verify;
        ChangesConfiguration changes_configuration;
        Tip tip;
        // The log is a new one by intent: nothing was ever voted with this key. Else an empty log means that it was
        // lost.
        bool first_start = false;
    };
    explicit Simplex(Options options);
    ~Simplex();
    Simplex(Simplex&&) noexcept;
    Simplex& operator=(Simplex&&) noexcept;

    // corrupt when a record is not what was appended.
    [[nodiscard]] tally::Status restore(RecordType type, ByteView record);
    // Before start: the log that was restored may be an old copy. This member is forgetful (R10), also if the log says
    // otherwise.
    void distrust_log();
    // Before start: an operator states that this member has voted nothing that is not in the log. It votes at once,
    // also if the log says that it is forgetful, or silent in this view.
    void trust_log();
    [[nodiscard]] std::vector<Action> start(Clocks now);
    [[nodiscard]] std::vector<Action> step(Event event, Clocks now);
    [[nodiscard]] std::int64_t wake_at() const;  // on the timer's clock
    // Nothing of mine waits to become final.
    [[nodiscard]] bool idle() const;
    // Own votes and certificates above the tip, and every batch that is not final: what a new part of the log begins
    // with.
    [[nodiscard]] std::vector<Append> keep();
    [[nodiscard]] Observation observe() const;

  private:
    class Core;
    std::unique_ptr<Core> core_;
};

}  // namespace tally::consensus
