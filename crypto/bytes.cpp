#include "crypto/bytes.h"

#include <array>
#include <cstring>

namespace tally {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::string_view kBase64Digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kBase64UrlDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::uint8_t kNoDigit = 0xff;

using DigitValues = std::array<std::uint8_t, 256>;

constexpr DigitValues values_of(std::string_view digits) {
    DigitValues values{};
    values.fill(kNoDigit);
    for (std::size_t i = 0; i < digits.size(); ++i) {
        values[static_cast<std::uint8_t>(digits[i])] = static_cast<std::uint8_t>(i);
    }
    return values;
}

constexpr DigitValues kHexValues = [] {
    DigitValues values = values_of(kHexDigits);
    for (std::uint8_t i = 0; i < 6; ++i) values['A' + i] = 10 + i;
    return values;
}();
constexpr DigitValues kBase64Values = values_of(kBase64Digits);
constexpr DigitValues kBase64UrlValues = values_of(kBase64UrlDigits);

std::string encode(ByteView bytes, std::string_view digits, bool padded) {
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    std::uint32_t pending = 0;
    unsigned bits = 0;
    for (const std::uint8_t byte : bytes) {
        pending = pending << 8 | byte;
        bits += 8;
        while (bits >= 6) {
            bits -= 6;
            text.push_back(digits[pending >> bits & 63]);
        }
    }
    if (bits > 0) text.push_back(digits[pending << (6 - bits) & 63]);
    while (padded && text.size() % 4 != 0) text.push_back('=');
    return text;
}

Result<Bytes> decode(std::string_view text, const DigitValues& values, std::string_view what) {
    if (text.size() % 4 == 1) return fail(Code::malformed, "{}: {} digits cannot be whole bytes", what, text.size());
    Bytes bytes;
    bytes.reserve(text.size() * 3 / 4);
    std::uint32_t pending = 0;
    unsigned bits = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const std::uint8_t value = values[static_cast<std::uint8_t>(text[i])];
        if (value == kNoDigit) return fail(Code::malformed, "{}: the character at {} is no digit", what, i);
        pending = pending << 6 | value;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            bytes.push_back(static_cast<std::uint8_t>(pending >> bits));
        }
    }
    if ((pending & ((1u << bits) - 1)) != 0) return fail(Code::malformed, "{}: stray bits behind the last byte", what);
    return bytes;
}

}  // namespace

bool equal(ByteView a, ByteView b) {
    return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size()) == 0);
}

std::string to_hex(ByteView bytes) {
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const std::uint8_t byte : bytes) {
        text.push_back(kHexDigits[byte >> 4]);
        text.push_back(kHexDigits[byte & 15]);
    }
    return text;
}

Result<Bytes> from_hex(std::string_view text) {
    if (text.size() % 2 != 0) return fail(Code::malformed, "hex: an odd number of digits ({})", text.size());
    Bytes bytes;
    bytes.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const std::uint8_t high = kHexValues[static_cast<std::uint8_t>(text[i])];
        const std::uint8_t low = kHexValues[static_cast<std::uint8_t>(text[i + 1])];
        if (high == kNoDigit || low == kNoDigit) {
            return fail(Code::malformed, "hex: the character at {} is no digit", high == kNoDigit ? i : i + 1);
        }
        bytes.push_back(static_cast<std::uint8_t>(high << 4 | low));
    }
    return bytes;
}

std::string to_base64(ByteView bytes) { return encode(bytes, kBase64Digits, true); }
std::string to_base64url(ByteView bytes) { return encode(bytes, kBase64UrlDigits, false); }

Result<Bytes> from_base64(std::string_view text) {
    if (text.size() % 4 != 0) return fail(Code::malformed, "base64: the length {} is no multiple of four", text.size());
    for (int padding = 0; padding < 2 && text.ends_with('='); ++padding) text.remove_suffix(1);
    return decode(text, kBase64Values, "base64");
}

Result<Bytes> from_base64url(std::string_view text) { return decode(text, kBase64UrlValues, "base64url"); }

}  // namespace tally
