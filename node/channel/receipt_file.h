#pragma once
// A receipt file: everything that is needed to prove, offline and years later, that a transaction is on the ledger and
// what became of it. Deterministic CBOR:
//
//   { 1: "tally-receipt/1", 2: transaction bytes, 3: validation code, 4: [ [COSE receipt, certificate DER], ... ] }
//
// One COSE receipt (RFC 9942) per committer. It counts when the channel's receipt policy is satisfied by the committers
// whose signatures hold. Certificates are judged at the time at which the proposal was created; those of a
// configuration update, which has no time, at that of its newest approval.

#include <string>
#include <vector>

#include "chaincode/contract.h"
#include "node/channel/checks.h"
#include "node/channel/membership.h"
#include "storage/ledger.h"

namespace tally::node {

// Of each committer its first signature on a checkpoint that holds the transaction, until the channel's receipt policy
// is satisfied. not_found when the ledger has no such transaction; unavailable while too few have signed; malformed or
// unsupported for one that nobody could check: it cannot be read, or is the genesis transaction.
[[nodiscard]] Result<Bytes> make_receipt_file(const storage::Ledger& ledger, const storage::TransactionId& id,
                                              const Membership& membership);

struct ReceiptFacts {
    storage::TransactionId id;
    std::string channel;           // whose committers signed
    std::string proposed_channel;  // which the transaction names: another one when its code is TARGET_CHAIN_NOT_FOUND
    storage::ValidationCode code = storage::ValidationCode::VALID;
    std::uint64_t block_number = 0;
    crypto::Hash block_hash;
    std::uint64_t tree_size = 0;
    std::uint64_t leaf_index = 0;
    std::int64_t created_ms = 0;
    chaincode::Caller creator;           // no name: of an update, which several admins sign, or not signed by a member
    std::vector<std::string> approvers;  // "name of organization", of an update; those whose signature holds
    std::string contract;
    std::string function;
    std::string arguments;  // JSON; of an update the new configuration
    std::string result;     // JSON
    std::vector<Bytes> attachments;
    std::vector<storage::RangeRead> range_reads;
    std::vector<std::string> signers;  // "name of organization"
};

// Whose doing it is, for a person to read.
[[nodiscard]] std::string made_by(const ReceiptFacts& facts);

// Checks everything that the file claims: the creator's and the endorsers' signatures, the place in the log, and the
// committers' signatures. Needs nothing but the channel's configuration. `checks` is told of each check.
[[nodiscard]] Result<ReceiptFacts> verify_receipt_file(ByteView file, const Membership& membership, Checks& checks);
[[nodiscard]] Result<ReceiptFacts> verify_receipt_file(ByteView file, const Membership& membership);

}  // namespace tally::node
