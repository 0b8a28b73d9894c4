#pragma once
// The shards that the root channel knows, and who belongs to them. Internal to the contract.
//
// A shard is a name and a genesis block: another genesis block under the same name is another shard, so nobody takes a
// name from somebody. `open` reads the founders out of the genesis block itself, so who opens a shard decides nothing.
// Later its members change as more than half of those say that are members now and of the root channel.

#include <string>
#include <vector>

#include "chaincode/contracts/document.h"
#include "chaincode/records/identifier.h"

namespace tally::chaincode::anchor {

struct Shard {  // on the ledger
    std::string channel;
    std::string genesis;  // the hash of its block 0, hex
    std::int64_t genesis_ms = 0;
    std::vector<std::string> organizations;
};
BOOST_DESCRIBE_STRUCT(Shard, (), (channel, genesis, genesis_ms, organizations))

struct OfShard {
    std::string channel;
    std::string genesis;
};
TALLY_FIELDS(OfShard, (channel, "the shard's name", .form = &kIdentifier),
             (genesis, "the hash of the shard's block 0, hex", .form = &kHash))

struct Open {};
BOOST_DESCRIBE_STRUCT(Open, (), ())

struct ChangeMembers : OfShard {
    std::vector<std::string> organizations;
};
TALLY_FIELDS_WITH(ChangeMembers, (OfShard),
                  (organizations, "all that shall be the shard's members", .min = 1, .max = 256, .form = &kIdentifier))

struct MembersChanged {
    bool changed = false;
};
TALLY_FIELDS(MembersChanged, (changed, "whether enough members have said the same"))

[[nodiscard]] Result<std::optional<Shard>> find_shard(Stub& stub, const OfShard& in);
// What the caller anchors must be of a shard that is open and that its organization belongs to: not_found,
// permission_denied.
[[nodiscard]] Result<Shard> own_shard(Stub& stub, const OfShard& in);

[[nodiscard]] Result<Shard> open(Stub& stub, const Open& in);
[[nodiscard]] Result<MembersChanged> change_members(Stub& stub, const ChangeMembers& in);
[[nodiscard]] Result<std::optional<Shard>> shard(Stub& stub, const OfShard& in);

}  // namespace tally::chaincode::anchor
