#pragma once
// Checks the signatures that belong to a block and are not in its hash: that it is final, who wrote it, who signed its
// checkpoint, and whether these are enough. Certificates are judged at the block's time. Pure; from any thread.

#include <string>
#include <vector>

#include "node/channel/membership.h"
#include "storage/model/block.h"

namespace tally::node {

// Checks all signatures that are there, whether or not they are enough: one holds here also while its organization's
// revocation list is out of date (Use::attribution). `members` are those before the block; a sealing block's checkpoint
// may be signed by those after it too.
[[nodiscard]] Status check_block_signatures(const storage::Block& block,
                                            const std::shared_ptr<const Membership>& members);

// The member behind one signature, if it is over exactly this checkpoint. `time_ms` is the block's time. bad_signature
// or bad_proof, or the certificate_* codes.
[[nodiscard]] Result<chaincode::Caller> checkpoint_signer(const storage::Checkpoint& checkpoint,
                                                          const storage::CheckpointSignature& signature,
                                                          const Membership& membership, std::int64_t time_ms,
                                                          Use use = Use::everything);

// That the committer of this node, and nobody else's, signed exactly this checkpoint.
[[nodiscard]] Status check_committer(const storage::Checkpoint& checkpoint,
                                     const storage::CheckpointSignature& signature, const std::string& node,
                                     const Membership& membership, std::int64_t time_ms);

// "name of organization" of all who signed. bad_proof unless they satisfy the channel's receipt policy; any signature
// that does not hold is an error.
[[nodiscard]] Result<std::vector<std::string>> check_vouched_for(const storage::Checkpoint& checkpoint,
                                                                 const Membership& membership, std::int64_t time_ms);

}  // namespace tally::node
