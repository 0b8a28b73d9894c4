#pragma once
// By what a node is known in the network between nodes.

#include <string>
#include <string_view>

#include "crypto/error.h"

namespace tally::node {

// A CURVE key pair in ZeroMQ's Z85 text form, 40 characters each.
struct TransportKey {
    std::string public_key;
    std::string secret_key;
};
[[nodiscard]] TransportKey generate_transport_key();
// bad_key when the text is no secret key.
[[nodiscard]] Result<TransportKey> transport_key_of(std::string_view secret_key);

}  // namespace tally::node
