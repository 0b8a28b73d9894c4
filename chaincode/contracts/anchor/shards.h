#pragma once
// The shards that the root channel knows, and who belongs to them. Internal to the contract.
//
// A shard is a name and a genesis block: another genesis block under the same name is another shard, so nobody takes a
// name from somebody. `open` reads the founders out of the genesis block itself, so who opens a shard decides nothing.
// Later its members change as more than half of those say that are members now and of the root channel.

#include <boost/describe.hpp>
#include <string>
#include <vector>

#include "chaincode/contracts/document.h"

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

    static std::string_view describe(std::string_view member);
};
BOOST_DESCRIBE_STRUCT(OfShard, (), (channel, genesis))

struct Open {};
BOOST_DESCRIBE_STRUCT(Open, (), ())

struct ChangeMembers {
    std::string channel;
    std::string genesis;
    std::vector<std::string> organizations;

    static std::string_view describe(std::string_view member);
};
BOOST_DESCRIBE_STRUCT(ChangeMembers, (), (channel, genesis, organizations))

// The names of both are checked: they become parts of keys.
[[nodiscard]] Result<std::optional<Shard>> find_shard(Stub& stub, std::string_view channel, std::string_view genesis);
// What the caller anchors must be of a shard that is open and that its organization belongs to: not_found,
// permission_denied.
[[nodiscard]] Result<Shard> own_shard(Stub& stub, std::string_view channel, std::string_view genesis);

[[nodiscard]] Result<json::value> open(Stub& stub, const Open& in);
[[nodiscard]] Result<json::value> change_members(Stub& stub, const ChangeMembers& in);
// The shard, or null.
[[nodiscard]] Result<json::value> shard(Stub& stub, const OfShard& in);

}  // namespace tally::chaincode::anchor
