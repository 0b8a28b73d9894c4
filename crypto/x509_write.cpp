// Writing names, as certificates, lists and requests hold them.

#include "crypto/x509_write.h"

#include <arpa/inet.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <array>

namespace tally::crypto {

const evp_md_st* digest_for(const PrivateKey& key) {
    return key.algorithm() == Algorithm::ed25519 ? nullptr : EVP_sha256();
}

Error openssl_failed(std::string_view what) {
    return {Code::invalid_argument, fmt::format("{}: {}", what, take_openssl_error())};
}

Result<OpenSslHandle<X509_name_st>> write_name(const Name& name) {
    if (name == Name{}) return fail(Code::invalid_argument, "a certificate's name is empty");
    OpenSslHandle<X509_name_st> written(X509_NAME_new());
    const std::array<std::pair<int, const std::string*>, 3> parts = {
        {{NID_organizationName, &name.organization},
         {NID_organizationalUnitName, &name.organizational_unit},
         {NID_commonName, &name.common_name}}};
    for (const auto& [kind, text] : parts) {
        if (text->empty()) continue;
        if (X509_NAME_add_entry_by_NID(written.get(), kind, MBSTRING_UTF8,
                                       reinterpret_cast<const unsigned char*>(text->data()),
                                       static_cast<int>(text->size()), -1, 0) != 1) {
            return std::unexpected(openssl_failed(fmt::format("the name \"{}\"", *text)));
        }
    }
    TRY(read_name(der_of(written.get())));  // what cannot be read back must not be written
    return written;
}

OpenSslHandle<X509_name_st> copy_name(ByteView der) {
    const unsigned char* at = der.data();
    OpenSslHandle<X509_name_st> name(d2i_X509_NAME(nullptr, &at, static_cast<long>(der.size())));
    TALLY_INVARIANT(name != nullptr, "OpenSSL does not read a certificate's name");
    return name;
}

Result<OpenSslHandle<stack_st_GENERAL_NAME>> write_alternative_names(std::span<const std::string> dns_or_ip) {
    OpenSslHandle<stack_st_GENERAL_NAME> names(GENERAL_NAMES_new());
    for (const std::string& text : dns_or_ip) {
        const bool plain = !text.empty() && text.find_first_not_of(
                                                "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                                "0123456789.-_*:") == std::string::npos;
        if (!plain) return fail(Code::invalid_argument, "\"{}\" is neither a DNS name nor an address", text);
        std::array<unsigned char, 16> address{};
        int size = 0;
        if (inet_pton(AF_INET, text.c_str(), address.data()) == 1) size = 4;
        if (size == 0 && inet_pton(AF_INET6, text.c_str(), address.data()) == 1) size = 16;
        if (size == 0 && text.find(':') != std::string::npos) {
            return fail(Code::invalid_argument, "\"{}\" is neither a DNS name nor an address", text);
        }
        ASN1_STRING* const value = ASN1_STRING_type_new(size == 0 ? V_ASN1_IA5STRING : V_ASN1_OCTET_STRING);
        ASN1_STRING_set(value, size == 0 ? static_cast<const void*>(text.data()) : address.data(),
                        size == 0 ? static_cast<int>(text.size()) : size);
        GENERAL_NAME* const name = GENERAL_NAME_new();
        GENERAL_NAME_set0_value(name, size == 0 ? GEN_DNS : GEN_IPADD, value);
        sk_GENERAL_NAME_push(names.get(), name);
    }
    return names;
}

Status check_names(const Name& subject, std::span<const std::string> dns_or_ip) {
    TRY(write_name(subject));
    TRY(write_alternative_names(dns_or_ip));
    return {};
}

}  // namespace tally::crypto
