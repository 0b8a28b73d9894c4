#pragma once
// A transaction: the client's signed proposal, the simulation that endorsers agreed on, and their signatures.

#include <cstdint>
#include <string>
#include <vector>

#include "crypto/bytes.h"
#include "crypto/hash.h"
#include "storage/model/read_write_set.h"
#include "storage/model/validation_code.h"

namespace tally::storage {

// SHA-256 of the proposal's to-be-signed bytes: a malleated signature is the same transaction.
using TransactionId = crypto::Hash;

struct Event {
    std::string name;
    std::string payload;  // JSON

    template <class A>
    void serialize(A& a) {
        a(name, payload);
    }
    friend bool operator==(const Event&, const Event&) = default;
};

// What executing a proposal against a snapshot gave. Deterministic: equal proposals on equal states give equal bytes.
struct Simulation {
    TransactionId transaction_id;
    std::string contract;
    std::uint32_t version = 0;  // of the contract
    std::string function;
    std::string result;  // JSON
    std::vector<Event> events;
    ReadWriteSet read_write_set;

    template <class A>
    void serialize(A& a) {
        a(transaction_id, contract, version, function, result, events, read_write_set);
    }
    friend bool operator==(const Simulation&, const Simulation&) = default;
};

struct Endorsement {
    Bytes certificate;  // X.509 DER of the endorser
    Bytes signature;    // plain or batch, over endorsement_statement(channel, SHA-256 of simulation)

    template <class A>
    void serialize(A& a) {
        a(certificate, signature);
    }
};

struct Transaction {
    enum class Kind : std::uint8_t { genesis, contract, configuration };
    Kind kind = Kind::contract;
    Bytes proposal;    // COSE_Sign1 as the client sent it; empty in the genesis transaction; in a configuration
                       // transaction the update (node/channel/config_update.h)
    Bytes simulation;  // encoded Simulation
    std::vector<Endorsement> endorsements;

    template <class A>
    void serialize(A& a) {
        a(kind, proposal, simulation, endorsements);
    }
};
constexpr std::uint64_t enum_limit(Transaction::Kind) { return 3; }

// The proposal in an encoded transaction; empty in bytes that are none.
[[nodiscard]] ByteView proposal_in(ByteView transaction);

// What an endorser signs: a domain, the channel, and the SHA-256 of the encoded simulation.
[[nodiscard]] Bytes endorsement_statement(std::string_view channel, const crypto::Hash& simulation_digest);

// The entry of the transaction log: SHA-256(id, validation code, SHA-256 of the transaction's bytes). The log's leaf
// hash is RFC 9162's leaf hash of these 32 bytes.
[[nodiscard]] crypto::Hash log_entry(const TransactionId& id, ValidationCode code, ByteView transaction);
[[nodiscard]] crypto::Hash log_entry_of(const TransactionId& id, ValidationCode code,
                                        const crypto::Hash& transaction_hash);
[[nodiscard]] crypto::Hash log_leaf(const crypto::Hash& entry);

// A leaf of the transaction log with what its hash is made of; and the block of the transaction, which it is not.
struct LogLeaf {
    TransactionId id;
    ValidationCode code = ValidationCode::VALID;
    crypto::Hash transaction;  // SHA-256 of its bytes
    std::uint64_t block = 0;

    [[nodiscard]] crypto::Hash hash() const { return log_leaf(log_entry_of(id, code, transaction)); }

    template <class A>
    void serialize(A& a) {
        a(id, code, transaction, block);
    }
    friend bool operator==(const LogLeaf&, const LogLeaf&) = default;
};

}  // namespace tally::storage
