#include "crypto/random.h"

#include <openssl/rand.h>

namespace tally::crypto {

Bytes random_bytes(std::size_t count) {
    Bytes bytes(count);
    TALLY_INVARIANT(RAND_bytes(bytes.data(), static_cast<int>(count)) == 1, "the system has no randomness to give");
    return bytes;
}

}  // namespace tally::crypto
