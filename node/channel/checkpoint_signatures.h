#pragma once
// The signatures of a checkpoint, judged: who signed it, and whether that is enough. Pure; from any thread.

#include <string>
#include <vector>

#include "node/channel/membership.h"
#include "storage/model/checkpoint.h"

namespace tally::node {

// The member behind one signature, if it is over exactly this checkpoint. Certificates are judged at `time_ms`, the
// block's time. bad_signature or bad_proof, or the certificate_* codes.
[[nodiscard]] Result<chaincode::Caller> checkpoint_signer(const storage::Checkpoint& checkpoint,
                                                          const storage::CheckpointSignature& signature,
                                                          const Membership& membership, std::int64_t time_ms);

// "name of organization" of all who signed. bad_proof unless they satisfy the channel's receipt policy; any signature
// that does not hold is an error.
[[nodiscard]] Result<std::vector<std::string>> check_vouched_for(const storage::Checkpoint& checkpoint,
                                                                 const Membership& membership, std::int64_t time_ms);

}  // namespace tally::node
