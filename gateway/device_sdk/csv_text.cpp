#include "gateway/device_sdk/csv_text.h"

#include <array>
#include <cstdint>

namespace tally::gateway::device_sdk {
namespace {

constexpr std::string_view kMark8 = "\xef\xbb\xbf";
constexpr std::string_view kMark16le = "\xff\xfe";
constexpr std::string_view kMark16be = "\xfe\xff";

// Bytes 0x80 to 0x9f of Windows-1252 (WHATWG Encoding Standard, index windows-1252); 0: none.
constexpr std::array<std::uint16_t, 32> kWindows1252 = {0x20ac, 0,      0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021,
                                                        0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0,      0x017d, 0,
                                                        0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
                                                        0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0,      0x017e, 0x0178};

std::uint8_t byte_at(std::string_view bytes, std::size_t at) { return static_cast<std::uint8_t>(bytes[at]); }

void append_utf8(std::string& out, std::uint32_t character) {
    const auto put = [&](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
    if (character < 0x80) {
        put(character);
    } else if (character < 0x800) {
        put(0xc0 | character >> 6);
        put(0x80 | (character & 0x3f));
    } else if (character < 0x10000) {
        put(0xe0 | character >> 12);
        put(0x80 | (character >> 6 & 0x3f));
        put(0x80 | (character & 0x3f));
    } else {
        put(0xf0 | character >> 18);
        put(0x80 | (character >> 12 & 0x3f));
        put(0x80 | (character >> 6 & 0x3f));
        put(0x80 | (character & 0x3f));
    }
}

// The first byte that is no UTF-8 (RFC 3629: no overlong form, no surrogate, at most U+10FFFF); npos: none.
std::size_t find_not_utf8(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
        const auto lead = byte_at(text, i);
        if (lead < 0x80) {
            ++i;
            continue;
        }
        const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
        if (lead < 0xc2 || lead > 0xf4 || text.size() - i < length) return i;
        const auto second = byte_at(text, i + 1);
        const auto least = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
        const auto most = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
        if (second < least || second > most) return i;
        for (std::size_t k = 2; k < length; ++k) {
            if ((byte_at(text, i + k) & 0xc0) != 0x80) return i;
        }
        i += length;
    }
    return std::string_view::npos;
}

Result<std::string> from_utf16(std::string_view bytes, bool little) {
    if (bytes.size() % 2 != 0)
        return fail(Code::malformed, "the file is UTF-16 and has an odd number of bytes: a part of it is missing");
    const auto unit = [&](std::size_t at) -> std::uint32_t {
        const auto a = byte_at(bytes, at), b = byte_at(bytes, at + 1);
        return little ? a | b << 8 : a << 8 | b;
    };
    std::string out;
    out.reserve(bytes.size() / 2);
    for (std::size_t i = 0; i < bytes.size(); i += 2) {
        auto character = unit(i);
        if (character >= 0xd800 && character < 0xe000) {
            const auto next = i + 2 < bytes.size() ? unit(i + 2) : 0;
            if (character >= 0xdc00 || next < 0xdc00 || next >= 0xe000)
                return fail(Code::malformed, "byte {}: half a character of UTF-16", i + 1);
            character = 0x10000 + ((character & 0x3ff) << 10 | (next & 0x3ff));
            i += 2;
        }
        append_utf8(out, character);
    }
    return out;
}

Result<std::string> from_windows_1252(std::string_view bytes) {
    std::string out;
    out.reserve(bytes.size() + bytes.size() / 16);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const std::uint32_t byte = byte_at(bytes, i);
        const std::uint32_t character = byte >= 0x80 && byte < 0xa0 ? kWindows1252[byte - 0x80] : byte;
        if (character == 0 && byte != 0) {
            return fail(Code::malformed,
                        "byte {} (0x{:02x}) is neither UTF-8 nor Windows-1252; convert the file to UTF-8", i + 1, byte);
        }
        append_utf8(out, character);
    }
    return out;
}

// UTF-16 without a mark shows in its first characters: those of a header are ASCII, so every second byte is zero.
std::optional<CsvEncoding> utf16_without_mark(std::string_view bytes) {
    constexpr std::size_t kLook = 16;
    if (bytes.size() < 4) return std::nullopt;
    std::size_t even = 0, odd = 0, pairs = 0;
    for (std::size_t i = 0; i + 1 < bytes.size() && pairs < kLook; i += 2, ++pairs) {
        even += bytes[i] == '\0' ? 1 : 0;
        odd += bytes[i + 1] == '\0' ? 1 : 0;
    }
    if (odd == pairs && even == 0) return CsvEncoding::utf16le;
    if (even == pairs && odd == 0) return CsvEncoding::utf16be;
    return std::nullopt;
}

std::pair<CsvEncoding, std::string_view> find_encoding(std::string_view bytes) {
    if (bytes.starts_with(kMark8)) return {CsvEncoding::utf8, "its byte order mark"};
    if (bytes.starts_with(kMark16le)) return {CsvEncoding::utf16le, "its byte order mark"};
    if (bytes.starts_with(kMark16be)) return {CsvEncoding::utf16be, "its byte order mark"};
    if (const auto found = utf16_without_mark(bytes)) return {*found, "every second byte is zero"};
    if (find_not_utf8(bytes) == std::string_view::npos) return {CsvEncoding::utf8, "all of it is valid"};
    return {CsvEncoding::cp1252, "it is no UTF-8"};
}

}  // namespace

std::string_view encoding_name(CsvEncoding encoding) {
    switch (encoding) {
        case CsvEncoding::automatic: return "auto";
        case CsvEncoding::utf8: return "utf-8";
        case CsvEncoding::utf16le: return "utf-16le";
        case CsvEncoding::utf16be: return "utf-16be";
        case CsvEncoding::cp1252: return "cp1252";
    }
    return "";
}

Result<CsvText> CsvText::decode(std::string_view bytes, CsvEncoding encoding) {
    CsvText out;
    std::tie(out.encoding_, out.reason_) = encoding == CsvEncoding::automatic
                                               ? find_encoding(bytes)
                                               : std::pair(encoding, std::string_view("it is given"));
    switch (out.encoding_) {
        case CsvEncoding::automatic:
        case CsvEncoding::utf8: {
            if (const auto at = find_not_utf8(bytes); at != std::string_view::npos)
                return fail(Code::malformed, "byte {} is no UTF-8; if the file is Windows-1252, say --encoding cp1252",
                            at + 1);
            out.borrowed_ = bytes.starts_with(kMark8) ? bytes.substr(kMark8.size()) : bytes;
            if (out.borrowed_.data() == nullptr) out.borrowed_ = "";
            break;
        }
        case CsvEncoding::utf16le:
            out.converted_ = TRY(from_utf16(bytes.substr(bytes.starts_with(kMark16le) ? 2 : 0), true));
            break;
        case CsvEncoding::utf16be:
            out.converted_ = TRY(from_utf16(bytes.substr(bytes.starts_with(kMark16be) ? 2 : 0), false));
            break;
        case CsvEncoding::cp1252: out.converted_ = TRY(from_windows_1252(bytes)); break;
    }
    if (out.text().find('\0') != std::string_view::npos)
        return fail(Code::malformed, "the file holds zero bytes: it is no text, or UTF-16 that is damaged");
    return out;
}

}  // namespace tally::gateway::device_sdk
