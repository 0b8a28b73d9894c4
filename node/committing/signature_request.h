#pragma once
// The signatures of all committers on the checkpoint of one height. Committers tell each other of their newest height
// now and then (checkpoint_exchange.h); who needs all of them at one height, as a snapshot does, asks.
//
// Threads: any. The ledger must outlive the call.

#include <functional>
#include <string>

#include "node/channel/current_identity.h"
#include "node/channel/membership.h"
#include "storage/ledger.h"

namespace tally::node {

// What a committer answers: its own signature, encoded. `question` is the encoded number of the block. unavailable
// while it has no such block.
[[nodiscard]] Result<Bytes> answer_signature_request(const storage::Ledger& ledger, const CurrentIdentity& signer,
                                                     ByteView question);

// Asks one node; a question that waits is asked of several nodes one after another.
using AskForSignature = std::function<Result<Bytes>(const std::string& node, ByteView question)>;

// Who answered what cannot be read.
using BlameForSignature = std::function<void(const std::string& node, const Error& why)>;

// Asks every other committer whose organization has not signed yet; what holds is put into the ledger. A signature that
// can be read and does not hold is logged, and nobody is blamed: its signer may have another ledger.
void gather_signatures(storage::Ledger& ledger, const Membership& membership, const std::string& self,
                       storage::BlockNumber block, const AskForSignature& ask, const BlameForSignature& blame);

}  // namespace tally::node
