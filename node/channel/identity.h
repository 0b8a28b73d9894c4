#pragma once
// A member's key with the certificate chain that vouches for it. Immutable; safe from any thread.

#include <filesystem>
#include <optional>
#include <vector>

#include "crypto/key.h"
#include "crypto/x509.h"

namespace tally::node {

struct Identity {
    crypto::PrivateKey key;
    std::vector<crypto::Certificate> chain;  // leaf first

    [[nodiscard]] const crypto::Certificate& certificate() const { return chain.front(); }
};

// FILE.next: where a new key waits while its certificate is replaced (node/consortium/renewal.h), and where an
// orderer's next identity waits until a channel names its key.
[[nodiscard]] std::filesystem::path next_file(const std::filesystem::path& file);
// A replacement that a crash cut short is finished: where the certificate is KEY.next's, that becomes the key.
// Fails with the path when a file cannot be read or parsed, and with bad_key when key and certificate do not belong
// together.
[[nodiscard]] Result<Identity> load_identity(const std::filesystem::path& certificate,
                                             const std::filesystem::path& key);
// Of CERTIFICATE.next and KEY.next; none where no such certificate waits.
[[nodiscard]] Result<std::optional<Identity>> load_next_identity(const std::filesystem::path& certificate,
                                                                 const std::filesystem::path& key);
// It takes the other's place. What a crash cuts short, the next load_identity finishes.
[[nodiscard]] Status take_next_identity(const std::filesystem::path& certificate, const std::filesystem::path& key);

}  // namespace tally::node
