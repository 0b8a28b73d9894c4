#pragma once
#include "crypto/key.h"
#include "tests/unit/crypto/unhex.h"

namespace tally::crypto {

// The first key of RFC 8032, section 7.1.
inline PrivateKey known_key() {
    return *PrivateKey::from_raw(Algorithm::ed25519,
                                 unhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"));
}

}  // namespace tally::crypto
