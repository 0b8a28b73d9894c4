// Answer files. A statement that is accepted encodes again to the same bytes; and of files, only the seeds' own hold.

#include "node/channel/answer_file.h"
#include "tests/fuzz/expect.h"

using namespace tally;
using namespace tally::node;

namespace {

constexpr std::int64_t kNow = 1'800'000'000'000;

struct World {
    crypto::PrivateKey root_key = crypto::PrivateKey::from_raw(crypto::Algorithm::ed25519, Bytes(32, 1)).value();
    crypto::Certificate root =
        crypto::issue_root(root_key, {"root", "A", "authority"}, kNow - 1'000'000, kNow + 1'000'000);
    Identity client = issue(2, "client");
    Identity peer = issue(3, "peer");
    std::shared_ptr<const Membership> membership = Membership::from(config()).value();
    std::vector<Bytes> statements;
    std::vector<Bytes> files;

    World() {
        for (const auto* result : {"null", R"({"days":[]})"}) add(result);
    }
    Identity issue(std::uint8_t seed, const char* role) const {
        auto key = crypto::PrivateKey::from_raw(crypto::Algorithm::ed25519, Bytes(32, seed)).value();
        crypto::Issue what{{role, "A", role}, key.public_key()};
        what.not_before_ms = kNow - 1'000'000;
        what.not_after_ms = kNow + 1'000'000;
        return {key, {crypto::issue(root_key, root, what).value()}};
    }
    ChannelConfig config() const {
        ChannelConfig out;
        out.channel = "test";
        out.rules = 1;
        out.contracts = newest_versions().contracts;
        out.fault_model = "byzantine";
        out.organizations = {{"A", {root.pem()}, {}, {}}};
        out.orderers = {{"o", "A", peer.key.public_key().pem()}};
        out.endorsement = out.receipt = "'A.peer'";
        out.configuration = "'A.admin'";
        out.submission = "signed";
        out.proposal_lifetime_ms = 60'000;
        return out;
    }
    void add(const std::string& result) {
        const auto question =
            chaincode::sign_proposal(client.key, client.chain, {"test", "data", "days", "{}", {}, {}, kNow});
        AnswerStatement statement;
        statement.question = chaincode::SignedProposal::decode(question, question.size())->id;
        statement.channel = "test";
        statement.config = membership->config_hash();
        statement.contract = "data";
        statement.version = membership->contracts().find("data")->version();
        statement.function = "days";
        statement.arguments = "{}";
        statement.organization = "A";
        statement.role = "client";
        statement.time_ms = statement.block_time_ms = kNow;
        statement.block = 7;
        statement.block_hash = crypto::sha256(as_bytes("block"));
        statement.result = crypto::sha256(as_bytes(result));
        statements.push_back(encode_statement(statement));
        files.push_back(make_answer_file(question, statements.back(), result, {sign_answer(peer, statements.back())}));
    }
};

const World& world() {
    static const World kept;
    return kept;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView in(data, size);
    if (const auto statement = decode_statement(in)) TALLY_FUZZ_EXPECT(equal(encode_statement(*statement), in));
    Checks checks;
    const auto facts = verify_answer_file(in, *world().membership, checks);
    if (facts) {
        TALLY_FUZZ_EXPECT(is_answer_file(in));
        TALLY_FUZZ_EXPECT(std::ranges::any_of(world().files, [&](const Bytes& file) { return equal(file, in); }));
    }
    TALLY_FUZZ_EXPECT(!facts || (!checks.all().empty() && checks.all().back().holds));
    return 0;
}

extern "C" void tally_fuzz_seeds(void (*add)(const std::uint8_t*, std::size_t)) {
    for (const auto& seed : world().files) add(seed.data(), seed.size());
    for (const auto& seed : world().statements) add(seed.data(), seed.size());
}
