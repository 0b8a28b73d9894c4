#include "node/network/transport_key.h"

#include <zmq.h>

#include <array>

#include "crypto/z85.h"

namespace tally::node {
namespace {

constexpr std::size_t kZ85Key = 40;

}  // namespace

TransportKey generate_transport_key() {
    std::array<char, kZ85Key + 1> public_key{};
    std::array<char, kZ85Key + 1> secret_key{};
    TALLY_INVARIANT(zmq_curve_keypair(public_key.data(), secret_key.data()) == 0, "ZeroMQ has CURVE");
    return {public_key.data(), secret_key.data()};
}

Result<TransportKey> transport_key_of(std::string_view secret_key) {
    while (!secret_key.empty() && (secret_key.back() == '\n' || secret_key.back() == '\r')) secret_key.remove_suffix(1);
    std::array<char, kZ85Key + 1> public_key{};
    const std::string secret(secret_key);
    if (secret.size() != kZ85Key || !crypto::is_z85(secret) || zmq_curve_public(public_key.data(), secret.c_str()) != 0)
        return fail(Code::bad_key, "the transport key is not 40 characters of Z85");
    return TransportKey{public_key.data(), secret};
}

}  // namespace tally::node
