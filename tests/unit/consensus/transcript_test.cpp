// Stories of member 0 of four, one in each file of transcripts/: what it hears, and line by line what it does then.
//
//     submits BATCH                              its client gives it a batch
//     hears M batch BATCH [sealing]              the next of M's lane
//     hears M holds BATCH                        an acknowledgement
//     hears M proposal V as BLOCK [on BLOCK] [of BATCH...] [unjustified]
//     hears M KIND V [BLOCK]                     a vote: notarize, nullify or finalize
//     hears M certified KIND V [BLOCK]           a certificate of members 1, 2 and 3
//     waits MS
//     restarts [losing N] [from BLOCK]           without the log's last N records; on a ledger that ends with BLOCK
//     epoch E starts                             behind a sealing block, with the same members
//
// Lines that begin with four blanks are the actions that follow, all of them but acknowledgements and status messages:
// `append N RECORD` is the log's record N, `to WHOM after N: MESSAGE` is held until record N is durable. Whoever does
// not agree with an action finds the rule in consensus/simplex.h.

#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/unit/consensus/one_of_four.h"

namespace tally::consensus {
namespace {

class Transcript : public OneOfFour, public testing::WithParamInterface<std::string> {
  protected:
    void play(const std::string& line) {
        std::istringstream words(line);
        std::string what;
        words >> what;
        if (what == "submits") return submits({text(batch_name(words))});
        if (what == "waits") return wait(number(words));
        if (what == "restarts") return restart(words);
        if (what == "epoch") return begin_epoch(number(words));
        ASSERT_EQ(what, "hears") << line;
        const auto from = static_cast<Member>(number(words));
        words >> what;
        if (what == "batch") return hears(from, BatchMessage{next_batch(from, words)});
        if (what == "proposal") return hears(from, next_proposal(from, words));
        if (what == "holds") {
            words >> what;
            const auto& [lane, at, digest, count, bytes] = batches_.at(what);
            return hears(from, AckMessage{epoch_, 1, {{lane, at, heads_.at(what)}}});
        }
        if (what == "certified") {
            words >> what;
            const auto view = number(words);
            return hears(from, CertificateMessage{{certified(kind_named(what), view, id_named(words))}});
        }
        const auto view = number(words);
        hears(from, VoteMessage{{cast(from, kind_named(what), view, id_named(words))}});
    }
    // What came of the last line, and what the owner keeps of it.
    std::vector<std::string> outcome() {
        std::vector<std::string> lines;
        for (const auto& action : std::exchange(taken, {})) {
            auto told = std::visit([this](const auto& each) { return tell(each); }, action);
            if (!told.empty()) lines.push_back("    " + std::move(told));
        }
        return lines;
    }

  private:
    static std::uint64_t number(std::istream& words) {
        std::uint64_t value = 0;
        words >> value;
        return value;
    }
    std::string batch_name(std::istream& words) {
        std::string name;
        words >> name;
        names_[storage::batch_digest({text(name)})] = name;
        return name;
    }
    static VoteKind kind_named(const std::string& name) {
        if (name == "notarize") return VoteKind::notarize;
        EXPECT_TRUE(name == "nullify" || name == "finalize") << name;
        return name == "nullify" ? VoteKind::nullify : VoteKind::finalize;
    }
    Hash id_named(std::istream& words) {
        std::string block;
        words >> block;
        if (block.empty()) return {};
        return blocks_.contains(block) ? blocks_.at(block).header.hash() : crypto::sha256(as_bytes(block));
    }
    [[nodiscard]] Vote cast(Member signer, VoteKind kind, View view, const Hash& id) const {
        return {kind, epoch_, view, id, signer, signature_of(signer, vote_statement(kChannel, kind, epoch_, view, id))};
    }
    [[nodiscard]] QuorumCertificate certified(VoteKind kind, View view, const Hash& id) const {
        QuorumCertificate made{kind, epoch_, view, id, {1, 2, 3}, {}};
        for (const auto signer : made.signers) made.signatures.push_back(cast(signer, kind, view, id).signature);
        return made;
    }

