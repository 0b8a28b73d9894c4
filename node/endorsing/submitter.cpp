#include "node/endorsing/submitter.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <set>
#include <thread>

#include "chaincode/contracts/data/refusals.h"
#include "gateway/http/log_value.h"
#include "node/endorsing/wave.h"
#include "node/threads/stopwatch.h"
#include "storage/model/archive.h"
#include "storage/model/read_transaction.h"

namespace tally::node {
namespace {

constexpr std::int64_t kWaitMs = 60'000;
constexpr auto kLastRemembered = std::chrono::seconds(30);   // so long is a source asked late for what it did last
constexpr double kSlowFactor = 4;                            // times the fastest one's time to answer, and
constexpr double kSlowMs = 100;                              // this more: it is slow
constexpr double kContradicts = 0.4;                         // two of the last few times
constexpr auto kFirstPause = std::chrono::milliseconds(25);  // before endorsers that differ are asked again
constexpr auto kLastPause = std::chrono::milliseconds(400);
constexpr std::size_t kBelievedRefusals = 2;  // of others; a single one may lie

}  // namespace

Submitter::Submitter(const storage::Ledger& ledger, const CurrentMembership& membership, WorkerPool& pool, Share share,
                     Waiting& waiting, crypto::VerifiedSignatures& memo, ListSources sources, OrderTransaction order,
                     Metrics& metrics)
    : ledger_(ledger),
      membership_(membership),
      pool_(pool),
      tasks_(pool, share),
      waiting_(waiting),
      memo_(memo),
      sources_(std::move(sources)),
      order_(std::move(order)),
      metrics_(metrics) {
    waiting_.on_conflict([this](const storage::TransactionId& id, std::shared_ptr<const Bytes> transaction,
                                Outcome conflict) { endorse_again(id, std::move(transaction), conflict); });
}

void Submitter::refuse(const Done& done, const Error& error) {
    metrics_.refused(error.code.name());
    done(std::unexpected(error));
}

void Submitter::submit(const std::string& party, Bytes proposal, bool wait_for_commit, Done done) {
    auto shared = std::make_shared<Done>(std::move(done));
    const auto bytes = proposal.size();
    const auto posted =
        tasks_.post(party, bytes, [this, proposal = std::move(proposal), wait_for_commit, shared]() mutable {
            process(std::move(proposal), nullptr, wait_for_commit, *shared);
        });
    if (!posted) refuse(*shared, posted.error());
}

void Submitter::submit_own(const std::string& party, std::uint64_t bytes, SignOwn sign, crypto::PublicKey key,
                           bool wait_for_commit, Done done) {
    auto shared = std::make_shared<Done>(std::move(done));
    auto shared_sign = std::make_shared<SignOwn>(std::move(sign));
    const auto posted = tasks_.post(party, bytes, [this, shared_sign, key = std::move(key), wait_for_commit, shared] {
        auto own = (*shared_sign)();
        if (!own) return refuse(*shared, own.error());
        process(std::move(own->bytes), &key, wait_for_commit || own->wait_for_commit, *shared);
    });
    if (!posted) refuse(*shared, posted.error());
}

Result<std::optional<Submission>> Submitter::known(const storage::TransactionId& id) const {
    const auto location = TRY(ledger_.find(id));
    if (!location || !storage::uses_id(location->code)) return std::nullopt;
    const auto bytes = TRY(ledger_.transaction(location->block, location->index));
    const auto transaction = TRY(storage::read_transaction(bytes, "a transaction"));
    auto simulation = TRY(storage::read_simulation(transaction.simulation, "a simulation"));
    return Submission{id, {location->code, {}, location->block, location->index, std::move(simulation.result)}, true};
}

void Submitter::process(Bytes bytes, const crypto::PublicKey* own, bool wait_for_commit, const Done& done) {
    const auto proposal =
        chaincode::SignedProposal::decode(bytes, membership_.get()->config().batch.absolute_max_bytes);
    if (!proposal) return refuse(done, proposal.error());
    const auto id = proposal->id;
    if (own != nullptr) crypto::remember_signature(*own, id, proposal->cose.signature, memo_);
    const auto when_committed = [done, id](Result<Outcome> outcome) {
        if (!outcome) return done(std::unexpected(outcome.error()));
        done(Submission{id, std::move(*outcome), true});
    };
    if (!waiting_.add(id, wait_for_commit ? Waiting::Done(when_committed) : Waiting::Done(), steady_ms() + kWaitMs)) {
        if (!wait_for_commit) done(Submission{id, {}, false});
        return;
    }
    const auto settle = [&](const Result<Submission>& submission) {
        if (!submission) metrics_.refused(submission.error().code.name());
        if (!wait_for_commit) done(submission);
        waiting_.resolve(id, submission ? Result<Outcome>(submission->outcome) : std::unexpected(submission.error()));
    };
    const auto earlier = known(id);
    if (!earlier) return settle(std::unexpected(earlier.error()));
    if (*earlier) return settle(**earlier);
    auto result = send(*proposal, std::move(bytes));
    if (!result) return settle(std::unexpected(result.error()));
    if (wait_for_commit) return;
    Submission accepted{id, {}, false};
    accepted.outcome.result = std::move(*result);
    done(std::move(accepted));
}

Result<std::string> Submitter::send(const chaincode::SignedProposal& proposal, Bytes bytes) {
    auto [transaction, result] = TRY(endorse_at_one_height(proposal, bytes));
    transaction.proposal = std::move(bytes);
    const auto encoded = std::make_shared<const Bytes>(storage::encode(transaction));
    waiting_.ordering(proposal.id, encoded);
    waiting_.ordered(proposal.id, TRY(order_(*encoded, proposal)), steady_ms());
    return std::move(result);
}

// Endorsers may be a block apart, and then see other versions of what the proposal reads: they are asked again when
// they have had time to meet.
Result<std::pair<storage::Transaction, std::string>> Submitter::endorse_at_one_height(
    const chaincode::SignedProposal& proposal, const Bytes& bytes) {
    for (auto pause = kFirstPause;; pause *= 2) {
        auto endorsed = endorse(proposal, bytes);
        if (endorsed || endorsed.error().code != Code::endorsements_differ || pause > kLastPause) return endorsed;
        std::this_thread::sleep_for(pause);
    }
}

// The same proposal on the newer state. Who waits for it learns nothing of the conflict, unless it cannot be tried
// again.
void Submitter::endorse_again(const storage::TransactionId& id, std::shared_ptr<const Bytes> transaction,
                              const Outcome& conflict) {
    const bool posted = pool_.post([this, id, transaction] {
        const auto again = [&]() -> Status {
            auto decoded = TRY(storage::read_transaction(*transaction, "a transaction"));
            const auto proposal = TRY(chaincode::SignedProposal::decode(decoded.proposal, decoded.proposal.size()));
            TRY(send(proposal, Bytes(decoded.proposal)));
            return {};
        };
        if (const auto status = again(); !status) waiting_.resolve(id, std::unexpected(status.error()));
    });
    if (!posted) waiting_.resolve(id, conflict);
}

namespace {

// Endorsements of one outcome. There is more than one outcome when an endorser lies, or is at another height.
struct SameSimulation {
    crypto::Hash digest;
    storage::Transaction transaction;
    std::vector<Principal> signers;
    std::string names;
};

void add_to(std::vector<SameSimulation>& groups, Endorsed endorsed, const std::string& name, Principal signer) {
    auto group = std::find_if(groups.begin(), groups.end(),
                              [&](const SameSimulation& each) { return each.digest == endorsed.digest; });
    if (group == groups.end()) {
        group = groups.insert(groups.end(), SameSimulation{});
        group->digest = endorsed.digest;
        group->transaction.simulation = std::move(endorsed.simulation);
    }
    group->transaction.endorsements.push_back(std::move(endorsed.endorsement));
    group->signers.push_back(std::move(signer));
    group->names += (group->names.empty() ? "" : " and ") + name;
}

bool is_known(const std::vector<SameSimulation>& groups, const crypto::Hash& digest) {
    return std::ranges::any_of(groups, [&](const auto& group) { return group.digest == digest; });
}

std::vector<Principal> largest(const std::vector<SameSimulation>& groups) {
    const auto most = std::max_element(
        groups.begin(), groups.end(), [](const auto& a, const auto& b) { return a.signers.size() < b.signers.size(); });
    return most == groups.end() ? std::vector<Principal>() : most->signers;
}

std::string described(const std::vector<SameSimulation>& groups) {
    std::string text;
    for (const auto& group : groups) text += (text.empty() ? "" : "; not as ") + group.names;
    return text;
}

// Who did not endorse, and why. `unavailable` says nothing of the proposal; any other code is a contract's or the
// admission's word.
class Refusals {
  public:
    void add(const EndorsementSource& source, const Error& error) {
        text_ += fmt::format("{}{}: {}", text_.empty() ? "" : "; ", source.name, error.message);
        const bool of_contract = error.code != Code::unavailable;
        believed_ = believed_ || (of_contract && source.own);
        if (error.code == chaincode::data::refusals::duplicate_record && !duplicate_) duplicate_ = error;
        of_contracts_ += of_contract ? 1 : 0;
        if (!first_ || (of_contract && first_->code == Code::unavailable))
            first_ = source.own ? error : error.within(source.name);
    }
    // The others would refuse it too.
    [[nodiscard]] bool are_believed() const { return believed_ || of_contracts_ >= kBelievedRefusals; }
    [[nodiscard]] bool are_of_contracts() const { return of_contracts_ > 0; }
    [[nodiscard]] const std::optional<Error>& first() const { return first_; }
    // One has it on its ledger, while others are a block behind and would take it.
    [[nodiscard]] const std::optional<Error>& duplicate() const { return duplicate_; }
    [[nodiscard]] const std::string& text() const { return text_; }

