#include "crypto/printable.h"

#include <fmt/format.h>

#include <cstdint>

#include "crypto/utf8.h"

namespace tally {
namespace {

bool is_plain(std::uint32_t c) {
    const bool control = c < 0x20 || (c >= 0x7F && c <= 0x9F);
    const bool direction =
        c == 0x061C || c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
    const bool separator = c == 0x2028 || c == 0x2029;
    return !control && !direction && !separator && c != 0xFEFF;
}

}  // namespace

std::string printable(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const auto [value, bytes] = first_code_point(text);
        if (bytes == 0) {
            out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[0]));
        } else if (is_plain(value)) {
            out += text.substr(0, bytes);
        } else if (value == '\n') {
            out += "\\n";
        } else {
            out += value < 0x100 ? fmt::format("\\x{:02x}", value) : fmt::format("\\u{:04x}", value);
        }
        text.remove_prefix(bytes == 0 ? 1 : bytes);
    }
    return out;
}

}  // namespace tally
