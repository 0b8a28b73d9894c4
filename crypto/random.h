#pragma once
// Randomness fit for keys, nonces and serial numbers. From any thread; aborts when the system has none to give.

#include <cstddef>

#include "crypto/bytes.h"

namespace tally::crypto {

[[nodiscard]] Bytes random_bytes(std::size_t count);

}  // namespace tally::crypto
