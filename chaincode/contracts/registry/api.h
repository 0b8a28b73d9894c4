#pragma once
// What other contracts may ask the registry.

#include "chaincode/callee.h"
#include "chaincode/contracts/registry/answers.h"
#include "chaincode/contracts/registry/terms.h"

namespace tally::chaincode::registry::api {

inline constexpr Callee<OneDevice, PublishingTerms> publishing_terms{"registry", "publishing_terms"};
inline constexpr Callee<OneDevice, DeviceView> get_device{"registry", "get_device"};
inline constexpr Callee<OneCollection, Collection> get_collection{"registry", "get_collection"};
inline constexpr Callee<OneDevice, CollectionsOf> collections_of{"registry", "collections_of"};
inline constexpr Callee<SuspendSilent, SilenceJudged> suspend_silent{"registry", "suspend_silent"};
inline constexpr Callee<ListDevices, DevicePage> list_devices{"registry", "list_devices"};

}  // namespace tally::chaincode::registry::api
