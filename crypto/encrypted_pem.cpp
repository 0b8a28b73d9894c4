#include "crypto/encrypted_pem.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>

#include <algorithm>
#include <cstring>
#include <memory>

namespace tally::crypto {
namespace {

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;
using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

constexpr std::size_t kLongestPassphrase = 1024;
constexpr int kIterations = 600'000;  // of PBKDF2: a third of a second

// What PEM_read_bio_PrivateKey calls for the passphrase.
int give(char* to, int size, int /*writes*/, void* passphrase) {
    const auto& text = *static_cast<const std::string_view*>(passphrase);
    if (text.size() > static_cast<std::size_t>(size)) return -1;
    std::memcpy(to, text.data(), text.size());
    return static_cast<int>(text.size());
}

std::string text_in(BIO* bio) {
    const char* data = nullptr;
    const auto size = BIO_get_mem_data(bio, &data);
    return {data, static_cast<std::size_t>(size)};
}

Result<Key> read_key(std::string_view pem, std::string_view passphrase) {
    const Bio in(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free);
    Key key(PEM_read_bio_PrivateKey(in.get(), nullptr, &give, &passphrase), &EVP_PKEY_free);
    ERR_clear_error();
    if (key) return key;
    return fail(Code::bad_key, "the passphrase does not open the private key, or it is none that is known");
}

}  // namespace

bool is_encrypted_pem(std::string_view pem) {
    return pem.find("-----BEGIN ENCRYPTED PRIVATE KEY-----") != std::string_view::npos ||
           pem.find("Proc-Type: 4,ENCRYPTED") != std::string_view::npos;
}

Result<std::string> decrypt_pem(std::string_view pem, std::string_view passphrase) {
    const auto key = TRY(read_key(pem, passphrase));
    const Bio out(BIO_new(BIO_s_secmem()), &BIO_free);
    if (PEM_write_bio_PKCS8PrivateKey(out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1)
        return fail(Code::bad_key, "the private key cannot be written without its passphrase");
    return text_in(out.get());
}

Result<std::string> encrypt_pem(std::string_view pem, std::string_view passphrase) {
    if (passphrase.empty() || passphrase.size() > kLongestPassphrase) {
        return fail(Code::invalid_argument, "a passphrase of {} bytes; 1 to {} are possible", passphrase.size(),
                    kLongestPassphrase);
    }
    const auto key = TRY(read_key(pem, {}));
    const std::unique_ptr<PKCS8_PRIV_KEY_INFO, decltype(&PKCS8_PRIV_KEY_INFO_free)> plain(EVP_PKEY2PKCS8(key.get()),
                                                                                          &PKCS8_PRIV_KEY_INFO_free);
    if (!plain) return fail(Code::bad_key, "the private key cannot be encrypted");
    const std::unique_ptr<X509_SIG, decltype(&X509_SIG_free)> sealed(
        PKCS8_encrypt(-1, EVP_aes_256_cbc(), passphrase.data(), static_cast<int>(passphrase.size()), nullptr, 0,
                      kIterations, plain.get()),
        &X509_SIG_free);
    const Bio out(BIO_new(BIO_s_mem()), &BIO_free);
    if (!sealed || PEM_write_bio_PKCS8(out.get(), sealed.get()) != 1)
        return fail(Code::bad_key, "the private key cannot be encrypted");
    return text_in(out.get());
}

}  // namespace tally::crypto
