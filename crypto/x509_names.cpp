// Reading the names in certificates, lists and requests.

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "crypto/utf8.h"
#include "crypto/x509_impl.h"

namespace tally::crypto {
namespace {

constexpr std::size_t kMaxAttributes = 32;
constexpr std::size_t kMaxAttributeBytes = 512;
constexpr std::size_t kMaxSerialBytes = 20;

struct KnownAttribute {
    std::string_view oid;
    std::string_view label;
};
constexpr std::array<KnownAttribute, 11> kAttributes = {{{"2.5.4.3", "CN"},
                                                         {"2.5.4.5", "serialNumber"},
                                                         {"2.5.4.6", "C"},
                                                         {"2.5.4.7", "L"},
                                                         {"2.5.4.8", "ST"},
                                                         {"2.5.4.9", "street"},
                                                         {"2.5.4.10", "O"},
                                                         {"2.5.4.11", "OU"},
                                                         {"0.9.2342.19200300.100.1.1", "UID"},
                                                         {"0.9.2342.19200300.100.1.25", "DC"},
                                                         {"1.2.840.113549.1.9.1", "emailAddress"}}};

std::unexpected<Error> malformed_name(std::string_view why) {
    return fail(Code::certificate_malformed, "a name {}", why);
}

bool is_ascii(ByteView text) {
    return std::all_of(text.begin(), text.end(), [](std::uint8_t c) { return c < 0x80; });
}

// U+0000 to U+001F, U+007F to U+009F: a terminal takes them for commands.
bool has_controls(ByteView utf8) {
    for (std::size_t i = 0; i < utf8.size(); ++i) {
        if (utf8[i] < 0x20 || utf8[i] == 0x7f) return true;
        if (utf8[i] == 0xc2 && i + 1 < utf8.size() && utf8[i + 1] < 0xa0) return true;
    }
    return false;
}

Result<std::string> read_text(const DerElement& value) {
    switch (value.tag) {
        case DerTag::utf8_string:
            if (!is_utf8(as_text(value.content))) return malformed_name("is not valid UTF-8");
            break;
        case DerTag::printable_string:
        case DerTag::ia5_string:
        case DerTag::numeric_string:
            if (!is_ascii(value.content)) return malformed_name("is not valid ASCII");
            break;
        default: return malformed_name("is neither UTF8String, PrintableString, IA5String nor NumericString");
    }
    if (value.content.size() > kMaxAttributeBytes) return malformed_name("has a part of more than 512 bytes");
    if (has_controls(value.content)) return malformed_name("holds control characters");
    return std::string(as_text(value.content));
}

std::string escaped(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const bool edge = (i == 0 && (c == ' ' || c == '#')) || (i + 1 == text.size() && c == ' ');
        if (edge || std::string_view(",+\"\\<>;").find(c) != std::string_view::npos) out += '\\';
        out += c;
    }
    return out;
}

struct Attribute {
    std::string label;
    std::string text;
};

Result<Attribute> read_attribute(DerReader& set) {
    DerReader in = TRY(set.enter(DerTag::sequence));
    const std::string oid = oid_text(TRY(in.element(DerTag::object_identifier)).content);
    std::string text = TRY(read_text(TRY(in.any())));
    TRY(in.end());
    const auto* const known =
        std::find_if(kAttributes.begin(), kAttributes.end(), [&](const auto& each) { return each.oid == oid; });
    return Attribute{known == kAttributes.end() ? oid : std::string(known->label), std::move(text)};
}

void keep_first(const Attribute& attribute, std::string_view label, std::string& into, bool& seen) {
    if (attribute.label != label || seen) return;
    into = attribute.text;
    seen = true;
}

}  // namespace

Result<ReadName> read_name(ByteView der) {
    DerReader parts(TRY(whole_element(der, DerTag::sequence)).content);
    ReadName out;
    std::array<bool, 3> seen{};
    for (std::size_t count = 0; !parts.at_end();) {
        DerReader set = TRY(parts.enter(DerTag::set));
        if (set.at_end()) return malformed_name("has an empty part");
        std::string together;
        for (; !set.at_end(); ++count) {
            if (count == kMaxAttributes) return malformed_name("has more than 32 parts");
            const Attribute attribute = TRY(read_attribute(set));
            keep_first(attribute, "CN", out.name.common_name, seen[0]);
            keep_first(attribute, "O", out.name.organization, seen[1]);
            keep_first(attribute, "OU", out.name.organizational_unit, seen[2]);
            together += fmt::format("{}{}={}", together.empty() ? "" : "+", attribute.label, escaped(attribute.text));
        }
        out.text = out.text.empty() ? together : together + "," + out.text;
    }
    return out;
}

Status read_alternative_names(ByteView value, std::vector<std::string>& dns, std::vector<std::string>& addresses) {
    DerReader in(TRY(whole_element(value, DerTag::sequence)).content);
    if (in.at_end()) return malformed_name("has no alternative, though it should");
    while (!in.at_end()) {
        const DerElement name = TRY(in.any());
        if ((name.tag & 0xc0) != 0x80 || (name.tag & 0x1f) > 8) return malformed_name("is of an unknown kind");
        if (name.tag == DerTag::context(2)) {
            if (!is_ascii(name.content) || has_controls(name.content)) return malformed_name("of a host is not ASCII");
            dns.emplace_back(as_text(name.content));
        }
        if (name.tag != DerTag::context(7)) continue;
        std::array<char, INET6_ADDRSTRLEN> text{};
        const int family = name.content.size() == 4 ? AF_INET : AF_INET6;
        if (name.content.size() != 4 && name.content.size() != 16) continue;
        if (inet_ntop(family, name.content.data(), text.data(), text.size()) != nullptr) {
            addresses.emplace_back(text.data());
        }
    }
    return {};
}

Result<std::string> read_serial(DerReader& from) {
    const ByteView magnitude = TRY(from.unsigned_integer());
    if (magnitude.size() > kMaxSerialBytes) {
        return fail(Code::certificate_malformed, "a serial number of {} bytes; 20 are allowed", magnitude.size());
    }
    return magnitude.empty() ? "00" : to_hex(magnitude);
}

}  // namespace tally::crypto
