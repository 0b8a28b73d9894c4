// The extensions of certificates (RFC 5280 section 4.2) that decide something. Others are refused where they are
// critical, and passed over where they are not.

#include <algorithm>
#include <array>

#include "crypto/x509_impl.h"

namespace tally::crypto {
namespace {

constexpr std::size_t kMaxExtensions = 32;
constexpr std::size_t kMaxUsages = 32;
constexpr std::size_t kMaxKeyIdBytes = 64;
constexpr std::uint64_t kMaxPathLength = 255;  // a larger bound bounds nothing here

constexpr Oid kOwnKeyId = {0x55, 0x1d, 0x0e}, kKeyUsage = {0x55, 0x1d, 0x0f}, kAlternativeName = {0x55, 0x1d, 0x11},
              kBasicConstraints = {0x55, 0x1d, 0x13}, kNameConstraints = {0x55, 0x1d, 0x1e},
              kExtendedKeyUsage = {0x55, 0x1d, 0x25};
constexpr std::array<std::uint8_t, 8> kServerAuthentication = {0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01};
constexpr std::array<std::uint8_t, 8> kClientAuthentication = {0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x02};

std::unexpected<Error> malformed_extension(std::string_view why) {
    return fail(Code::certificate_malformed, "extensions: {}", why);
}

Status read_basic_constraints(ByteView value, Extensions& out) {
    DerReader in(TRY(whole_element(value, DerTag::sequence)).content);
    if (in.next_is(DerTag::boolean)) {
        out.ca = TRY(in.boolean());
        if (!out.ca) return malformed_extension("a default value is spelled out");
    }
    if (in.next_is(DerTag::integer)) {
        if (!out.ca) return malformed_extension("a path length without an authority");
        out.path_length = saturated(TRY(in.unsigned_integer()), kMaxPathLength);
    }
    return in.end();
}

Status read_key_usage(ByteView value, Extensions& out) {
    const ByteView bits = TRY(whole_element(value, DerTag::bit_string)).content;
    if (bits.size() < 2 || bits.size() > 3 || bits[0] > 7 || (bits.back() & ((1U << bits[0]) - 1)) != 0) {
        return malformed_extension("the key usage is no string of one to 16 bits");
    }
    std::uint16_t usage = 0;
    for (std::size_t i = 0; i < 8 * (bits.size() - 1); ++i) {
        if ((bits[1 + i / 8] >> (7 - i % 8) & 1) != 0) usage = static_cast<std::uint16_t>(usage | 1U << i);
    }
    out.key_usage = usage;
    return {};
}

Status read_extended_key_usage(ByteView value, Extensions& out) {
    DerReader in(TRY(whole_element(value, DerTag::sequence)).content);
    if (in.at_end()) return malformed_extension("the extended key usage is empty");
    out.extended_key_usage = true;
    for (std::size_t count = 0; !in.at_end(); ++count) {
        if (count == kMaxUsages) return malformed_extension("too many extended key usages");
        const ByteView oid = TRY(in.element(DerTag::object_identifier)).content;
        out.server_authentication = out.server_authentication || equal(oid, kServerAuthentication);
        out.client_authentication = out.client_authentication || equal(oid, kClientAuthentication);
    }
    return {};
}

Result<ByteView> checked_key_id(ByteView id) {
    if (id.empty() || id.size() > kMaxKeyIdBytes) return malformed_extension("a key identifier has not 1 to 64 bytes");
    return id;
}

Status read_one(const Extension& each, Extensions& out) {
    if (equal(each.oid, kBasicConstraints)) return read_basic_constraints(each.value, out);
    if (equal(each.oid, kKeyUsage)) return read_key_usage(each.value, out);
    if (equal(each.oid, kExtendedKeyUsage)) return read_extended_key_usage(each.value, out);
    if (equal(each.oid, kAlternativeName)) return read_alternative_names(each.value, out.dns_names, out.ip_addresses);
    if (equal(each.oid, kOwnKeyId)) {
        out.own_key_id = TRY(checked_key_id(TRY(whole_element(each.value, DerTag::octet_string)).content));
        return {};
    }
    if (equal(each.oid, kAuthorityKeyId)) {
        out.authority_key_id = TRY(read_authority_key_id(each.value));
        return {};
    }
    // Name constraints bound what follows, whether they are marked critical or not: who cannot apply them must refuse.
    if (each.critical || equal(each.oid, kNameConstraints)) out.not_understood = oid_text(each.oid);
    return {};
}

}  // namespace

Result<std::vector<Extension>> read_extension_list(ByteView list) {
    DerReader in(TRY(whole_element(list, DerTag::sequence)).content);
    std::vector<Extension> all;
    while (!in.at_end()) {
        if (all.size() == kMaxExtensions) return malformed_extension("more than 32");
        DerReader one = TRY(in.enter(DerTag::sequence));
        Extension extension;
        extension.oid = TRY(one.element(DerTag::object_identifier)).content;
        if (one.next_is(DerTag::boolean)) {
            extension.critical = TRY(one.boolean());
            if (!extension.critical) return malformed_extension("a default value is spelled out");
        }
        extension.value = TRY(one.element(DerTag::octet_string)).content;
        TRY(one.end());
        const auto same = [&](const Extension& each) { return equal(each.oid, extension.oid); };
        if (std::any_of(all.begin(), all.end(), same)) {
            return malformed_extension(fmt::format("{} is there twice", oid_text(extension.oid)));
        }
        all.push_back(extension);
    }
    if (all.empty()) return malformed_extension("an empty list");
    return all;
}

Result<Extensions> read_extensions(ByteView list) {
    Extensions out;
    for (const Extension& each : TRY(read_extension_list(list))) TRY(read_one(each, out));
    return out;
}

// The issuer's name and serial number, which it may hold too, are not looked at.
Result<std::optional<ByteView>> read_authority_key_id(ByteView value) {
    DerReader in(TRY(whole_element(value, DerTag::sequence)).content);
    std::optional<ByteView> id;
    if (in.next_is(DerTag::context(0))) id = TRY(checked_key_id(TRY(in.any()).content));
    for (const std::uint8_t tag : {DerTag::context_constructed(1), DerTag::context(2)}) {
        if (in.next_is(tag)) TRY(in.any());
    }
    TRY(in.end());
    return id;
}

std::string oid_text(ByteView oid) {
    std::string text;
    std::uint64_t arc = 0;
    for (const std::uint8_t byte : oid) {
        if (arc >> 56 != 0) return "an object identifier that is too long";
        arc = arc << 7 | (byte & 0x7f);
        if ((byte & 0x80) != 0) continue;
        if (text.empty()) {
            const std::uint64_t first = std::min<std::uint64_t>(arc / 40, 2);
            text = fmt::format("{}.{}", first, arc - first * 40);
        } else {
            text += fmt::format(".{}", arc);
        }
        arc = 0;
    }
    return text;
}

}  // namespace tally::crypto
