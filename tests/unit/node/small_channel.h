#pragma once
// A channel of a few organizations made in memory, its members, and real transactions of theirs.

#include <map>

#include "chaincode/execute.h"
#include "chaincode/proposal.h"
#include "node/channel/channel_config.h"
#include "node/channel/identity.h"
#include "node/channel/membership.h"
#include "storage/model/transaction.h"
#include "storage/state_reader.h"

namespace tally::node {

struct Organization {
    std::string id;
    crypto::PrivateKey root_key;
    crypto::Certificate root;

    explicit Organization(std::string name);
    [[nodiscard]] Identity issue(const std::string& name, const std::string& role,
                                 crypto::Algorithm algorithm = crypto::Algorithm::ed25519) const;
    [[nodiscard]] Identity issue(const std::string& name, const std::string& role, std::int64_t from_ms,
                                 std::int64_t until_ms) const;
    // A list of these certificates, current for a day around `now`.
    [[nodiscard]] crypto::RevocationList revoke(const std::vector<Identity>& members) const;
};

// The moment of a test's beginning; certificates hold from a day before it until a day after it.
[[nodiscard]] std::int64_t test_time_ms();
inline constexpr std::int64_t kDay = 86'400'000;

class SmallChannel {
  public:
    explicit SmallChannel(unsigned organizations = 1, std::string endorsement = "MAJORITY");

    ChannelConfig config;  // a test may change it before it asks for membership() or genesis()
    std::vector<Organization> organizations;
    std::vector<Identity> peers;  // one for each organization
    Identity orderer;
    Identity client;

    [[nodiscard]] std::shared_ptr<const Membership> membership() const;
    [[nodiscard]] storage::Block genesis() const;

    // A proposal of the client, created at `created_ms`; arguments are JSON.
    [[nodiscard]] Bytes propose(std::string function, std::string arguments,
                                std::int64_t created_ms = test_time_ms()) const;
    [[nodiscard]] Bytes propose(const Identity& creator, chaincode::Proposal proposal) const;
    // What the function does on this state.
    [[nodiscard]] storage::Simulation simulate(const Bytes& proposal, const storage::StateReader& state) const;
    // The transaction, endorsed by all peers unless others are named.
    [[nodiscard]] storage::Transaction endorse(Bytes proposal, const storage::Simulation& simulation) const;
    [[nodiscard]] storage::Transaction endorse(Bytes proposal, const storage::Simulation& simulation,
                                               const std::vector<Identity>& endorsers) const;
    // All of it on the empty state.
    [[nodiscard]] Bytes transaction(std::string function, std::string arguments,
                                    std::int64_t created_ms = test_time_ms()) const;
    [[nodiscard]] Bytes put(std::string_view key, std::string_view value = "x") const;

    [[nodiscard]] static storage::TransactionId id_of(const Bytes& proposal);
    [[nodiscard]] static storage::TransactionId id_of_transaction(const Bytes& transaction);
};

}  // namespace tally::node
