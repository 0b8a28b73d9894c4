#pragma once
// Why the registry, or who asks it, refuses.

#include "chaincode/refusal.h"

namespace tally::chaincode::registry::refusals {

inline constexpr Refusal unknown_device{
    {"unknown_device", Kind::not_found}, "No such device is registered.", "Register it: tally device register."};
inline constexpr Refusal device_suspended{{"device_suspended", Kind::refused},
                                          "The device is suspended: its records are refused until it is reinstated.",
                                          "See its timeline for who suspended it and why."};
inline constexpr Refusal device_retired{
    {"device_retired", Kind::refused}, "The device has ended for good.", "Register its successor under another id."};

}  // namespace tally::chaincode::registry::refusals
