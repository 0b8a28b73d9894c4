#pragma once
// The other channels that are open on this one, and who belongs to them. Internal to the contract.
//
// A channel is its name and its genesis block: with another genesis block it is another channel, so nobody can occupy a
// name. `open` reads the founders from the genesis block, so it does not matter who calls it. Later, more than half of
// its members that are also members of the root channel decide who its members are.

#include <string>
#include <vector>

#include "chaincode/contracts/document.h"
#include "chaincode/records/identifier.h"

namespace tally::chaincode::anchor {

struct AnchoredChannel {  // on the ledger
    std::string channel;
    std::string genesis;  // the hash of its block 0, hex
    std::int64_t genesis_ms = 0;
    std::vector<std::string> organizations;
};
BOOST_DESCRIBE_STRUCT(AnchoredChannel, (), (channel, genesis, genesis_ms, organizations))

struct OfChannel {
    std::string channel;
    std::string genesis;
};
TALLY_FIELDS(OfChannel, (channel, "the channel's name", .form = &kIdentifier),
             (genesis, "the hash of the channel's block 0, hex", .form = &kHash))

struct Open {};
BOOST_DESCRIBE_STRUCT(Open, (), ())

struct ChangeMembers : OfChannel {
    std::vector<std::string> organizations;
};
TALLY_FIELDS_WITH(ChangeMembers, (OfChannel),
                  (organizations, "all that shall be the channel's members", .min = 1, .max = 256,
                   .form = &kIdentifier))

struct MembersChanged {
    bool changed = false;
};
TALLY_FIELDS(MembersChanged, (changed, "whether enough members have said the same"))

[[nodiscard]] Result<std::optional<AnchoredChannel>> find_channel(Stub& stub, const OfChannel& in);
// What the caller anchors must be of a channel that is open and that its organization belongs to: not_found,
// permission_denied.
[[nodiscard]] Result<AnchoredChannel> own_channel(Stub& stub, const OfChannel& in);

[[nodiscard]] Result<AnchoredChannel> open(Stub& stub, const Open& in);
[[nodiscard]] Result<MembersChanged> change_members(Stub& stub, const ChangeMembers& in);
[[nodiscard]] Result<std::optional<AnchoredChannel>> channel(Stub& stub, const OfChannel& in);

}  // namespace tally::chaincode::anchor
