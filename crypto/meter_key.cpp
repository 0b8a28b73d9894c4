#include "crypto/meter_key.h"

#include <algorithm>
#include <array>

#include "crypto/der.h"
#include "crypto/pem.h"
#include "crypto/printable.h"

namespace tally::crypto {
namespace {

struct NamedObject {
    std::string_view identifier;  // the DER content of the OBJECT IDENTIFIER, hex
    std::string_view name;
};

constexpr std::string_view kEcPublicKey = "2a8648ce3d0201";
constexpr std::string_view kP256 = "2a8648ce3d030107";

constexpr std::array kCurves = {
    NamedObject{"2a8648ce3d030101", "secp192r1"},
    NamedObject{"2b8104001f", "secp192k1"},
    NamedObject{"2b81040020", "secp224k1"},
    NamedObject{"2b81040021", "secp224r1"},
    NamedObject{"2b8104000a", "secp256k1"},
    NamedObject{"2b81040022", "secp384r1"},
    NamedObject{"2b81040023", "secp521r1"},
    NamedObject{"2b2403030208010103", "brainpoolP192r1"},
    NamedObject{"2b2403030208010105", "brainpoolP224r1"},
    NamedObject{"2b2403030208010107", "brainpoolP256r1"},
    NamedObject{"2b2403030208010108", "brainpoolP256t1"},
    NamedObject{"2b2403030208010109", "brainpoolP320r1"},
    NamedObject{"2b240303020801010b", "brainpoolP384r1"},
    NamedObject{"2b240303020801010c", "brainpoolP384t1"},
    NamedObject{"2b240303020801010d", "brainpoolP512r1"},
};
constexpr std::array kAlgorithms = {
    NamedObject{"2a864886f70d010101", "RSA"},
    NamedObject{"2b6570", "Ed25519"},
    NamedObject{"2b6571", "Ed448"},
};

std::string name_in(std::span<const NamedObject> objects, std::string_view identifier) {
    const auto found = std::ranges::find(objects, identifier, &NamedObject::identifier);
    if (found != objects.end()) return std::string(found->name);
    return fmt::format("the object identifier {}", identifier);
}

std::unexpected<Error> unsupported(std::string_view what) {
    return fail(Code::unsupported, "the key is on the curve {}; only secp256r1 (P-256) is verified", what);
}

// The point of a SubjectPublicKeyInfo on P-256.
Result<ByteView> point_of(ByteView spki) {
    DerReader info(TRY(whole_element(spki, DerTag::sequence)).content);
    DerReader algorithm = TRY(info.enter(DerTag::sequence));
    const auto kind = to_hex(TRY(algorithm.element(DerTag::object_identifier)).content);
    if (kind != kEcPublicKey)
        return fail(Code::unsupported, "the key is one for {}; only ECDSA on secp256r1 (P-256) is verified",
                    name_in(kAlgorithms, kind));
    if (algorithm.next_is(DerTag::sequence)) return unsupported("that its parameters spell out");
    const auto curve = to_hex(TRY(algorithm.element(DerTag::object_identifier)).content);
    if (curve != kP256) return unsupported(name_in(kCurves, curve));
    TRY(algorithm.end());
    const ByteView point = TRY(info.bit_string());
    TRY(info.end());
    return point;
}

Result<PublicKey> from_spki(ByteView spki) {
    const auto point = point_of(spki);
    if (point) return PublicKey::from_raw(Algorithm::p256, *point);
    if (point.error().code == Code::unsupported) return std::unexpected(point.error());
    return fail(Code::bad_key, "the key is no SubjectPublicKeyInfo: {}", point.error().message);
}

// Of a point without the name of its curve.
std::string_view curve_of_size(std::size_t bytes) {
    switch (bytes) {
        case 24: return "secp192r1, or another one of 192 bits";
        case 28: return "secp224r1, or another one of 224 bits";
        case 48: return "secp384r1, or another one of 384 bits";
        case 64: return "brainpoolP512r1";
        case 66: return "secp521r1";
        default: return {};
    }
}

Result<PublicKey> from_bytes(ByteView bytes) {
    if (bytes.empty()) return fail(Code::bad_key, "the public key is empty");
    if (bytes.size() == 64) {
        Bytes point{4};
        append(point, bytes);
        return PublicKey::from_raw(Algorithm::p256, point);
    }
    if (bytes.size() == 65 || bytes.size() == 33) return PublicKey::from_raw(Algorithm::p256, bytes);
    if (bytes.front() == DerTag::sequence) return from_spki(bytes);
    const auto coordinates = bytes.size() % 2 == 1 && bytes.front() == 4 ? bytes.size() - 1 : bytes.size();
    if (const auto curve = curve_of_size(coordinates / 2); coordinates % 2 == 0 && !curve.empty())
        return unsupported(curve);
    return fail(Code::bad_key, "a key of {} bytes is no SubjectPublicKeyInfo and no point of P-256", bytes.size());
}

std::string without_space(std::string_view text) {
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    std::string out(text);
    std::erase_if(out, [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; });
    return out;
}

// The content of the element at the front of `rest`, which is advanced past it.
Result<ByteView> take_element(ByteView& rest, std::uint8_t tag) {
    const auto refuse = [] { return fail(Code::bad_signature, "the signature is neither 64 bytes nor DER"); };
    if (rest.size() < 2 || rest[0] != tag) return refuse();
    std::size_t header = 2, size = rest[1];
    if (size >= 0x80) {
        const std::size_t more = size & 0x7f;
        if (more == 0 || more > 2 || rest.size() < 2 + more) return refuse();
        header += more;
        size = 0;
        for (const auto byte : rest.subspan(2, more)) size = size << 8 | byte;
    }
    if (size > rest.size() - header) return refuse();
    const auto content = rest.subspan(header, size);
    rest = rest.subspan(header + size);
    return content;
}

// The number at the front of `rest`, which is advanced past it: 32 bytes, big-endian.
Result<std::array<std::uint8_t, 32>> take_number(ByteView& rest, std::string_view name) {
    auto number = TRY(take_element(rest, DerTag::integer));
    while (!number.empty() && number.front() == 0) number = number.subspan(1);
    std::array<std::uint8_t, 32> out{};
    if (number.empty()) return fail(Code::bad_signature, "the signature's {} is zero", name);
    if (number.size() > out.size())
        return fail(Code::bad_signature, "the signature's {} has {} bytes; on P-256 it has 32", name, number.size());
    std::ranges::copy(number, out.end() - static_cast<std::ptrdiff_t>(number.size()));
    return out;
}

}  // namespace

Result<PublicKey> meter_key_from(std::string_view text) {
    if (text.size() > kMaxKeyText)
        return fail(Code::bad_key, "a public key of {} characters; {} are allowed", text.size(), kMaxKeyText);
    if (text.find("-----BEGIN") != std::string_view::npos) {
        const auto der = decode_pem(text, "PUBLIC KEY");
        if (!der) return fail(Code::bad_key, "the public key cannot be read: {}", der.error().message);
        return from_spki(*der);
    }
    const auto compact = without_space(text);
    if (const auto bytes = from_hex(compact)) return from_bytes(*bytes);
    if (const auto bytes = from_base64(compact)) return from_bytes(*bytes);
    return fail(Code::bad_key, "the public key \"{}\" is neither PEM nor hexadecimal nor base64",
                printable(std::string_view(compact).substr(0, 32)));
}

Result<Bytes> meter_signature_from(ByteView bytes) {
    if (bytes.size() == kSignatureBytes) return to_bytes(bytes);
    auto rest = bytes;
    auto numbers = TRY(take_element(rest, DerTag::sequence));
    Bytes out;
    for (const std::string_view name : {"r", "s"}) append(out, TRY(take_number(numbers, name)));
    if (!rest.empty() || !numbers.empty()) return fail(Code::bad_signature, "bytes follow the signature's numbers");
    return out;
}

}  // namespace tally::crypto
