#pragma once
// Checkpoints of other channels, kept on a root channel: what a channel's members said of its log at some time cannot
// be taken back later, not even by all of them together.
//
// A checkpoint is accepted only of a channel that is open here, and only from a peer of an organization that belongs to
// it (channels.h). Each organization anchors what its own committer holds, as a chain of its own: every checkpoint must
// continue that organization's last one (block numbers go forward, RFC 9162 consistency proof), so nobody can hinder
// another by a false one, and two organizations that anchor different logs are seen to disagree, for ever. An
// organization that lies about its own chain hinders itself.
//
// State, in the namespace "anchor":
//   channel\0<channel>\0<genesis>                                  an AnchoredChannel
//   word\0<channel>\0<genesis>\0<organization>                   the members that a member has named for it
//   last\0<channel>\0<genesis>\0<organization>                   the organization's newest Anchor
//   at\0<channel>\0<genesis>\0<block, padded>\0<organization>    every one

#include "chaincode/contract.h"

namespace tally::chaincode::anchor {

[[nodiscard]] Contract contract();

}  // namespace tally::chaincode::anchor
