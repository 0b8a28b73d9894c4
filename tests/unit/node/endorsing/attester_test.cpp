// Attested answers: what enough organizations sign at one height proves the answer, and nothing else does.

#include "node/endorsing/attester.h"

#include <gtest/gtest.h>

#include <thread>

#include "node/threads/stopwatch.h"
#include "tests/unit/node/small_node.h"
#include "tests/unit/storage/temporary_directory.h"

namespace tally::node {
namespace {

using storage::code_of;

// Three organizations, two of which must attest. All of them are at the node's ledger; what each answers is the test's
// to say.
class Attesting : public testing::Test {
  protected:
    Attesting() {
        EXPECT_TRUE(node.start().has_value());
        commit("k", "v");
        membership = std::make_unique<CurrentMembership>(channel.membership());
        states = std::make_unique<RecentStates>(node.ledger(), *membership);
        evaluator = std::make_unique<Evaluator>(node.ledger(), *membership, memo);
    }
    ~Attesting() override {
        states->clear();
        node.stop_without_closing();
    }
    void commit(const std::string& key, const std::string& value) {
        EXPECT_TRUE(node.submit(channel.put(key, value)).has_value());
        node.wait_for(++count);
        if (states) states->committed();
    }
    [[nodiscard]] Bytes question(const std::string& function = "get", const std::string& arguments = R"({"key":"k"})",
                                 std::int64_t created_ms = now_ms()) const {
        return channel.propose(function, arguments, created_ms);
    }
    [[nodiscard]] Result<Attested> attested(std::size_t by, const Bytes& asked, storage::BlockNumber block) {
        Attester attester(channel.peers[by], *states, *evaluator);
        return attester.attest(TRY(chaincode::SignedProposal::decode(asked, asked.size())), block, now_ms());
    }
    using Answer = std::function<Result<Attested>(const Bytes& question, storage::BlockNumber block)>;
    void add(std::size_t by, Answer answer) {
        const auto& id = channel.organizations[by].id;
        sources.push_back({"node of " + id, id, [this, by, answer](const Bytes& asked, storage::BlockNumber block) {
                               times[by]++;
                               return [answer, asked, block] { return answer(asked, block); };
                           }});
    }
    void add_honest(std::size_t by) {
        add(by, [this, by](const Bytes& asked, storage::BlockNumber block) { return attested(by, asked, block); });
    }
    void add_silent(std::size_t by) {
        add(by, [](const Bytes&, storage::BlockNumber) -> Result<Attested> {
            return fail(Code::unavailable, "no answer came in time");
        });
    }
    [[nodiscard]] Result<Bytes> collect(const Bytes& asked) {
        AnswerCollector collector(*states, *evaluator, channel.peers[0], [this] { return sources; });
        return collector.collect(asked);
    }
    [[nodiscard]] Result<AnswerFacts> verify(ByteView file) const {
        Checks checks;
        return verify_answer_file(file, *channel.membership(), checks);
    }

