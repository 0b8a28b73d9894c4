#pragma once
// Scaled integers as exact decimal text, for people: 24315 at scale -2 is "243.15", 5 at scale 3 is "5000". Pure.

#include <cstdint>
#include <string>

namespace tally::chaincode {

// Holds the sum of any number of 64-bit values that fits in memory.
__extension__ typedef __int128 WideInteger;

// value * 10^scale, with as many decimals as the scale has; scale within [-30, 30].
[[nodiscard]] std::string decimal_text(WideInteger value, std::int64_t scale);

// sum / count * 10^scale with three decimals more than the scale has, rounded half to even; count > 0.
[[nodiscard]] std::string mean_text(WideInteger sum, std::int64_t count, std::int64_t scale);

}  // namespace tally::chaincode
