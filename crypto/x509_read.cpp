// Reading certificates and revocation lists: DER by our own reader, in the profile that x509.h states.

#include <algorithm>
#include <array>

#include "crypto/x509_impl.h"

namespace tally::crypto {
namespace {

constexpr std::size_t kMaxCertificateBytes = 1 << 16;
constexpr std::size_t kMaxListBytes = 1 << 24;

constexpr std::array<std::uint8_t, 12> kEcdsaSha256 = {0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86,
                                                       0x48, 0xce, 0x3d, 0x04, 0x03, 0x02};
constexpr std::array<std::uint8_t, 12> kEcdsaSha384 = {0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86,
                                                       0x48, 0xce, 0x3d, 0x04, 0x03, 0x03};
constexpr std::array<std::uint8_t, 12> kEcdsaSha512 = {0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86,
                                                       0x48, 0xce, 0x3d, 0x04, 0x03, 0x04};
constexpr std::array<std::uint8_t, 7> kEd25519 = {0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70};

constexpr Oid kListNumber = {0x55, 0x1d, 0x14}, kDeltaList = {0x55, 0x1d, 0x1b},
              kDistributionPoint = {0x55, 0x1d, 0x1c};

CertificateSignature algorithm_of(ByteView identifier) {
    if (equal(identifier, kEcdsaSha256)) return CertificateSignature::ecdsa_sha256;
    if (equal(identifier, kEcdsaSha384)) return CertificateSignature::ecdsa_sha384;
    if (equal(identifier, kEcdsaSha512)) return CertificateSignature::ecdsa_sha512;
    if (equal(identifier, kEd25519)) return CertificateSignature::ed25519;
    return CertificateSignature::unknown;
}

// SEQUENCE {toBeSigned, AlgorithmIdentifier, BIT STRING}. The views point into `der`, which moves with it.
struct Read {
    SignedDer all;
    ByteView algorithm;
};

Result<Read> read_signed(ByteView der) {
    Read out;
    out.all.der = to_bytes(der);
    DerReader in(TRY(whole_element(out.all.der, DerTag::sequence)).content);
    out.all.to_be_signed = TRY(in.element(DerTag::sequence)).whole;
    out.algorithm = TRY(in.element(DerTag::sequence)).whole;
    out.all.algorithm = algorithm_of(out.algorithm);
    out.all.signature = TRY(in.bit_string());
    TRY(in.end());
    return out;
}

Status check_same_algorithm(ByteView inside, ByteView outside) {
    if (equal(inside, outside)) return {};
    return fail(Code::certificate_malformed, "it states two signature algorithms");
}

Result<Certificate> read_certificate(ByteView der) {
    auto [all, algorithm] = TRY(read_signed(der));
    DerReader in(TRY(whole_element(all.to_be_signed, DerTag::sequence)).content);
    const ByteView version = TRY(TRY(in.enter(DerTag::context_constructed(0))).unsigned_integer());
    if (saturated(version, 255) != 2) return fail(Code::certificate_malformed, "its version is not 3");
    std::string serial = TRY(read_serial(in));
    TRY(check_same_algorithm(TRY(in.element(DerTag::sequence)).whole, algorithm));
    const ByteView issuer = TRY(in.element(DerTag::sequence)).whole;
    DerReader dates = TRY(in.enter(DerTag::sequence));
    const std::int64_t not_before_ms = TRY(dates.time());
    const std::int64_t not_after_ms = TRY(dates.time());
    TRY(dates.end());
    const ByteView subject = TRY(in.element(DerTag::sequence)).whole;
    const ByteView key = TRY(in.element(DerTag::sequence)).whole;
    Extensions extensions;
    if (!in.at_end()) {
        DerReader list = TRY(in.enter(DerTag::context_constructed(3)));
        extensions = TRY(read_extensions(TRY(list.element(DerTag::sequence)).whole));
        TRY(list.end());
    }
    TRY(in.end());
    ReadName subject_name = TRY(read_name(subject));
    auto public_key = certified_key_from(key, extensions.ca);
    if (!public_key) return std::unexpected(public_key.error().within(subject_name.text));
    auto impl = std::make_shared<Certificate::Impl>(*std::move(public_key));
    impl->issuer = TRY(read_name(issuer)).name;
    impl->subject_der = subject;
    impl->issuer_der = issuer;
    impl->subject = std::move(subject_name.name);
    impl->subject_text = std::move(subject_name.text);
    impl->serial_hex = std::move(serial);
    impl->not_before_ms = not_before_ms;
    impl->not_after_ms = not_after_ms;
    impl->extensions = std::move(extensions);
    impl->fingerprint = sha256(all.der);
    impl->all = std::move(all);
    return Certificate(std::move(impl));
}

// A list that is not complete for its issuer would let a revoked certificate pass.
Status read_list_extensions(ByteView list, RevocationList::Impl& out) {
    for (const Extension& each : TRY(read_extension_list(list))) {
        if (equal(each.oid, kDeltaList) || equal(each.oid, kDistributionPoint) || each.critical) {
            return fail(Code::unsupported, "it is a delta, or limited by the extension {}", oid_text(each.oid));
        }
        if (equal(each.oid, kAuthorityKeyId)) out.authority_key_id = TRY(read_authority_key_id(each.value));
        if (!equal(each.oid, kListNumber)) continue;
        DerReader number(each.value);
        const ByteView magnitude = TRY(number.unsigned_integer());
        TRY(number.end());
        if (magnitude.size() > 8) return fail(Code::unsupported, "its number has more than 64 bits");
        for (const std::uint8_t byte : magnitude) out.number = out.number << 8 | byte;
    }
    return {};
}

Result<std::vector<std::string>> read_serials(DerReader entries) {
    std::vector<std::string> serials;
    while (!entries.at_end()) {
        DerReader entry = TRY(entries.enter(DerTag::sequence));
        serials.push_back(TRY(read_serial(entry)));
        TRY(entry.time());
        if (!entry.at_end()) {
            for (const Extension& each : TRY(read_extension_list(TRY(entry.element(DerTag::sequence)).whole))) {
                if (each.critical) return fail(Code::unsupported, "an entry has a critical extension");
            }
        }
        TRY(entry.end());
    }
    std::sort(serials.begin(), serials.end());
    return serials;
}

Result<RevocationList> read_list(ByteView der) {
    auto [all, algorithm] = TRY(read_signed(der));
    auto impl = std::make_shared<RevocationList::Impl>();
    DerReader in(TRY(whole_element(all.to_be_signed, DerTag::sequence)).content);
    const bool second_version = in.next_is(DerTag::integer);  // the first has no field for it, and no extensions
    if (second_version && saturated(TRY(in.unsigned_integer()), 255) != 1) {
        return fail(Code::certificate_malformed, "its version is neither 1 nor 2");
    }
    TRY(check_same_algorithm(TRY(in.element(DerTag::sequence)).whole, algorithm));
    impl->issuer_der = TRY(in.element(DerTag::sequence)).whole;
    ReadName issuer = TRY(read_name(impl->issuer_der));
    impl->issuer = std::move(issuer.name);
    impl->issuer_text = std::move(issuer.text);
    impl->this_update_ms = TRY(in.time());
    impl->next_update_ms = TRY(in.time());
    if (in.next_is(DerTag::sequence)) impl->serials = TRY(read_serials(TRY(in.enter(DerTag::sequence))));
    if (second_version && !in.at_end()) {
        DerReader list = TRY(in.enter(DerTag::context_constructed(0)));
        TRY(read_list_extensions(TRY(list.element(DerTag::sequence)).whole, *impl));
        TRY(list.end());
    }
    TRY(in.end());
    impl->all = std::move(all);
    return RevocationList(std::move(impl));
}

template <class Read>
auto within(std::string_view what, Read read) {
    if (!read) read = std::unexpected(read.error().within(what));
    return read;
}

}  // namespace

Result<Certificate> Certificate::from_der(ByteView der) {
    if (der.size() > kMaxCertificateBytes) {
        return fail(Code::certificate_malformed, "certificate: {} bytes are too many", der.size());
    }
    return within("certificate", read_certificate(der));
}

Result<RevocationList> RevocationList::from_der(ByteView der) {
    if (der.size() > kMaxListBytes) {
        return fail(Code::certificate_malformed, "revocation list: {} bytes are too many", der.size());
    }
    return within("revocation list", read_list(der));
}

}  // namespace tally::crypto
