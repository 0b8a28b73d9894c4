#include "tests/unit/node/small_channel.h"

#include <gtest/gtest.h>

#include "node/endorsing/evaluator.h"
#include "node/threads/stopwatch.h"
#include "storage/model/archive.h"
#include "tests/unit/node/notes_contract.h"
#include "tests/unit/storage/map_state.h"

namespace tally::node {

std::int64_t test_time_ms() {
    static const std::int64_t start = now_ms() / 1000 * 1000;
    return start;
}

Organization::Organization(std::string name)
    : id(std::move(name)),
      root_key(crypto::PrivateKey::generate(crypto::Algorithm::p256)),
      root(crypto::issue_root(root_key, {id + " root", id, "authority"}, test_time_ms() - kDay,
                              test_time_ms() + kDay)) {}

Identity Organization::issue(const std::string& name, const std::string& role, crypto::Algorithm algorithm) const {
    const auto key = crypto::PrivateKey::generate(algorithm);
    crypto::Issue what{{name, id, role}, key.public_key()};
    what.not_before_ms = test_time_ms() - kDay;
    what.not_after_ms = test_time_ms() + kDay;
    return {key, {crypto::issue(root_key, root, what).value()}};
}

Identity Organization::issue(const std::string& name, const std::string& role, std::int64_t from_ms,
                             std::int64_t until_ms) const {
    const auto key = crypto::PrivateKey::generate(crypto::Algorithm::ed25519);
    crypto::Issue what{{name, id, role}, key.public_key()};
    what.not_before_ms = from_ms;
    what.not_after_ms = until_ms;
    return {key, {crypto::issue(root_key, root, what).value()}};
}

crypto::RevocationList Organization::revoke(const std::vector<Identity>& members) const {
    std::vector<std::string> serials;
    for (const auto& member : members) serials.push_back(member.certificate().serial_hex());
    return crypto::issue_crl(root_key, root, serials, 1, test_time_ms() - kDay / 2, test_time_ms() + kDay / 2).value();
}

SmallChannel::SmallChannel(unsigned count, std::string endorsement)
    : organizations([&] {
          std::vector<Organization> all;
          for (unsigned i = 0; i < count; ++i) all.emplace_back(std::string(1, static_cast<char>('A' + i)));
          return all;
      }()),
      orderer(organizations[0].issue("orderer", "orderer")),
      client(organizations[0].issue("client", "client")) {
    config.channel = "test";
    config.rules = 1;
    config.contracts = known().contracts.newest();
    for (auto& each : config.contracts) each.version = 1;
    config.fault_model = "byzantine";
    for (const auto& organization : organizations) {
        config.organizations.push_back({organization.id, {organization.root.pem()}, {}, {}});
        peers.push_back(organization.issue("peer of " + organization.id, "peer"));
    }
    config.orderers.push_back({"orderer", "A", orderer.key.public_key().pem()});
    config.batch.max_messages = 100;
    config.batch.timeout_ms = 20;
    config.endorsement = std::move(endorsement);
    config.receipt = "MAJORITY";
    config.configuration = "MAJORITY";
    config.submission = "signed";
    config.proposal_lifetime_ms = 300'000;
}

std::shared_ptr<const Membership> SmallChannel::membership() const {
    auto made = Membership::from(config);
    EXPECT_TRUE(made.has_value()) << made.error().message;
    return made.value();
}

storage::Block SmallChannel::genesis() const { return make_genesis_block(config, test_time_ms() - 1000); }

Bytes SmallChannel::propose(std::string function, std::string arguments, std::int64_t created_ms) const {
    return propose(client, {"test", "notes", std::move(function), std::move(arguments), {}, {}, created_ms});
}

Bytes SmallChannel::propose(const Identity& creator, chaincode::Proposal proposal) const {
    return chaincode::sign_proposal(creator.key, creator.chain, std::move(proposal));
}

storage::Simulation SmallChannel::simulate(const Bytes& proposal, const storage::StateReader& state) const {
    const auto decoded = chaincode::SignedProposal::decode(proposal, proposal.size(), membership()->rules().proposal);
    EXPECT_TRUE(decoded.has_value());
    const chaincode::Caller caller{"A", "client", "client", client.certificate().der()};
    auto simulation =
        chaincode::simulate(membership()->contracts(), state, invocation_of(*decoded, caller, *membership()), nullptr);
    EXPECT_TRUE(simulation.has_value()) << simulation.error().message;
    return std::move(simulation.value());
}

storage::Transaction SmallChannel::endorse(Bytes proposal, const storage::Simulation& simulation) const {
    return endorse(std::move(proposal), simulation, peers);
}

storage::Transaction SmallChannel::endorse(Bytes proposal, const storage::Simulation& simulation,
                                           const std::vector<Identity>& endorsers) const {
    storage::Transaction transaction{
        storage::Transaction::Kind::contract, std::move(proposal), storage::encode(simulation), {}};
    const auto statement = storage::endorsement_statement(config.channel, crypto::sha256(transaction.simulation));
    for (const auto& endorser : endorsers)
        transaction.endorsements.push_back({endorser.certificate().der(), endorser.key.sign(statement)});
    return transaction;
}

Bytes SmallChannel::transaction(std::string function, std::string arguments, std::int64_t created_ms) const {
    auto proposal = propose(std::move(function), std::move(arguments), created_ms);
    const auto simulation = simulate(proposal, storage::MapState());
    return storage::encode(endorse(std::move(proposal), simulation));
}

Bytes SmallChannel::put(std::string_view key, std::string_view value) const {
    return transaction("put", fmt::format(R"({{"key":"{}","value":"{}"}})", key, value));
}

storage::TransactionId SmallChannel::id_of(const Bytes& proposal) {
    return chaincode::SignedProposal::decode(proposal, proposal.size())->id;
}

storage::TransactionId SmallChannel::id_of_transaction(const Bytes& transaction) {
    return id_of(storage::decode<storage::Transaction>(transaction, "a transaction")->proposal);
}

}  // namespace tally::node
