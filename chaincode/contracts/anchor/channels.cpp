#include "chaincode/contracts/anchor/channels.h"

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

std::string channel_key(std::string_view channel, std::string_view genesis) {
    return composite_key({"channel", channel, genesis});
}

std::string word_key(const AnchoredChannel& anchored, std::string_view organization) {
    return composite_key({"word", anchored.channel, anchored.genesis, organization});
}

bool contains(const std::vector<std::string>& list, std::string_view name) {
    return std::ranges::find(list, name) != list.end();
}

Status check_organizations(const std::vector<std::string>& organizations) {
    if (organizations.empty() || organizations.size() > kMaxOrganizations)
        return fail(Code::invalid_argument, "a channel has 1 to {} organizations", kMaxOrganizations);
    std::set<std::string_view> seen;
    for (const auto& each : organizations) {
        TRY(check_identifier(each, "an organization of the channel"));
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

Result<AnchoredChannel> channel_of(const storage::Block& block) {
    const auto value = TRY(parse_json(TRY(configuration_of(block)), "the channel's configuration", kConfiguration));
    const auto* config = value.if_object();
    const auto* channel = config == nullptr ? nullptr : config->if_contains("channel");
    const auto* members = config == nullptr ? nullptr : config->if_contains("organizations");
    if (channel == nullptr || !channel->is_string() || members == nullptr || !members->is_array())
        return no_genesis("its configuration names no channel and organizations");
    AnchoredChannel anchored{std::string(channel->get_string()), block.header.hash().hex(), block.header.time_ms, {}};
    if (anchored.channel != block.header.channel) return no_genesis("its configuration is another channel's");
    for (const auto& each : members->get_array()) {
        const auto* member = each.if_object();
        const auto* id = member == nullptr ? nullptr : member->if_contains("id");
        if (id == nullptr || !id->is_string()) return no_genesis("an organization has no id");
        anchored.organizations.emplace_back(id->get_string());
    }
    if (anchored.genesis_ms < 0) return no_genesis("its time is negative");
    TRY(check_identifier(anchored.channel, "the channel's name"));
    TRY(check_organizations(anchored.organizations));
    return anchored;
}

}  // namespace

Result<std::optional<AnchoredChannel>> find_channel(Stub& stub, const OfChannel& in) {
    return get_document<AnchoredChannel>(stub, channel_key(in.channel, in.genesis), "a channel");
}

Result<AnchoredChannel> own_channel(Stub& stub, const OfChannel& in) {
    auto anchored = TRY(find_channel(stub, in));
    if (!anchored)
        return fail(Code::not_found, "no channel {} with the genesis block {} is open here", in.channel, in.genesis);
    const auto& organization = stub.caller().organization;
    if (contains(anchored->organizations, organization)) return std::move(*anchored);
    return fail(Code::permission_denied, "{} is no organization of the channel {}", organization, in.channel);
}

Result<AnchoredChannel> open(Stub& stub, const Open&) {
    const auto block = TRY(storage::decode<storage::Block>(stub.attachments()[0], "attachment 0", kMaxElements));
    const auto anchored = TRY(channel_of(block));
    if (anchored.channel == stub.channel()) return fail(Code::invalid_argument, "a channel keeps no anchors of itself");
    const auto& organization = stub.caller().organization;
    if (!contains(anchored.organizations, organization))
        return fail(Code::permission_denied, "{} is no organization of the channel {}", organization, anchored.channel);
    if (TRY(find_channel(stub, {anchored.channel, anchored.genesis})))
        return fail(Code::already_exists, "the channel {} is open", anchored.channel);
    TRY(put_document(stub, channel_key(anchored.channel, anchored.genesis), anchored));
    return anchored;
}

Result<MembersChanged> change_members(Stub& stub, const ChangeMembers& in) {
    auto anchored = TRY(own_channel(stub, in));
    TRY(check_organizations(in.organizations));
    const auto& organization = stub.caller().organization;
    if (in.organizations == anchored.organizations) return fail(Code::already_exists, "they are its members");
    const auto said = TRY(get_document<Word>(stub, word_key(anchored, organization), "a word"));
    if (said && said->organizations == in.organizations)
        return fail(Code::already_exists, "{} has said so; others must say the same", organization);
    TRY(put_document(stub, word_key(anchored, organization), Word{in.organizations}));
    // An organization that has left the root channel is not counted: it could not vote, and would block every change.
    std::size_t voters = 0, votes = 0;
    for (const auto& each : anchored.organizations) {
        if (!contains(stub.organizations(), each)) continue;
        const auto word = TRY(get_document<Word>(stub, word_key(anchored, each), "a word"));
        ++voters;
        votes += word && word->organizations == in.organizations ? 1 : 0;
    }
    const bool changed = 2 * votes > voters;
    if (changed) {
        for (const auto& each : anchored.organizations) TRY(stub.remove(word_key(anchored, each)));
        anchored.organizations = in.organizations;
        TRY(put_document(stub, channel_key(anchored.channel, anchored.genesis), anchored));
    }
    return MembersChanged{changed};
}

Result<std::optional<AnchoredChannel>> channel(Stub& stub, const OfChannel& in) { return find_channel(stub, in); }

}  // namespace tally::chaincode::anchor