  private:
    std::string text_;
    std::optional<Error> first_;
    std::optional<Error> duplicate_;
    std::size_t of_contracts_ = 0;
    bool believed_ = false;
};

}  // namespace

// First those that answer about as fast as the fastest and refuse what the others refuse; then those that are slow or
// contradict the others; last those that gave nothing useful, or are not there. Within a class the order stays: it has
// one of each organization first. After a while everything is forgotten, and each has another chance.
std::vector<EndorsementSource> Submitter::ranked_sources() {
    auto sources = sources_();
    std::map<std::string, int> classes;
    {
        const std::lock_guard lock(mutex_);
        std::erase_if(records_, [now = std::chrono::steady_clock::now()](const auto& each) {
            return now - each.second.at > kLastRemembered;
        });
        std::optional<double> fastest;
        for (const auto& [name, record] : records_) {
            if (record.wait_ms) fastest = std::min(fastest.value_or(*record.wait_ms), *record.wait_ms);
        }
        for (const auto& [name, record] : records_) {
            const bool slow = record.wait_ms && *record.wait_ms > kSlowFactor * *fastest + kSlowMs;
            classes[name] = record.useless ? 2 : slow || record.contradicted > kContradicts ? 1 : 0;
        }
    }
    for (const auto& source : sources) {
        if (source.own) classes[source.name] = 0;
        if (!source.is_there()) classes[source.name] = 2;
    }
    std::ranges::stable_sort(sources, {}, [&](const auto& source) { return classes[source.name]; });
    return sources;
}

void Submitter::note(const EndorsementSource& source, Heard heard) {
    const std::lock_guard lock(mutex_);
    auto& record = records_[source.name];
    record.at = std::chrono::steady_clock::now();
    record.wait_ms = record.wait_ms ? (3 * *record.wait_ms + heard.wait_ms) / 4 : heard.wait_ms;
    record.useless = !heard.useful;
    record.contradicted *= 0.75;
}

void Submitter::note_contradicted(const std::vector<std::string>& sources) {
    const std::lock_guard lock(mutex_);
    for (const auto& source : sources) records_[source].contradicted += 0.25;
}

// Committers would refuse the whole transaction for one endorsement that does not count.
Result<Principal> Submitter::checked(const Endorsed& endorsed, const EndorsementSource& source,
                                     const Membership& membership, Use use) {
    const auto& [certificate, signature] = endorsed.endorsement;
    const auto member = TRY(membership.identify(std::span(&certificate, 1), now_ms(), use));
    if (member.caller.organization != source.organization)
        return fail(Code::bad_signature, "it signs as a member of {}", member.caller.organization);
    if (!endorsed.simulation.empty() && endorsed.digest != crypto::sha256(endorsed.simulation))
        return fail(Code::malformed, "the digest is not that of the simulation");
    const auto statement = storage::endorsement_statement(membership.config().channel, endorsed.digest);
    TRY(crypto::verify_signature(member.key, statement, signature, &memo_));
    return Principal{member.caller.organization, member.caller.role};
}

// Asks as many at once as the policy needs, and others in the place of those that refuse.
Result<std::pair<storage::Transaction, std::string>> Submitter::endorse(const chaincode::SignedProposal& proposal,
                                                                        const Bytes& bytes) {
    const auto membership = membership_.get();
    const auto& policy = membership->policy_of(proposal.proposal.contract);
    std::vector<SameSimulation> groups;
    Refusals refusals;
    std::vector<std::string> refused_by;
    const auto sources = ranked_sources();
    for (std::size_t asked = 0; asked < sources.size();) {
        const auto left = std::span(sources).subspan(asked);
        const auto wave = left.first(next_wave(policy, largest(groups), left));
        asked += wave.size();
        // Others answer while the first works. When that is this node, a digest says whether they agree with it.
        const bool brief = wave.front().own;
        std::vector<EndorsementSource::Answer> answers(wave.size());
        for (std::size_t i = wave.size(); i-- > 0;) answers[i] = wave[i].ask(proposal, bytes, brief && i > 0);
        for (std::size_t i = 0; i < wave.size(); ++i) {
            const Stopwatch watch;  // of what it costs: the others answer meanwhile
            auto endorsed = answers[i]();
            if (endorsed && endorsed->simulation.empty() && !is_known(groups, endorsed->digest))
                endorsed = wave[i].ask(proposal, bytes, false)();
            const auto wait_ms = watch.seconds() * 1000;
            if (!endorsed) {
                const bool refused = endorsed.error().code != Code::unavailable;
                note(wave[i], {refused, wait_ms});
                if (refused) refused_by.push_back(wave[i].name);
                refusals.add(wave[i], endorsed.error());
                continue;
            }
            auto signer = checked(*endorsed, wave[i], *membership, use_of(proposal.proposal.contract));
            note(wave[i], {signer.has_value(), wait_ms});
            if (signer)
                add_to(groups, std::move(*endorsed), wave[i].name, std::move(*signer));
            else
                refusals.add(wave[i], {Code::unavailable, "its endorsement is void: " + signer.error().message});
        }
        for (auto& group : groups) {
            if (!policy.satisfied_by(group.signers)) continue;
            note_contradicted(refused_by);
            if (groups.size() > 1)
                spdlog::warn("event=endorsements_differ what={}", gateway::log_value(described(groups)));
            auto simulation = TRY(storage::read_simulation(group.transaction.simulation, "the endorsed simulation"));
            return std::pair{std::move(group.transaction), std::move(simulation.result)};
        }
        if (groups.empty() && refusals.are_believed()) break;
    }
    if (refusals.duplicate()) return std::unexpected(*refusals.duplicate());
    if (groups.empty() && refusals.first()) return std::unexpected(*refusals.first());
    if (sources.empty()) return fail(Code::unavailable, "no endorser is within reach of this node");
    if (groups.size() > 1)
        return fail(Code::endorsements_differ, "the simulations differ, and none has enough endorsements: {}",
                    described(groups));
    return fail(refusals.are_of_contracts() ? Code::endorsement_refused : Code::unavailable,
                "the endorsement policy of {} is not met with {} endorsements{}{}", proposal.proposal.contract,
                largest(groups).size(), refusals.text().empty() ? "" : "; ", refusals.text());
}

}  // namespace tally::node
