// The committer's view of a transaction. Only the seeds' own bytes are valid: everything in a transaction is signed, so
// nothing else may be, and the judgement must not depend on what was verified before.

#include "chaincode/proposal.h"
#include "node/channel/config_contract.h"
#include "node/channel/membership.h"
#include "node/channel/validator.h"
#include "storage/model/archive.h"
#include "tests/fuzz/expect.h"

using namespace tally;
using namespace tally::node;
namespace json = boost::json;

namespace {

constexpr std::int64_t kNow = 1'800'000'000'000;

struct Nothing {};
BOOST_DESCRIBE_STRUCT(Nothing, (), ())

Result<json::value> nothing(chaincode::Stub&, const Nothing&) { return json::value(nullptr); }

struct World {
    crypto::PrivateKey root_key = crypto::PrivateKey::from_raw(crypto::Algorithm::ed25519, Bytes(32, 1)).value();
    crypto::PrivateKey client = crypto::PrivateKey::from_raw(crypto::Algorithm::ed25519, Bytes(32, 2)).value();
    crypto::PrivateKey peer = crypto::PrivateKey::from_raw(crypto::Algorithm::ed25519, Bytes(32, 3)).value();
    crypto::Certificate root =
        crypto::issue_root(root_key, {"root", "A", "authority"}, kNow - 1'000'000, kNow + 1'000'000);
    crypto::Certificate client_certificate = issue(client, "client");
    crypto::Certificate peer_certificate = issue(peer, "peer");
    std::shared_ptr<const Membership> membership = Membership::from(config()).value();
    std::vector<Bytes> transactions;

    World() {
        for (int i = 0; i < 3; ++i) transactions.push_back(make(fmt::format("key {}", i)));
    }
    crypto::Certificate issue(const crypto::PrivateKey& key, const char* role) const {
        crypto::Issue what{{role, "A", role}, key.public_key()};
        what.not_before_ms = kNow - 1'000'000;
        what.not_after_ms = kNow + 1'000'000;
        return crypto::issue(root_key, root, what).value();
    }
    ChannelConfig config() const {
        ChannelConfig out;
        out.channel = "test";
        out.rules = 1;
        out.contracts = newest_versions().contracts;
        out.fault_model = "byzantine";
        out.organizations = {{"A", {root.pem()}, {}, {}}};
        out.orderers = {{"o", "A", peer.public_key().pem()}};
        out.endorsement = out.receipt = "'A.peer'";
        out.configuration = "'A.admin'";
        out.submission = "signed";
        out.proposal_lifetime_ms = 60'000;
        return out;
    }
    Bytes make(const std::string& key) const {
        const auto proposal =
            chaincode::sign_proposal(client, {client_certificate}, {"test", "c", "f", "{}", {}, {}, kNow});
        storage::Simulation simulation{
            chaincode::SignedProposal::decode(proposal, 1U << 20)->id, "c", 1, "f", "null", {}, {}};
        simulation.read_write_set.writes.push_back({{"c", key}, to_bytes("value")});
        storage::Transaction transaction{
            storage::Transaction::Kind::contract, proposal, storage::encode(simulation), {}};
        const auto statement = storage::endorsement_statement("test", crypto::sha256(transaction.simulation));
        transaction.endorsements.push_back({peer_certificate.der(), peer.sign(statement)});
        return storage::encode(transaction);
    }
};

}  // namespace

// What this program knows beside what changes channels: a contract that does nothing.
const Known& tally::node::known() {
    static const Known all = [] {
        Known known;
        known.contracts.add(config_contract());
        chaincode::Contract contract("c", 1, "A contract");
        contract.add(&nothing, {.name = "f", .summary = "Nothing", .writes = true});
        known.contracts.add(std::move(contract));
        known.rules = {Rules{}};
        return known;
    }();
    return all;
}

namespace {

const World& world() {
    static const World kept;
    return kept;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView in(data, size);
    static crypto::VerifiedSignatures memo(1024);
    const auto plainly = check_transaction(in, {kNow, *world().membership}).value();
    const auto remembered = check_transaction(in, {kNow, *world().membership, nullptr, &memo}).value();
    TALLY_FUZZ_EXPECT(plainly.checked.code == remembered.checked.code && plainly.checked.id == remembered.checked.id);
    if (plainly.checked.code != storage::ValidationCode::VALID) {
        TALLY_FUZZ_EXPECT(!plainly.reason.empty());
        return 0;
    }
    // What may differ is who endorsed beside the one who had to: compare what was asked and what came of it.
    const auto transaction = storage::decode<storage::Transaction>(in, "the input").value();
    bool is_a_seed = false;
    for (const Bytes& seed : world().transactions) {
        const auto original = storage::decode<storage::Transaction>(seed, "a seed").value();
        is_a_seed =
            is_a_seed || (original.proposal == transaction.proposal && original.simulation == transaction.simulation);
    }
    TALLY_FUZZ_EXPECT(is_a_seed);
    return 0;
}

extern "C" void tally_fuzz_seeds(void (*add)(const std::uint8_t*, std::size_t)) {
    for (const Bytes& seed : world().transactions) add(seed.data(), seed.size());
}