    BatchPtr next_batch(Member author, std::istream& words) {
        const auto name = batch_name(words);
        std::string sealing;
        words >> sealing;
        auto& lane = lanes_[author];
        ++lane.at.sequence;
        auto made = std::make_shared<LaneBatch>(*batch(author, lane.at, {text(name)}, lane.head));
        made->header.sealing = !sealing.empty();
        made->signature = signature_of(author, batch_statement(kChannel, made->header));
        heads_[name] = lane.head = made->header.hash();
        batches_[name] = {author, lane.at, made->header.digest, made->header.count, made->header.bytes};
        if (made->header.sealing) sealing_.insert(name);
        return made;
    }
    ProposalMessage next_proposal(Member leader, std::istream& words) {
        const auto view = number(words);
        BlockProposal made;
        BlockProposal parent;
        parent.header = genesis();
        std::string name;
        bool justified = true;
        std::vector<LanePosition> at(4);
        for (std::string word; words >> word;) {
            if (word == "as") {
                words >> name;
            } else if (word == "on") {
                words >> word;
                parent = blocks_.at(word);
            } else if (word == "unjustified") {
                justified = false;
            } else if (word != "of") {
                made.payload.push_back(batches_.at(word));
                if (sealing_.contains(word)) made.header.flags |= storage::BlockHeader::kSealing;
            }
        }
        for (Member lane = 0; lane < parent.header.lanes.size(); ++lane) at[lane] = parent.header.lanes[lane].at;
        for (const auto& reference : made.payload) at[reference.lane] = reference.at;
        auto& header = made.header;
        const bool same_epoch = parent.header.number == 0 || parent.header.epoch == epoch_;
        if (same_epoch &&
            (parent.header.flags & (storage::BlockHeader::kSealing | storage::BlockHeader::kEmptyOnly)) != 0)
            header.flags |= storage::BlockHeader::kEmptyOnly;
        header.channel = kChannel;
        header.number = parent.header.number + 1;
        header.previous_hash = parent.header.hash();
        header.epoch = epoch_;
        header.view = view;
        header.proposer = leader;
        header.time_ms = now;
        for (Member lane = 0; lane < 4; ++lane) header.lanes.push_back({100 + lane, at[lane]});
        made.parent_view = parent.header.epoch == epoch_ ? parent.header.view : 0;
        header.payload = made.payload_hash();
        header.data_root = made.data_root();
        blocks_[name] = made;
        names_[header.hash()] = name;
        ProposalMessage message{made, cast(leader, VoteKind::notarize, view, header.hash()), {}};
        if (made.parent_view > 0)
            message.justification.push_back(certified(VoteKind::notarize, made.parent_view, parent.header.hash()));
        for (View between = made.parent_view + 1; justified && between < view; ++between)
            message.justification.push_back(certified(VoteKind::nullify, between, {}));
        return message;
    }

    void restart(std::istream& words) {
        auto made = options();
        made.tip = tip_;
        for (std::string word; words >> word;) {
            if (word == "losing") {
                const auto lost = number(words);
                ASSERT_LE(lost, log_.size());
                log_.resize(log_.size() - lost);
            } else {
                words >> word;
                made.tip.header = word == "genesis" ? genesis() : blocks_.at(word).header;
                made.tip.hash = made.tip.header.hash();
            }
        }
        core.emplace(std::move(made));
        for (const auto& record : log_) ASSERT_TRUE(core->restore(record.type, record.record).has_value());
        taken = core->start({now, now});
    }
    void begin_epoch(Epoch epoch) {
        epoch_ = epoch;
        auto next = options();
        next.committee.epoch = epoch;
        taken = core->step(EpochStarted{next.committee, 0, next.verify, next.changes_configuration}, {now, now});
    }

