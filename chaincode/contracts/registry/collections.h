#pragma once
// Collections: which organizations keep the readings of devices that must not be in blocks.
//
// A device that is assigned to a collection publishes its records without their rows. Blocks then carry the signed
// record: the root, the day's figures and the signature. The nodes of the collection's keepers hold the rows, check
// them against the root, exchange them with each other, and remove them after `keep_days` or when they are erased
// (data.erase). A collection that keeps figures too has the devices sign commitments (chaincode/records/opening.h): no
// block has their readings or figures. A collection never changes; to change who keeps the rows, define another one and
// assign the devices to it. Records that were published earlier stay with the collection of their time.
//
// Failures: already_exists, not_found, invalid_argument, permission_denied, unknown_device.

#include "chaincode/contracts/registry/answers.h"

namespace tally::chaincode::registry {

// The caller's organization owns it, and assigns its own devices to it.
[[nodiscard]] Result<Collection> define_collection(Stub& stub, const DefineCollection& in);
// Whether the caller's organization may assign devices to it.
[[nodiscard]] Status check_assignable(Stub& stub, const std::string& id);
// All of the devices or none. Counts for records that are published from now on.
[[nodiscard]] Result<CollectionAssigned> assign_collection(Stub& stub, const AssignCollection& in);
[[nodiscard]] Result<Collection> get_collection(Stub& stub, const OneCollection& in);
[[nodiscard]] Result<CollectionOf> collection_of(Stub& stub, const OneDevice& in);
// Every collection that the device was ever assigned to: the rows of earlier records are there.
[[nodiscard]] Result<CollectionsOf> collections_of(Stub& stub, const OneDevice& in);
// Remembers an assignment for collections_of.
[[nodiscard]] Status remember_assignment(Stub& stub, std::string_view device, std::string_view collection);
[[nodiscard]] Result<CollectionPage> list_collections(Stub& stub, const PageArguments& in);

}  // namespace tally::chaincode::registry