    storage::TemporaryDirectory root;
    SmallChannel channel{3};
    SmallNode node{channel, root.path() / "data"};
    crypto::VerifiedSignatures memo;
    std::unique_ptr<CurrentMembership> membership;
    std::unique_ptr<RecentStates> states;
    std::unique_ptr<Evaluator> evaluator;
    std::vector<AttestationSource> sources;  // beside this node, which is of organization 0
    std::map<std::size_t, int> times;        // that each was asked
    std::size_t count = 0;
};

TEST_F(Attesting, AsManyAreAskedAsThePolicyWantsAndTheFileHolds) {
    add_honest(1);
    add_honest(2);
    const auto asked = question();
    const auto file = collect(asked);
    ASSERT_TRUE(file.has_value()) << file.error().message;
    EXPECT_EQ(times, (std::map<std::size_t, int>{{1, 1}}));
    const auto facts = verify(*file);
    ASSERT_TRUE(facts.has_value()) << facts.error().message;
    EXPECT_EQ(facts->result, "\"v\"");
    EXPECT_EQ(facts->signers, (std::vector<std::string>{"peer of A of A", "peer of B of B"}));
    EXPECT_EQ(facts->caller.name, "client");
    const auto& statement = facts->statement;
    EXPECT_EQ(statement.question, SmallChannel::id_of(asked));
    EXPECT_EQ(statement.block, node.ledger().tip()->number);
    EXPECT_EQ(statement.block_hash, node.ledger().tip()->hash);
    EXPECT_EQ(statement.organization, "A");
    EXPECT_EQ(statement.role, "client");
}

TEST_F(Attesting, EndorsersThatAreAheadAnswerAtTheHeightThatIsAsked) {
    const auto height = node.ledger().tip()->number;
    commit("k", "newer");
    const auto old = attested(1, question(), height);
    ASSERT_TRUE(old.has_value()) << old.error().message;
    EXPECT_EQ(old->result, crypto::sha256(as_bytes("\"v\"")));
    EXPECT_EQ(old->block_hash, node.ledger().block_header(height)->header.hash());
}

TEST_F(Attesting, ABoundedNumberOfStatesIsKeptHoweverManyAsk) {
    const auto first = states->newest()->block.number;
    for (std::size_t i = 0; i < RecentStates::kKept; ++i) {
        EXPECT_TRUE(states->at(first).has_value()) << i;
        commit("k", std::to_string(i));
    }
    EXPECT_EQ(code_of(states->at(first)), Code::unavailable);
    EXPECT_TRUE(states->at(first + 1).has_value());
    EXPECT_EQ(code_of(attested(1, question(), first)), Code::unavailable);
    EXPECT_EQ(code_of(states->at(first + RecentStates::kKept + 1)), Code::unavailable) << "not there yet";
}

TEST_F(Attesting, WhatWasPrunedIsKeptByNoOldState) {
    commit("k", "newer");
    const auto newest = states->newest()->block.number;
    const auto held = std::weak_ptr(states->at(newest - 1)->state);
    states->pruned();
    while (!held.expired()) std::this_thread::yield();  // the committer's last commit may hold it for a moment
    EXPECT_EQ(states->newest()->block.number, newest);
}

TEST_F(Attesting, OneThatAnswersOtherwiseIsNotCountedAndAnotherIsAsked) {
    add(1, [this](const Bytes& asked, storage::BlockNumber block) -> Result<Attested> {
        auto lie = TRY(attested(1, asked, block));
        auto answered = TRY(answer_at(TRY(states->at(block)), *evaluator,
                                      TRY(chaincode::SignedProposal::decode(asked, asked.size())), now_ms()));
        answered.statement.result = lie.result = crypto::sha256(as_bytes("\"a lie\""));
        lie.signature = sign_answer(channel.peers[1], encode_statement(answered.statement)).signature;
        return lie;
    });
    EXPECT_EQ(code_of(collect(question())), Code::endorsements_differ);
    add_honest(2);
    const auto file = collect(question());
    ASSERT_TRUE(file.has_value()) << file.error().message;
    EXPECT_EQ(verify(*file)->signers, (std::vector<std::string>{"peer of A of A", "peer of C of C"}));
}

TEST_F(Attesting, ASignatureThatDoesNotHoldIsNotCounted) {
    for (int lie = 0; lie < 4; ++lie) {
        sources.clear();
        add(1, [&](const Bytes& asked, storage::BlockNumber block) -> Result<Attested> {
            auto answer = TRY(attested(lie == 1 ? 2 : 1, asked, block));              // 1: in another's name
            if (lie == 0) answer.signature.back() ^= 1;                               // 0: a false signature
            if (lie == 2) answer.certificate = to_bytes("none");                      // 2: nobody at all
            if (lie == 3) answer.certificate = channel.peers[2].certificate().der();  // 3: another's certificate
            return answer;
        });
        EXPECT_EQ(code_of(collect(question())), Code::endorsement_refused) << lie;
        add_honest(2);
        EXPECT_TRUE(collect(question()).has_value()) << lie;
    }
}

TEST_F(Attesting, TooFewAreToldWithWhatEachSaid) {
    add_silent(1);
    add(2, [](const Bytes&, storage::BlockNumber) -> Result<Attested> {
        return fail(Code::not_kept, "the history before block 7 is not kept on this node");
    });
    const auto refused = collect(question());
    EXPECT_EQ(code_of(refused), Code::not_kept);
    EXPECT_NE(refused.error().message.find("node of C: the history before block 7"), std::string::npos)
        << refused.error().message;
}

TEST_F(Attesting, ThoseThatHaveGoneOnTooFarAreAskedAgainAtANewerHeight) {
    add(1, [this](const Bytes& asked, storage::BlockNumber block) -> Result<Attested> {
        if (times[1] == 1) {
            commit("k", "newer");
            return fail(Code::unavailable, "the state after block {} is not here", block);
        }
        return attested(1, asked, block);
    });
    const auto file = collect(question());
    ASSERT_TRUE(file.has_value()) << file.error().message;
    EXPECT_EQ(verify(*file)->result, "\"newer\"");
}

TEST_F(Attesting, OnlyAQuestionThatItsCallerSignedIsAnswered) {
    add_honest(1);
    auto forged = question();
    forged.back() ^= 1;
    EXPECT_EQ(code_of(collect(forged)), Code::bad_signature);
    EXPECT_EQ(code_of(attested(1, forged, states->newest()->block.number)), Code::bad_signature);
    const auto late = question("get", R"({"key":"k"})", now_ms() - channel.config.proposal_lifetime_ms - 60'000);
    EXPECT_EQ(code_of(collect(late)), Code::proposal_expired);
    EXPECT_EQ(code_of(attested(1, late, states->newest()->block.number)), Code::proposal_expired);
}

TEST_F(Attesting, NoFunctionThatWritesIsAttested) {
    add_honest(1);
    EXPECT_EQ(code_of(collect(question("put", R"({"key":"k","value":"w"})"))), Code::invalid_argument);
    EXPECT_EQ(code_of(attested(1, question("put", R"({"key":"k","value":"w"})"), states->newest()->block.number)),
              Code::invalid_argument);
}

TEST_F(Attesting, ARefusalIsTheAnswerAndNothingIsAttested) {
    add_honest(1);
    EXPECT_EQ(code_of(collect(question("get", R"({"key":"absent"})"))), Code::not_found);
    EXPECT_TRUE(times.empty());
}

// The file of an answer, and what becomes of it when it is changed.
class AnswerFiles : public Attesting {
  protected:
    AnswerFiles() {
        add_honest(1);
        asked = question();
        file = collect(asked).value();
        const auto at = states->newest().value();
        statement =
            answer_at(at, *evaluator, *chaincode::SignedProposal::decode(asked, asked.size()), now_ms())->statement;
    }
    // A file with this statement, signed by these peers.
    [[nodiscard]] Bytes signed_by(const std::vector<Identity>& signers, std::string_view result = "\"v\"") const {
        std::vector<AnswerSignature> signatures;
        for (const auto& signer : signers) signatures.push_back(sign_answer(signer, encode_statement(statement)));
        return make_answer_file(asked, encode_statement(statement), result, signatures);
    }
    [[nodiscard]] std::string refusal(ByteView changed) const {
        const auto facts = verify(changed);
        return facts ? "it holds" : facts.error().message;
    }

    Bytes asked;
    Bytes file;
    AnswerStatement statement;
};

TEST_F(AnswerFiles, AnyByteChangedMakesVerificationFail) {
    for (std::size_t at = 0; at < file.size(); ++at) {
        for (const std::uint8_t change : {0x01, 0x80}) {
            auto changed = file;
            changed[at] ^= change;
            EXPECT_FALSE(verify(changed).has_value()) << "byte " << at;
        }
    }
}

TEST_F(AnswerFiles, AnyTruncationOrAdditionMakesVerificationFail) {
    for (std::size_t size = 0; size < file.size(); ++size)
        EXPECT_FALSE(verify(ByteView(file).first(size)).has_value()) << size;
    auto longer = file;
    longer.push_back(0);
    EXPECT_FALSE(verify(longer).has_value());
}

TEST_F(AnswerFiles, TheFirstWrongThingIsNamedWithWhatWasExpectedAndFound) {
    ASSERT_EQ(refusal(signed_by({channel.peers[0], channel.peers[1]})), "it holds");
    EXPECT_EQ(refusal(signed_by({channel.peers[0]})),
              "the signers: expected MAJORITY, found: peer of A of A alone, which is not enough");
    EXPECT_EQ(refusal(signed_by({channel.peers[0], channel.peers[0]})),
              "signature 2: expected of another member, found: of peer of A of A again");
    EXPECT_TRUE(refusal(signed_by({channel.peers[0], channel.peers[1]}, "\"w\""))
                    .starts_with("the result's SHA-256: expected "));
    const auto right = statement;
    const auto with = [&](auto change) {
        statement = right;
        change(statement);
        return refusal(signed_by({channel.peers[0], channel.peers[1]}));
    };
    EXPECT_EQ(with([](auto& lie) { lie.channel = "other"; }), "the channel: expected test, found other");
    EXPECT_EQ(with([](auto& lie) { lie.version = 2; }), "the contract: expected notes 1, found notes 2");
    EXPECT_TRUE(with([](auto& lie) { lie.config = {}; }).starts_with("the configuration in force: expected "));
    EXPECT_TRUE(with([](auto& lie) { lie.question = {}; }).starts_with("the question's id: expected 0000"));
    EXPECT_EQ(with([](auto& lie) { lie.function = "put"; }),
              "the question's function: expected notes.put, found notes.get");
    EXPECT_EQ(with([](auto& lie) { lie.arguments = "{}"; }),
              R"(the question's arguments: expected {}, found {"key":"k"})");
    EXPECT_TRUE(with([](auto& lie) { ++lie.time_ms; }).starts_with("the question's time: expected "));
    EXPECT_EQ(with([](auto& lie) { lie.role = "admin"; }), "the caller: expected admin of A, found client of A");
    EXPECT_EQ(with([](auto& lie) { lie.organization = "B"; }), "the caller: expected client of B, found client of A");
}

TEST_F(AnswerFiles, ASignerCountsByItsCertificateAtTheBlocksTime) {
    const auto at = statement.block_time_ms;
    const auto late = channel.organizations[1].issue("late", "peer", at + 60'000, at + kDay / 2);
    EXPECT_TRUE(refusal(signed_by({channel.peers[0], late})).starts_with("signature 2: expected of a member at "));
    const auto ended = channel.organizations[1].issue("ended", "peer", at - kDay / 2, at - 60'000);
    EXPECT_TRUE(refusal(signed_by({channel.peers[0], ended})).starts_with("signature 2: expected of a member at "));
    const auto then = channel.organizations[1].issue("then", "peer", at - 60'000, at + 60'000);
    EXPECT_EQ(refusal(signed_by({channel.peers[0], then})), "it holds");
    const auto client = channel.organizations[1].issue("client", "client");
    EXPECT_TRUE(refusal(signed_by({channel.peers[0], client})).starts_with("the signers: expected MAJORITY"));
}

TEST_F(AnswerFiles, NeitherAnEndorsementNorACheckpointNorAProposalIsASignatureOfAnAnswer) {
    const auto bytes = encode_statement(statement);
    auto signature = sign_answer(channel.peers[1], bytes);
    crypto::Sign1Options options;
    options.headers.content_type = "application/tally-proposal+cbor";
    options.headers.kid = as_text(channel.peers[1].certificate().fingerprint().view());
    options.detached = true;
    signature.signature = crypto::sign1(channel.peers[1].key, bytes, options);
    const auto other = make_answer_file(asked, bytes, "\"v\"", {sign_answer(channel.peers[0], bytes), signature});
    EXPECT_NE(refusal(other).find("no answer to a query"), std::string::npos) << refusal(other);
}

TEST_F(AnswerFiles, AChangedConfigurationIsAnotherOne) {
    auto changed = channel.config;
    ++changed.version;
    Checks checks;
    const auto facts = verify_answer_file(file, *Membership::from(changed).value(), checks);
    ASSERT_FALSE(facts.has_value());
    EXPECT_EQ(facts.error().message, fmt::format("the configuration in force: expected {}, found {}",
                                                 Membership::from(changed).value()->config_hash().hex(),
                                                 channel.membership()->config_hash().hex()));
    ASSERT_EQ(checks.all().size(), 2U) << "the checks end with the first that does not hold";
    EXPECT_TRUE(checks.all().front().holds);
    EXPECT_FALSE(checks.all().back().holds);
}

}  // namespace
}  // namespace tally::node
