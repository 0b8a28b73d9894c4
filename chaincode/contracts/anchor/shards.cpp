#include "chaincode/contracts/anchor/shards.h"

#include <algorithm>
#include <set>

#include "chaincode/records/identifier.h"
#include "storage/model/block.h"
#include "storage/model/read_transaction.h"

namespace tally::chaincode::anchor {
namespace {

constexpr std::size_t kMaxOrganizations = 256;
constexpr std::size_t kMaxElements = 1000;  // of a genesis block: it has one transaction
constexpr JsonLimits kConfiguration{.max_bytes = 4U << 20, .max_depth = 16};

// What one member says of who shall be members.
struct Word {
    std::vector<std::string> organizations;
};
BOOST_DESCRIBE_STRUCT(Word, (), (organizations))

std::string shard_key(std::string_view channel, std::string_view genesis) {
    return composite_key({"shard", channel, genesis});
}

std::string word_key(const Shard& shard, std::string_view organization) {
    return composite_key({"word", shard.channel, shard.genesis, organization});
}

bool contains(const std::vector<std::string>& list, std::string_view name) {
    return std::ranges::find(list, name) != list.end();
}

Status check_organizations(const std::vector<std::string>& organizations) {
    if (organizations.empty() || organizations.size() > kMaxOrganizations)
        return fail(Code::invalid_argument, "a shard has 1 to {} organizations", kMaxOrganizations);
    std::set<std::string_view> seen;
    for (const auto& each : organizations) {
        TRY(check_identifier(each, "an organization of the shard"));
        if (!seen.insert(each).second) return fail(Code::invalid_argument, "\"{}\" occurs twice", each);
    }
    return {};
}

std::unexpected<Error> no_genesis(std::string_view why) {
    return fail(Code::malformed, "attachment 0 is no genesis block: {}", why);
}

// The text of the configuration that a genesis block holds.
Result<std::string> configuration_of(const storage::Block& block) {
    if (block.header.number != 0 || block.batches.size() != 1 || block.batches[0].size() != 1)
        return no_genesis("it is one transaction in block 0");
    if (block.header.data_root != storage::data_root({storage::batch_digest(block.batches[0])}))
        return no_genesis("its transaction does not give its data root");
    const auto transaction = TRY(storage::read_transaction(block.batches[0][0], "the genesis transaction"));
    const auto simulation = TRY(storage::read_simulation(transaction.simulation, "the genesis simulation"));
    const auto& writes = simulation.read_write_set.writes;
    if (transaction.kind != storage::Transaction::Kind::genesis || writes.size() != 1 || !writes[0].value ||
        writes[0].key != storage::StateKey{"config", "channel"})
        return no_genesis("it holds no channel's configuration");
    return std::string(as_text(*writes[0].value));
}

Result<Shard> shard_of(const storage::Block& block) {
    const auto value = TRY(parse_json(TRY(configuration_of(block)), "the shard's configuration", kConfiguration));
    const auto* config = value.if_object();
    const auto* channel = config == nullptr ? nullptr : config->if_contains("channel");
    const auto* members = config == nullptr ? nullptr : config->if_contains("organizations");
    if (channel == nullptr || !channel->is_string() || members == nullptr || !members->is_array())
        return no_genesis("its configuration names no channel and organizations");
    Shard shard{std::string(channel->get_string()), block.header.hash().hex(), block.header.time_ms, {}};
    if (shard.channel != block.header.channel) return no_genesis("its configuration is another channel's");
    for (const auto& each : members->get_array()) {
        const auto* member = each.if_object();
        const auto* id = member == nullptr ? nullptr : member->if_contains("id");
        if (id == nullptr || !id->is_string()) return no_genesis("an organization has no id");
        shard.organizations.emplace_back(id->get_string());
    }
    if (shard.genesis_ms < 0) return no_genesis("its time is negative");
    TRY(check_identifier(shard.channel, "the shard's name"));
    TRY(check_organizations(shard.organizations));
    return shard;
}

}  // namespace

Result<std::optional<Shard>> find_shard(Stub& stub, const OfShard& in) {
    return get_document<Shard>(stub, shard_key(in.channel, in.genesis), "a shard");
}

Result<Shard> own_shard(Stub& stub, const OfShard& in) {
    auto shard = TRY(find_shard(stub, in));
    if (!shard)
        return fail(Code::not_found, "no shard {} with the genesis block {} is open here", in.channel, in.genesis);
    const auto& organization = stub.caller().organization;
    if (contains(shard->organizations, organization)) return std::move(*shard);
    return fail(Code::permission_denied, "{} is no organization of the shard {}", organization, in.channel);
}

Result<Shard> open(Stub& stub, const Open&) {
    const auto block = TRY(storage::decode<storage::Block>(stub.attachments()[0], "attachment 0", kMaxElements));
    const auto shard = TRY(shard_of(block));
    if (shard.channel == stub.channel()) return fail(Code::invalid_argument, "a channel is no shard of itself");
    const auto& organization = stub.caller().organization;
    if (!contains(shard.organizations, organization))
        return fail(Code::permission_denied, "{} is no organization of the shard {}", organization, shard.channel);
    if (TRY(find_shard(stub, {shard.channel, shard.genesis})))
        return fail(Code::already_exists, "the shard {} is open", shard.channel);
    TRY(put_document(stub, shard_key(shard.channel, shard.genesis), shard));
    return shard;
}

Result<MembersChanged> change_members(Stub& stub, const ChangeMembers& in) {
    auto shard = TRY(own_shard(stub, in));
    TRY(check_organizations(in.organizations));
    const auto& organization = stub.caller().organization;
    if (in.organizations == shard.organizations) return fail(Code::already_exists, "they are its members");
    const auto said = TRY(get_document<Word>(stub, word_key(shard, organization), "a word"));
    if (said && said->organizations == in.organizations)
        return fail(Code::already_exists, "{} has said so; others must say the same", organization);
    TRY(put_document(stub, word_key(shard, organization), Word{in.organizations}));
    // An organization that has left the root channel is not counted: it could not vote, and would block every change.
    std::size_t voters = 0, votes = 0;
    for (const auto& each : shard.organizations) {
        if (!contains(stub.organizations(), each)) continue;
        const auto word = TRY(get_document<Word>(stub, word_key(shard, each), "a word"));
        ++voters;
        votes += word && word->organizations == in.organizations ? 1 : 0;
    }
    const bool changed = 2 * votes > voters;
    if (changed) {
        for (const auto& each : shard.organizations) TRY(stub.remove(word_key(shard, each)));
        shard.organizations = in.organizations;
        TRY(put_document(stub, shard_key(shard.channel, shard.genesis), shard));
    }
    return MembersChanged{changed};
}

Result<std::optional<Shard>> shard(Stub& stub, const OfShard& in) { return find_shard(stub, in); }

}  // namespace tally::chaincode::anchor
