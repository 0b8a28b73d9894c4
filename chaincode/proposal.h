#pragma once
// A proposal: what a client asks of a contract, signed with its member key (COSE_Sign1).
//
// Protected header: 1 alg, 3 "application/tally-proposal+cbor", 33 x5chain (leaf first). Payload: CBOR array
// [1, channel, contract, function, arguments (JSON text), attachments [byte string], nonce (16 bytes), created (ms)].
// The JSON that is signed is the JSON that was written. external_aad is empty: the channel is inside.
// Transaction id = SHA-256 of the to-be-signed bytes, so it covers the creator's certificate and not the signature.

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "chaincode/records/purposes.h"
#include "crypto/cose.h"
#include "crypto/x509.h"
#include "storage/model/transaction.h"

namespace tally::chaincode {

struct Proposal {
    std::string channel;
    std::string contract;
    std::string function;
    std::string arguments;              // JSON text
    std::vector<ByteView> attachments;  // borrowed
    std::array<std::uint8_t, 16> nonce{};
    std::int64_t created_ms = 0;
};

// Which proposals are read at all.
struct ProposalLimits {
    std::size_t max_attachments = 64;
    std::size_t max_chain = 8;  // certificates of the creator

    friend bool operator==(const ProposalLimits&, const ProposalLimits&) = default;
};

// A decoded proposal; `proposal.attachments` and `cose.payload` borrow from the message that was decoded.
struct SignedProposal {
    crypto::Sign1 cose;
    Proposal proposal;
    storage::TransactionId id;

    // Format only: neither the signature nor the certificate is checked. malformed, too_large or unsupported.
    [[nodiscard]] static Result<SignedProposal> decode(ByteView message, std::size_t max_bytes,
                                                       const ProposalLimits& limits = {});
};

// A fresh nonce is drawn; created_ms is the caller's.
[[nodiscard]] Bytes sign_proposal(const crypto::PrivateKey& key, const std::vector<crypto::Certificate>& chain,
                                  Proposal proposal);

}  // namespace tally::chaincode
