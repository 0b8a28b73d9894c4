#pragma once
// Whether this machine can hide its clock from a process.
//
// The sandbox keeps the system calls for the time from a contract's program. What remains is the processor's time-stamp
// counter, which a process asks the kernel to close with prctl(PR_SET_TSC). Under some hypervisors the kernel accepts
// that, and the counter can be read all the same. A contract that reads a clock gives other results at each endorser.

#include <string_view>

namespace tally::chaincode::host {

// Found out once, by a process that tries. False on processors other than x86-64. Any thread.
[[nodiscard]] bool can_hide_the_clock();

// For people, where it cannot.
inline constexpr std::string_view kClockIsOpen =
    "this machine cannot hide its time-stamp counter (PR_SET_TSC has no effect), so contracts of packages could read a "
    "clock";

}  // namespace tally::chaincode::host
