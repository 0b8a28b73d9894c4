#pragma once
// A contract of a package as the node's own code sees it: each function runs in a process of the package's program. A
// crash, a loop, growing memory or a forbidden system call refuse the one call, with the code contract_failed; the next
// call gets a new process.

#include <chrono>

#include "chaincode/host/package.h"
#include "chaincode/host/sandbox.h"

namespace tally::chaincode::host {

inline constexpr Refusal contract_failed{{"contract_failed", Kind::refused},
                                         "A contract's own program has crashed, looped or broken its limits.",
                                         "Tell who wrote the contract; the message says how it ended."};

struct HostLimits {
    SandboxLimits sandbox{};
    std::chrono::milliseconds time{2'000};  // of one call, the node's own share included
    unsigned processes = 4;                 // at once; more calls wait for one, within their time
    bool allow_clock = false;               // run it where the machine cannot hide its clock (clock.h)
};

// Starts one process, so that a package that cannot run is refused here: unavailable where the machine cannot hide its
// clock and that is not allowed. Functions may be called from any thread.
[[nodiscard]] Result<Contract> host_contract(Package package, const HostLimits& limits = {});

}  // namespace tally::chaincode::host
