#pragma once
// Member 0 of four, whose core a test drives by hand; the test speaks for the other three. Signatures are names, so
// that a test sees at once what is signed by whom, and what was verified is counted.

#include <gtest/gtest.h>

#include "consensus/simplex.h"
#include "storage/model/archive.h"

namespace tally::consensus {

class OneOfFour : public testing::Test {
  protected:
    static constexpr std::string_view kChannel = "test";

    static Bytes signature_of(Member member, ByteView statement) {
        Bytes signature{static_cast<std::uint8_t>(member)};
        append(signature, crypto::sha256(statement).view());
        return signature;
    }
    [[nodiscard]] Simplex::Options options() {
        Simplex::Options made;
        made.committee = {std::string(kChannel), 0, FaultModel::byzantine, {100, 101, 102, 103}};
        made.self = 0;
        made.settings = settings;
        made.sign = [](ByteView statement) { return signature_of(0, statement); };
        made.verify = [this](Member member, ByteView statement, ByteView signature) {
            ++verified;
            return to_hex(signature_of(member, statement)) == to_hex(signature);
        };
        made.changes_configuration = [this](ByteView, std::int64_t) { return changes_configuration; };
        made.tip.header.channel = kChannel;
        made.tip.hash = made.tip.header.hash();
        made.first_start = first_start;
        return made;
    }
    void start() {
        core.emplace(options());
        taken = core->start({now, now});
    }
    // The actions stay in `taken` until the next event.
    void hears(Member from, Message message) { taken = core->step(Received{from, std::move(message)}, {now, now}); }
    void submits(storage::Batch transactions) {
        const auto digest = storage::batch_digest(transactions);
        taken = core->step(Submitted{std::move(transactions), digest, false}, {now, now});
    }
    void wait(std::int64_t ms) {
        now += ms;
        taken = core->step(Tick{}, {now, now});
    }

    template <class What>
    [[nodiscard]] std::vector<What> actions() const {
        std::vector<What> found;
        for (const auto& action : taken) {
            if (const auto* one = std::get_if<What>(&action)) found.push_back(*one);
        }
        return found;
    }
    template <class What>
    [[nodiscard]] std::vector<What> sent() const {
        std::vector<What> found;
        for (const auto& send : actions<Send>()) {
            if (const auto* one = std::get_if<What>(&send.message)) found.push_back(*one);
        }
        return found;
    }
    [[nodiscard]] std::size_t appended(RecordType type) const {
        std::size_t count = 0;
        for (const auto& append : actions<Append>()) count += append.type == type ? 1 : 0;
        return count;
    }

    [[nodiscard]] static BatchPtr batch(Member author, LanePosition at, storage::Batch transactions,
                                        const Hash& previous = {}) {
        auto made = std::make_shared<LaneBatch>();
        auto& header = made->header;
        header.lane = 100 + author;
        header.at = at;
        header.previous = previous;
        header.digest = storage::batch_digest(transactions);
        header.count = static_cast<std::uint32_t>(transactions.size());
        for (const auto& transaction : transactions) header.bytes += transaction.size();
        made->transactions = std::move(transactions);
        made->signature = signature_of(author, batch_statement(kChannel, header));
        return made;
    }
    [[nodiscard]] static Vote vote(Member signer, VoteKind kind, View view, const Hash& id = {}) {
        return {kind, 0, view, id, signer, signature_of(signer, vote_statement(kChannel, kind, 0, view, id))};
    }
    [[nodiscard]] static QuorumCertificate certificate(VoteKind kind, View view, const Hash& id = {}) {
        QuorumCertificate made{kind, 0, view, id, {1, 2, 3}, {}};
        for (const auto signer : made.signers) made.signatures.push_back(vote(signer, kind, view, id).signature);
        return made;
    }
    // The leader's proposal directly behind the first block.
    [[nodiscard]] ProposalMessage proposal(View view, std::vector<BatchReference> payload) const {
        const auto leader = static_cast<Member>(view % 4);
        const auto parent = genesis();
        ProposalMessage message;
        auto& header = message.proposal.header;
        header.channel = kChannel;
        header.number = 1;
        header.previous_hash = parent.hash();
        header.view = view;
        header.proposer = leader;
        header.time_ms = now;
        std::vector<LanePosition> at(4);
        for (const auto& reference : payload) at.at(reference.lane) = reference.at;
        for (Member lane = 0; lane < 4; ++lane) header.lanes.push_back({100 + lane, at[lane]});
        message.proposal.payload = std::move(payload);
        header.payload = message.proposal.payload_hash();
        header.data_root = message.proposal.data_root();
        message.vote = vote(leader, VoteKind::notarize, view, header.hash());
        for (View between = 1; between < view; ++between)
            message.justification.push_back(certificate(VoteKind::nullify, between));
        return message;
    }
    [[nodiscard]] static storage::BlockHeader genesis() {
        storage::BlockHeader header;
        header.channel = kChannel;
        return header;
    }
    [[nodiscard]] static Bytes text(std::string_view what) { return to_bytes(what); }

    Settings settings;
    bool first_start = true;
    std::optional<bool> changes_configuration = true;  // whatever says that it does
    std::int64_t now = 1'000'000;
    std::size_t verified = 0;
    std::optional<Simplex> core;
    std::vector<Action> taken;
};

}  // namespace tally::consensus
