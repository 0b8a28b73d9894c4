#include "tests/adversary/attacks.h"

#include <chrono>
#include <thread>

#include "consensus/messages.h"
#include "node/committing/checkpoint_exchange.h"
#include "node/committing/committer.h"
#include "node/endorsing/endorser.h"
#include "node/network/node_network.h"
#include "storage/model/archive.h"
#include "storage/model/transaction.h"

namespace tally::node {

crypto::Hash Attack::any_hash() {
    const auto number = random_();
    return crypto::sha256({reinterpret_cast<const std::uint8_t*>(&number), sizeof number});
}

void Attack::pause(int ms) { std::this_thread::sleep_for(std::chrono::milliseconds(ms)); }

namespace {

constexpr std::size_t kEmptyEndorsements = 2'000'000;
constexpr std::size_t kFalseEndorsements = 30'000;
constexpr storage::BlockNumber kFar = 1ULL << 62;
const std::string kEscapes = "\x1b[2J\x1b[31m\ncritical: event=broken_invariant what=\"forged\"\r\x07";

void say(Voice& voice, const consensus::Message& message) {
    voice.say_to_all(FrameKind::consensus, consensus::encode_message(message));
}

storage::Transaction unendorsed(const Bytes& proposal, const std::string& contract) {
    storage::Transaction transaction;
    transaction.proposal = proposal;
    storage::Simulation simulation;
    simulation.contract = simulation.function = contract;
    transaction.simulation = storage::encode(simulation);
    return transaction;
}

void submit(Voice& voice, const storage::Transaction& transaction) {
    voice.say_to_all(FrameKind::submit, storage::encode(SubmitQuestion{false, false, {storage::encode(transaction)}}));
}

// Everything can be read and costs little to ask; nothing of it is a reason for blame.
class Flood : public Attack {
  public:
    using Attack::Attack;
    void once(Voice& voice) override {
        consensus::StatusMessage status;
        status.nonce = ++times_;
        status.final_number = random_() % 1000;
        say(voice, status);
        say(voice, consensus::FetchBlocks{1 + random_() % 3});
        say(voice, consensus::FetchProposal{0, any_hash()});
        say(voice, consensus::FetchBatch{0, {static_cast<consensus::Member>(random_() % 4), {1, 1}, any_hash(), 1, 1}});
        for (const auto kind : {FrameKind::endorse, FrameKind::attest}) {
            voice.say_to_all(kind, storage::encode(EndorseQuestion{times_ % 100, means_.proposal, times_ % 2 == 0}));
            voice.say_to_all(kind, storage::encode(EndorseQuestion{kFar, means_.proposal, false}));
        }
        voice.say_to_all(FrameKind::sign, storage::encode(storage::BlockNumber{random_() % 100}));
        std::this_thread::sleep_for(std::chrono::microseconds(500));
    }

