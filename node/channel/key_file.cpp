#include "node/channel/key_file.h"

#include <cstdlib>
#include <optional>

#include "crypto/encrypted_pem.h"
#include "crypto/token_key.h"
#include "storage/files.h"

namespace tally::node {
namespace {

constexpr std::size_t kMaxKeyFile = 1U << 20;

std::optional<std::filesystem::path> passphrase_file() {
    if (const auto* folder = std::getenv("CREDENTIALS_DIRECTORY")) {
        const auto file = std::filesystem::path(folder) / "tally-passphrase";
        std::error_code error;
        if (std::filesystem::exists(file, error)) return file;
    }
    if (const auto* file = std::getenv("TALLY_PASSPHRASE_FILE"); file != nullptr && *file != '\0') return file;
    return std::nullopt;
}

Result<std::string> passphrase_for(const std::filesystem::path& key) {
    const auto file = passphrase_file();
    if (!file) {
        return fail(Code::bad_key,
                    "{} is encrypted: name a file with its passphrase in TALLY_PASSPHRASE_FILE, or give the node the "
                    "systemd credential tally-passphrase",
                    key.string());
    }
    auto text = TRY(storage::read_file(*file, 64U << 10));
    text.resize(std::min(text.find_first_of("\r\n"), text.size()));
    if (text.empty()) return fail(Code::bad_key, "{}: its first line, the passphrase, is empty", file->string());
    return text;
}

std::string with_pin(std::string uri) {
    uri.resize(uri.find_last_not_of(" \r\n") + 1);
    const auto file = passphrase_file();
    if (!file || uri.contains("pin-source=")) return uri;
    return fmt::format("{}{}pin-source=file:{}", uri, uri.contains('?') ? '&' : '?', file->string());
}

}  // namespace

Result<crypto::PrivateKey> open_key(const std::string& token_uri) {
    if (!crypto::is_token_uri(token_uri))
        return fail(Code::invalid_argument, "\"{}\" is no PKCS#11 URI: pkcs11:token=NAME;object=LABEL", token_uri);
    return crypto::PrivateKey::from_pem(with_pin(token_uri));
}

Status move_key_to_token(const std::filesystem::path& file, const std::string& token_uri) {
    const auto key = TRY(open_key(token_uri));
    const auto before = crypto::PrivateKey::from_pem(TRY(read_key_file(file)));
    if (!before) return std::unexpected(before.error().within(file.string()));
    if (before->public_key() != key.public_key())
        return fail(Code::bad_key, "the key in the token is not the one in {}", file.string());
    return storage::write_file(file, as_bytes(token_uri + "\n"), 0600);
}

Result<std::string> read_key_file(const std::filesystem::path& file) {
    auto pem = TRY(storage::read_file(file, kMaxKeyFile));
    if (crypto::is_token_uri(pem)) return with_pin(std::move(pem));
    if (!crypto::is_encrypted_pem(pem)) return pem;
    auto plain = crypto::decrypt_pem(pem, TRY(passphrase_for(file)));
    if (!plain) return std::unexpected(plain.error().within(file.string()));
    return plain;
}

Status write_key_file(const std::filesystem::path& file, const crypto::PrivateKey& key,
                      const std::filesystem::path& like) {
    auto pem = key.pem();
    const auto model = storage::read_file(like, kMaxKeyFile);
    if (model && crypto::is_token_uri(*model)) {
        return fail(
            Code::conflict,
            "{} names a key in a token: make the new key there, and certify it with tally identity issue --token",
            like.string());
    }
    if (model && crypto::is_encrypted_pem(*model)) pem = TRY(crypto::encrypt_pem(pem, TRY(passphrase_for(like))));
    return storage::write_file(file, as_bytes(pem), 0600);
}

Status protect_key_file(const std::filesystem::path& file, bool with_passphrase) {
    const auto pem = TRY(storage::read_file(file, kMaxKeyFile));
    if (crypto::is_token_uri(pem)) return fail(Code::conflict, "{}: the key is in a token", file.string());
    if (crypto::is_encrypted_pem(pem) == with_passphrase)
        return fail(Code::conflict, "{} is {} already", file.string(), with_passphrase ? "encrypted" : "not encrypted");
    const auto plain = TRY(read_key_file(file));
    const auto key = crypto::PrivateKey::from_pem(plain);  // a key that this program can use
    if (!key) return std::unexpected(key.error().within(file.string()));
    if (!with_passphrase) return storage::write_file(file, as_bytes(plain), 0600);
    return storage::write_file(file, as_bytes(TRY(crypto::encrypt_pem(plain, TRY(passphrase_for(file))))), 0600);
}

}  // namespace tally::node
