#pragma once
// Files with private keys: PEM, with or without a passphrase, or the URI of a key in a token (crypto/token_key.h). The
// passphrase of encrypted ones, and the PIN of a token whose URI has no pin-source, is the first line of
//
//   $CREDENTIALS_DIRECTORY/tally-passphrase    (systemd: LoadCredential=tally-passphrase:FILE), or of the file
//   $TALLY_PASSPHRASE_FILE                     names
//
// One passphrase is for all keys of a process. Failures: those of reading files, bad_key with what is to be set.

#include <filesystem>
#include <string>

#include "crypto/key.h"

namespace tally::node {

// The key's PEM without a passphrase, or its URI with the file of its PIN: for PrivateKey::from_pem, and for TLS.
[[nodiscard]] Result<std::string> read_key_file(const std::filesystem::path& file);
// A new key file, protected as the one at `like` is.
[[nodiscard]] Status write_key_file(const std::filesystem::path& file, const crypto::PrivateKey& key,
                                    const std::filesystem::path& like);
// The key in a token. The PIN comes from this process's passphrase file where the URI names none.
[[nodiscard]] Result<crypto::PrivateKey> open_key(const std::string& token_uri);
// Writes the URI into the file, in the place of the same key. bad_key: the token has another key.
[[nodiscard]] Status move_key_to_token(const std::filesystem::path& file, const std::string& token_uri);
// Writes the file again with this process's passphrase, or without one. conflict: it is so already.
[[nodiscard]] Status protect_key_file(const std::filesystem::path& file, bool with_passphrase);

}  // namespace tally::node
