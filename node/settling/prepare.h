#pragma once
// What is computed ahead of an invoice, a bill or a seal of many devices (billing.prepare, prepare_bill, prepare_seal).

#include <algorithm>
#include <functional>

#include "chaincode/contracts/billing/answers.h"
#include "node/settling/contract_calls.h"

namespace tally::node {

// How many devices one transaction takes of a period of so many days: as many as it computes within the time limit.
[[nodiscard]] inline std::size_t devices_at_once(std::int64_t days) {
    constexpr std::int64_t kDaysAtOnce = 10'000;  // of all devices
    return static_cast<std::size_t>(
        std::clamp<std::int64_t>(kDaysAtOnce / std::max<std::int64_t>(1, days), 1, chaincode::billing::kMostPrepared));
}

// In as many transactions as it takes. `wanted`: a billing::Prepare or what is derived from it;
// `days`: of the period. `progress` is called with the number of devices just finished.
template <class Arguments>
[[nodiscard]] Status prepare_devices(ContractCalls& calls, const char* function, Arguments wanted,
                                     std::span<const std::string> devices, std::int64_t days,
                                     const std::function<void(std::size_t)>& progress = {}) {
    const auto at_once = devices_at_once(days);
    while (!devices.empty()) {
        const auto part = devices.first(std::min(at_once, devices.size()));
        wanted.devices.assign(part.begin(), part.end());
        TRY(act<chaincode::billing::Prepared>(calls, "billing", function, wanted));
        devices = devices.subspan(part.size());
        if (progress) progress(part.size());
    }
    return {};
}

}  // namespace tally::node
