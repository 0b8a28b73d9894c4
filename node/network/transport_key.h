#pragma once
// By what a node is known in the network between nodes.

#include <filesystem>
#include <string>
#include <string_view>

#include "crypto/error.h"

namespace tally::node {

inline constexpr std::size_t kTransportKeyText = 40;

// A CURVE key pair in ZeroMQ's Z85 text form, 40 characters each.
struct TransportKey {
    std::string public_key;
    std::string secret_key;
};
[[nodiscard]] TransportKey generate_transport_key();
// bad_key when the text is no secret key.
[[nodiscard]] Result<TransportKey> transport_key_of(std::string_view secret_key);

// A node's key file; where the channel names KEY.next's key, that has become the node's key and takes KEY's place. Any
// key will do where `wanted`, the public key that the channel names, is empty. bad_configuration where neither is it.
[[nodiscard]] Result<TransportKey> load_transport_key(const std::filesystem::path& file, std::string_view wanted);
// Makes KEY.next, for a change of the channel; the one that is there already, if there is one.
[[nodiscard]] Result<TransportKey> next_transport_key(const std::filesystem::path& file);

}  // namespace tally::node
