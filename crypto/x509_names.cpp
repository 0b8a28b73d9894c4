// The names in certificates and requests: reading and writing them.

#include <arpa/inet.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>

#include "crypto/x509_write.h"

namespace tally::crypto {

Result<Name> read_name(const X509_name_st* name) {
    Name result;
    const auto read = [&](int kind, std::string& into) -> Status {
        const int position = X509_NAME_get_index_by_NID(name, kind, -1);
        if (position < 0) return {};
        unsigned char* text = nullptr;
        const int size = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, position)));
        if (size < 0) {
            return fail(Code::certificate_malformed, "a name is not valid text: {}", take_openssl_error());
        }
        into.assign(reinterpret_cast<const char*>(text), static_cast<std::size_t>(size));
        OPENSSL_free(text);
        const bool printable = std::none_of(into.begin(), into.end(),
                                            [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
        if (!printable) return fail(Code::certificate_malformed, "a name holds control characters");
        return {};
    };
    TRY(read(NID_commonName, result.common_name));
    TRY(read(NID_organizationName, result.organization));
    TRY(read(NID_organizationalUnitName, result.organizational_unit));
    return result;
}

std::string name_text(const X509_name_st* name) {
    BIO* const out = BIO_new(BIO_s_mem());
    X509_NAME_print_ex(out, name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
    char* data = nullptr;
    const long size = BIO_get_mem_data(out, &data);
    std::string text(data, static_cast<std::size_t>(std::max(size, 0L)));
    BIO_free(out);
    return text;
}

namespace {

std::string octets(const ASN1_STRING* text) {
    return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
            static_cast<std::size_t>(ASN1_STRING_length(text))};
}

}  // namespace

void read_alternative_names(const stack_st_GENERAL_NAME* names, std::vector<std::string>& dns,
                            std::vector<std::string>& addresses) {
    for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) {  // -1 for null
        const GENERAL_NAME* const name = sk_GENERAL_NAME_value(names, i);
        if (name->type == GEN_DNS) dns.push_back(octets(name->d.dNSName));
        if (name->type != GEN_IPADD) continue;
        const std::string address = octets(name->d.iPAddress);
        std::array<char, INET6_ADDRSTRLEN> text{};
        const int family = address.size() == 4 ? AF_INET : AF_INET6;
        if (address.size() != 4 && address.size() != 16) continue;
        if (inet_ntop(family, address.data(), text.data(), text.size()) != nullptr) {
            addresses.emplace_back(text.data());
        }
    }
}

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
    TRY(read_name(written.get()));  // what cannot be read back must not be written
    return written;
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
