#include "node/network/transport_key.h"

#include <zmq.h>

#include <array>

#include "crypto/z85.h"
#include "storage/files.h"

namespace tally::node {
namespace {

std::filesystem::path next_of(const std::filesystem::path& file) {
    auto next = file;
    next += ".next";
    return next;
}

Result<TransportKey> read_key(const std::filesystem::path& file) {
    auto key = transport_key_of(TRY(storage::read_file(file, 1 << 16)));
    if (!key) return std::unexpected(key.error().within(file.string()));
    return key;
}

}  // namespace

TransportKey generate_transport_key() {
    std::array<char, kTransportKeyText + 1> public_key{};
    std::array<char, kTransportKeyText + 1> secret_key{};
    TALLY_INVARIANT(zmq_curve_keypair(public_key.data(), secret_key.data()) == 0, "ZeroMQ has CURVE");
    return {public_key.data(), secret_key.data()};
}

Result<TransportKey> transport_key_of(std::string_view secret_key) {
    while (!secret_key.empty() && (secret_key.back() == '\n' || secret_key.back() == '\r')) secret_key.remove_suffix(1);
    std::array<char, kTransportKeyText + 1> public_key{};
    const std::string secret(secret_key);
    if (secret.size() != kTransportKeyText || !crypto::is_z85(secret) ||
        zmq_curve_public(public_key.data(), secret.c_str()) != 0)
        return fail(Code::bad_key, "the transport key is not 40 characters of Z85");
    return TransportKey{public_key.data(), secret};
}

Result<TransportKey> load_transport_key(const std::filesystem::path& file, std::string_view wanted) {
    auto key = TRY(read_key(file));
    if (wanted.empty() || key.public_key == wanted) return key;
    const auto next = next_of(file);
    std::error_code error;
    if (std::filesystem::exists(next, error)) {
        auto waiting = TRY(read_key(next));
        if (waiting.public_key == wanted) {
            std::filesystem::rename(next, file, error);
            if (error) return fail(Code::io_error, "{}: {}", file.string(), error.message());
            return waiting;
        }
    }
    return fail(Code::bad_configuration, "{}: the channel names this node with another transport key", file.string());
}

Result<TransportKey> next_transport_key(const std::filesystem::path& file) {
    const auto next = next_of(file);
    if (std::filesystem::exists(next)) return read_key(next);
    auto key = generate_transport_key();
    TRY(storage::write_file(next, as_bytes(key.secret_key + "\n"), 0600));
    return key;
}

}  // namespace tally::node
