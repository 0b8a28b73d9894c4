#include "chaincode/contracts/registry/collections.h"

#include <algorithm>
#include <set>

#include "chaincode/contracts/registry/permission.h"
#include "chaincode/contracts/registry/refusals.h"

namespace tally::chaincode::registry {
namespace {

std::string collection_key(std::string_view id) { return composite_key({"collection", id}); }

Status check_keepers(const Stub& stub, const std::vector<std::string>& keepers) {
    const auto& members = stub.organizations();
    std::set<std::string_view> seen;
    for (const auto& keeper : keepers) {
        if (!seen.insert(keeper).second)
            return fail(Code::invalid_argument, "the keeper \"{}\" is there twice", keeper);
        if (std::ranges::find(members, keeper) == members.end()) {
            return fail(Code::invalid_argument, "the keeper \"{}\" is no organization of the channel; there are {}",
                        keeper, fmt::join(members, ", "));
        }
    }
    return {};
}

}  // namespace

Result<Collection> define_collection(Stub& stub, const DefineCollection& in) {
    TRY(may_register(stub));
    TRY(check_keepers(stub, in.keepers));
    if (TRY(stub.get(collection_key(in.id)))) {
        return fail(Code::already_exists, "the collection \"{}\" is defined already; a collection never changes",
                    in.id);
    }
    const Collection collection{in.id,     stub.caller().organization, in.keepers, in.keep_days, stub.time_ms(),
                                in.figures};
    TRY(put_document(stub, collection_key(in.id), collection));
    emit(stub, "collection_defined", collection);
    return collection;
}

Status check_assignable(Stub& stub, const std::string& id) {
    const auto collection = TRY(get_collection(stub, {id}));
    const auto& organization = stub.caller().organization;
    if (collection.organization == organization) return {};
    return fail(Code::permission_denied, "the collection \"{}\" is {}'s; the caller is of {}", id,
                collection.organization, organization);
}

Result<CollectionAssigned> assign_collection(Stub& stub, const AssignCollection& in) {
    if (in.collection) TRY(check_assignable(stub, *in.collection));
    for (const auto& id : in.devices) {
        auto device = TRY(find_device(stub, id));
        TRY(may_operate(stub, device));
        if (device.retired_ms) return fail(refusals::device_retired, "the device \"{}\" is retired", id);
        if (device.profile != kProfileRecord) {
            return fail(Code::invalid_argument, "\"{}\" signs by the profile {}; only {} has rows to keep", id,
                        device.profile, kProfileRecord);
        }
        device.collection = in.collection;
        if (in.collection) TRY(remember_assignment(stub, id, *in.collection));
        TRY(save_device(stub, device, "collection_assigned", to_json(CollectionAssigned{{id}, in.collection})));
    }
    const CollectionAssigned assigned{in.devices, in.collection};
    emit(stub, "collection_assigned", assigned);
    return assigned;
}

Result<Collection> get_collection(Stub& stub, const OneCollection& in) {
    auto collection = TRY(get_document<Collection>(stub, collection_key(in.id), "a collection"));
    if (!collection) return fail(Code::not_found, "there is no collection \"{}\"", in.id);
    return std::move(*collection);
}

Result<CollectionOf> collection_of(Stub& stub, const OneDevice& in) {
    return CollectionOf{TRY(find_device(stub, in.id)).collection};
}

Result<CollectionsOf> collections_of(Stub& stub, const OneDevice& in) {
    (void)TRY(find_device(stub, in.id));
    CollectionsOf out;
    auto [start, end] = children_of({"incollection", in.id});
    for (bool more = true; more;) {
        const auto page = TRY(stub.range(start, end, {.limit = kLargestPage}));
        for (const auto& entry : page.entries) out.collections.emplace_back(last_part(entry.key));
        more = page.more;
        if (more) start = page.entries.back().key + '\0';
    }
    return out;
}

Status remember_assignment(Stub& stub, std::string_view device, std::string_view collection) {
    return stub.put(composite_key({"incollection", device, collection}), "1");
}

Result<CollectionPage> list_collections(Stub& stub, const PageArguments& in) {
    CollectionPage page;
    page.next = TRY(Pager({"collection"}).read(stub, in, [&](const KeyValue& entry) -> Result<bool> {
        page.collections.push_back(TRY(read_document<Collection>(entry.value, "a collection")));
        return true;
    }));
    return page;
}

}  // namespace tally::chaincode::registry