    // ---- Words for what the core does. ----
    [[nodiscard]] std::string named(const Hash& hash) const {
        const auto found = names_.find(hash);
        return found == names_.end() ? hash.hex().substr(0, 8) : found->second;
    }
    static std::string_view noun(VoteKind kind) {
        return std::array{"notarization", "nullification", "finalization"}[static_cast<std::size_t>(kind)];
    }
    static std::string_view verb(VoteKind kind) {
        return std::array{"notarize", "nullify", "finalize"}[static_cast<std::size_t>(kind)];
    }
    template <class Of>
    [[nodiscard]] std::string said(std::string_view word, const Of& of) const {
        return of.kind == VoteKind::nullify ? fmt::format("{} {}", word, of.view)
                                            : fmt::format("{} {} {}", word, of.view, named(of.id));
    }
    void learn(const LaneBatch& batch) {
        const auto& header = batch.header;
        const auto lane = static_cast<Member>(header.lane - 100);
        batches_[named(header.digest)] = {lane, header.at, header.digest, header.count, header.bytes};
        heads_[named(header.digest)] = header.hash();
    }
    std::string learn(const BlockProposal& proposal) {
        const auto name = names_.try_emplace(proposal.header.hash(), fmt::format("mine{}", proposal.header.view));
        blocks_.try_emplace(name.first->second, proposal);
        std::string payload;
        for (const auto& reference : proposal.payload) payload += " " + named(reference.digest);
        return fmt::format("proposal {}{}{}", name.first->second, payload.empty() ? "" : " of", payload);
    }
    std::string record_text(const Append& append) {
        switch (append.type) {
            case RecordType::batch:
                return "batch " + named(storage::decode<LaneBatch>(append.record, "")->header.digest);
            case RecordType::vote: {
                const auto vote = *storage::decode<Vote>(append.record, "");
                return said(verb(vote.kind), vote);
            }
            case RecordType::proposal: return learn(*storage::decode<BlockProposal>(append.record, ""));
            case RecordType::certificate: {
                const auto certificate = *storage::decode<QuorumCertificate>(append.record, "");
                return said(noun(certificate.kind), certificate);
            }
            case RecordType::start: return "start";
        }
        return {};
    }
    std::string message_text(const Message& message) {
        if (const auto* batch = std::get_if<BatchMessage>(&message)) {
            learn(*batch->batch);
            return "batch " + named(batch->batch->header.digest);
        }
        if (const auto* proposal = std::get_if<ProposalMessage>(&message)) return learn(proposal->proposal);
        std::string text;
        const auto add = [&](const std::string& part) { text += (text.empty() ? "" : ", ") + part; };
        if (const auto* votes = std::get_if<VoteMessage>(&message)) {
            for (const auto& vote : votes->votes) add(said(verb(vote.kind), vote));
        } else if (const auto* certificates = std::get_if<CertificateMessage>(&message)) {
            for (const auto& each : certificates->certificates) add(said(noun(each.kind), each));
        } else if (const auto* wanted = std::get_if<FetchBatch>(&message)) {
            return "give me batch " + named(wanted->reference.digest);
        } else if (const auto* proposal = std::get_if<FetchProposal>(&message)) {
            return "give me proposal " + named(proposal->id);
        } else if (const auto* blocks = std::get_if<FetchBlocks>(&message)) {
            return fmt::format("give me blocks from {}", blocks->from);
        }
        return text;
    }
    std::string tell(const Append& append) {
        log_.push_back(append);
        return fmt::format("append {} {}", append.ticket, record_text(append));
    }
    std::string tell(const Send& send) {
        const auto text = message_text(send.message);
        if (text.empty()) return {};
        return fmt::format("to {} after {}: {}", send.to ? std::to_string(*send.to) : "all", send.after, text);
    }
    std::string tell(const Deliver& deliver) {
        tip_ = {deliver.header, deliver.header.hash()};
        return fmt::format("deliver {} after {}", named(tip_.hash), deliver.after);
    }
    std::string tell(const ServeBlocks& serve) { return fmt::format("serve {} from {}", serve.to, serve.from); }
    std::string tell(const Evidence& evidence) {
        return fmt::format("evidence of {}: {}", evidence.signer, evidence.what);
    }
    std::string tell(const Blame& blame) { return fmt::format("blame {}: {}", blame.member, blame.why); }

    struct Lane {
        LanePosition at{1, 0};
        Hash head;
    };
    Epoch epoch_ = 0;
    Tip tip_ = options().tip;
    std::vector<Append> log_;
    std::map<Member, Lane> lanes_;
    std::map<std::string, BatchReference> batches_;
    std::map<std::string, Hash> heads_;  // the hash of each one's header
    std::set<std::string> sealing_;
    std::map<std::string, BlockProposal> blocks_;
    std::map<Hash, std::string> names_;  // of blocks by id and of batches by digest
};

TEST_P(Transcript, IsWhatTheRulesSay) {
    std::ifstream file(std::filesystem::path(TALLY_TRANSCRIPTS) / (GetParam() + ".txt"));
    ASSERT_TRUE(file.good());
    std::string written;
    std::string played;
    start();
    (void)outcome();
    for (std::string line; std::getline(file, line);) {
        written += line + "\n";
        if (line.starts_with("    ")) continue;
        played += line + "\n";
        if (line.empty() || line.starts_with("#")) continue;
        ASSERT_NO_FATAL_FAILURE(play(line));
        for (const auto& action : outcome()) played += action + "\n";
    }
    EXPECT_EQ(written, played) << "what it did:\n" << played;
}

std::vector<std::string> stories() {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(TALLY_TRANSCRIPTS))
        names.push_back(entry.path().stem().string());
    std::sort(names.begin(), names.end());
    return names;
}

INSTANTIATE_TEST_SUITE_P(Story, Transcript, testing::ValuesIn(stories()),
                         [](const auto& story) { return story.param; });

}  // namespace
}  // namespace tally::consensus
