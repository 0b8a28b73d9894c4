#pragma once
// Files with private keys: PEM, with or without a passphrase. The passphrase of encrypted ones is the first line of
//
//   $CREDENTIALS_DIRECTORY/tally-passphrase    (systemd: LoadCredential=tally-passphrase:FILE), or of the file
//   $TALLY_PASSPHRASE_FILE                     names
//
// One passphrase is for all keys of a process. Failures: those of reading files, bad_key with what is to be set.

#include <filesystem>
#include <string>

#include "crypto/key.h"

namespace tally::node {

// The key's PEM without a passphrase.
[[nodiscard]] Result<std::string> read_key_file(const std::filesystem::path& file);
// A new key file, protected as the one at `like` is.
[[nodiscard]] Status write_key_file(const std::filesystem::path& file, const crypto::PrivateKey& key,
                                    const std::filesystem::path& like);
// Writes the file again with this process's passphrase, or without one. conflict: it is so already.
[[nodiscard]] Status protect_key_file(const std::filesystem::path& file, bool with_passphrase);

}  // namespace tally::node
