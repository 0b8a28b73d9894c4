#pragma once
// Checkpoints of other channels (shards), kept on a root channel: what a shard's members said of its log at some time
// cannot be taken back later, by all of them together either.
//
// A checkpoint is taken only of a shard that is open here, and only from a peer of an organization that belongs to it
// (shards.h). Each organization anchors what its own committer holds, as a chain of its own: every checkpoint must
// continue that organization's last one (block numbers go forward, RFC 9162 consistency proof), so nobody can hinder
// another by a false one, and two organizations that anchor different logs are seen to disagree, for ever. An
// organization that lies about its own chain hinders itself.
//
// State, in the namespace "anchor":
//   shard\0<channel>\0<genesis>                                  a Shard
//   word\0<channel>\0<genesis>\0<organization>                   who shall be its members, as a member says
//   last\0<channel>\0<genesis>\0<organization>                   the organization's newest Anchor
//   at\0<channel>\0<genesis>\0<block, padded>\0<organization>    every one

#include "chaincode/contract.h"

namespace tally::chaincode::anchor {

[[nodiscard]] Contract contract();

}  // namespace tally::chaincode::anchor