  private:
    std::uint64_t times_ = 0;
};

// A proposal of a member, with two million empty endorsements or thirty thousand false ones.
class Endorsements : public Attack {
  public:
    using Attack::Attack;
    void once(Voice& voice) override {
        auto transaction = unendorsed(means_.proposal, "registry");
        if (random_() % 2 == 0)
            transaction.endorsements.resize(kEmptyEndorsements);
        else
            transaction.endorsements.assign(kFalseEndorsements, {Bytes(300, 0x30), Bytes(64, 7)});
        submit(voice, transaction);
        pause(200);
    }
};

// Texts that would write into a terminal or a log, wherever a node may write down what it heard.
class Escapes : public Attack {
  public:
    using Attack::Attack;
    void once(Voice& voice) override {
        CheckpointMessage lie;
        lie.checkpoint.channel = kEscapes;
        lie.checkpoint.signatures.resize(1);
        lie.checkpoint.signatures[0].organization = kEscapes;
        voice.say_to_all(FrameKind::checkpoint, storage::encode(lie));
        submit(voice, unendorsed(means_.proposal, kEscapes));
        voice.say_to_all(FrameKind::endorse, as_bytes(kEscapes));
        pause(50);
    }
    Standing standing() override { return {1, 1, kEscapes}; }
};

// Votes and certificates that nobody signed, blocks that nobody asked for, answers that answer nothing.
class Lies : public Attack {
  public:
    using Attack::Attack;
    void once(Voice& voice) override {
        for (const auto kind : {FrameKind::endorsed, FrameKind::submitted, FrameKind::signature, FrameKind::attested})
            voice.say_to_all(kind, as_bytes("no answer"));
        consensus::FetchedBlocks blocks;
        blocks.blocks.resize(1);
        blocks.blocks[0].header.channel = voice.channel();
        blocks.blocks[0].header.number = 1;
        blocks.blocks[0].batches = {storage::Batch(1000, Bytes(1000, 1))};
        say(voice, blocks);
        consensus::Vote vote;
        vote.view = random_() % 100;
        vote.id = any_hash();
        vote.signature = Bytes(64, 1);
        say(voice, consensus::VoteMessage{{vote}});
        consensus::QuorumCertificate certificate{consensus::VoteKind::nullify, 0, random_() % 1000, {}, {0, 1, 2}, {}};
        certificate.signatures.assign(3, Bytes(64, 1));
        say(voice, consensus::CertificateMessage{{certificate}});
        pause(50);
    }
};

// Questions of the others are answered: with what cannot be read, with much, with a refusal full of escapes.
class Answers : public Attack {
  public:
    using Attack::Attack;
    void once(Voice&) override { pause(50); }
    void answer(Voice& voice, const std::string& from, const Frame& frame) override {
        if (frame.kind != FrameKind::endorse && frame.kind != FrameKind::submit && frame.kind != FrameKind::sign &&
            frame.kind != FrameKind::attest)
            return;
        const auto kind = static_cast<FrameKind>(static_cast<std::uint8_t>(frame.kind) + 1);
        voice.say(from, kind, any_answer(), frame.correlation);
    }
    Standing standing() override { return {kFar, 0, ""}; }  // so that it is asked

  private:
    // As nodes write an answer: whether it is one, a code and a text if not, the body (node_network.cpp).
    static Bytes written(bool ok, const std::string& code, const std::string& text, const Bytes& body) {
        storage::Encoder encoder;
        encoder(ok, code, text, body);
        return encoder.take();
    }
    Bytes any_answer() {
        Endorsed endorsed;
        endorsed.simulation = to_bytes(kEscapes);
        endorsed.endorsement = {Bytes(300, 0x30), Bytes(64, 7)};
        switch (random_() % 6) {
            case 0: return to_bytes(std::string_view("no answer"));
            case 1: return written(true, "", "", to_bytes(std::string_view("no endorsement")));
            case 2: return written(true, "", "", storage::encode(endorsed));
            case 3: endorsed.simulation.clear(); return written(true, "", "", storage::encode(endorsed));
            case 4: return written(false, "endorsement_refused", kEscapes + std::string(1U << 20, 'x'), {});
            default: return Bytes(32U << 20, 1);
        }
    }
};

// A false height, and versions that no program knows.
class Standings : public Attack {
  public:
    using Attack::Attack;
    void once(Voice&) override { pause(50); }
    Standing standing() override {
        const std::string deep(Standing::kMaxKnows, '[');
        const std::string versions =
            R"({"rules":4294967295,"contracts":[{"contract":")" + kEscapes + R"(","version":9}]})";
        return {kFar + random_() % 1000, random_() % 2 == 0 ? 0 : kFar, random_() % 2 == 0 ? deep : versions};
    }
};

// Signed with the key of the node's own peer: heights that do not exist, a false hash, a false root.
class Checkpoints : public Attack {
  public:
    using Attack::Attack;
    void once(Voice& voice) override {
        const bool far = times_++ % 4 == 0;
        storage::Checkpoint lie{
            voice.channel(), far ? kFar : voice.height(), any_hash(), random_() % 100, any_hash(), any_hash(), {}};
        if (means_.peer) lie.signatures = {sign_checkpoint(*means_.peer, lie)};
        voice.say_to_all(FrameKind::checkpoint, storage::encode(CheckpointMessage{lie, kFar}));
        pause(20);
    }

  private:
    std::uint64_t times_ = 0;
};

template <class A>
std::unique_ptr<Attack> make(const Means& means) {
    return std::make_unique<A>(means);
}

}  // namespace

std::map<std::string, std::unique_ptr<Attack> (*)(const Means&)> attacks() {
    return {{"flood", make<Flood>},
            {"endorsements", make<Endorsements>},
            {"escapes", make<Escapes>},
            {"lies", make<Lies>},
            {"answers", make<Answers>},
            {"standings", make<Standings>},
            {"checkpoints", make<Checkpoints>}};
}

}  // namespace tally::node
