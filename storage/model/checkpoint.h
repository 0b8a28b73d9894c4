#pragma once
// A committer's signed statement of what a block led to: "channel, block, tree size and root of the transaction log,
// digest of the world state".
//
// The signature is over the Sig_structure of a COSE receipt (crypto/receipt.h), so one signature per block serves both
// the comparison between committers and every receipt that is asked for later.

#include <cstdint>
#include <string>
#include <vector>

#include "crypto/bytes.h"
#include "crypto/hash.h"

namespace tally::storage {

struct CheckpointSignature {
    std::string organization;
    Bytes certificate;       // X.509 DER of the committer
    Bytes protected_header;  // the COSE protected header that was signed
    Bytes signature;

    template <class A>
    void serialize(A& a) {
        a(organization, certificate, protected_header, signature);
    }
};

struct Checkpoint {
    std::string channel;
    std::uint64_t block_number = 0;
    crypto::Hash block_hash;
    std::uint64_t tree_size = 0;  // leaves of the transaction log
    crypto::Hash root;
    crypto::Hash state;  // storage/state_digest.h
    std::vector<CheckpointSignature> signatures;

    template <class A>
    void serialize(A& a) {
        a(channel, block_number, block_hash, tree_size, root, state, signatures);
    }
};

}  // namespace tally::storage
