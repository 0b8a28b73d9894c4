#pragma once
// R10: the lives of a member, and what it does when its log is gone or is an older copy: it asks where the others are,
// and votes only above that. The core checks what their answers prove. Pure.

#include <map>
#include <set>

#include "consensus/committee.h"

namespace tally::consensus {

// The first record of each life of a member.
struct StartRecord {
    std::uint64_t incarnation = 0;
    bool forgetful = false;  // R10, not yet resolved
    Epoch silent_epoch = 0;  // no votes up to and with this view of this epoch
    View silent_view = 0;

    template <class A>
    void serialize(A& a) {
        a(incarnation, forgetful, silent_epoch, silent_view);
    }
};

class ForgetfulStart {
  public:
    // `first_start`: this member has never had a log.
    explicit ForgetfulStart(bool first_start) : first_start_(first_start) { life_.forgetful = true; }

    void restore(const StartRecord& record) { life_ = record; }
    void distrust_log() { is_distrusted_ = true; }
    void trust_log() { is_trusted_ = true; }
    // A life begins, or an epoch. `lane`: the last incarnation of this member's lane that is known to be final.
    void begin_life(Epoch epoch, std::uint64_t lane, std::int64_t wall_ms);
    void begin_epoch(Epoch epoch);

    [[nodiscard]] const StartRecord& record() const { return life_; }  // to be logged after each change
    [[nodiscard]] std::uint64_t incarnation() const { return life_.incarnation; }
    [[nodiscard]] bool is_forgetful() const { return life_.forgetful; }
    [[nodiscard]] bool may_vote(Epoch epoch, View view) const {
        return !life_.forgetful && std::pair(epoch, view) > std::pair(life_.silent_epoch, life_.silent_view);
    }
    [[nodiscard]] std::uint64_t nonce() const { return nonce_; }  // of its question

    // An answer to the question: whether it may count at all.
    [[nodiscard]] bool listens_to(Member from, const StatusMessage& status, Epoch epoch) const;
    // What the others know of this member's lane: this life begins above it, unless it has batches already.
    void lane_was(std::uint64_t incarnation, std::int64_t wall_ms);
    void told(Member from, Epoch epoch, View view) { told_[from] = {epoch, view}; }
    void lied(Member from);
    // Once enough have answered: from now on it votes above what they said, and its life is at least this incarnation.
    // False: not yet, or nothing was forgotten.
    [[nodiscard]] bool remember(const Committee& committee, std::uint64_t least_incarnation);

  private:
    StartRecord life_;
    bool first_start_ = false;
    bool is_distrusted_ = false;
    bool is_trusted_ = false;
    std::uint64_t nonce_ = 0;
    std::map<Member, std::pair<Epoch, View>> told_;
    std::set<Member> liars_;
};

}  // namespace tally::consensus
