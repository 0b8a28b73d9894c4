#include "gateway/http/target.h"

#include <cstdint>

namespace tally::gateway {

namespace {

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

Status percent_decode(std::string_view text, bool plus_is_space, std::string& out) {
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        char c = text[i];
        if (c == '+' && plus_is_space) {
            c = ' ';
        } else if (c == '%') {
            const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
            const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
            if (high < 0 || low < 0) return fail(Code::malformed, "the request target has a broken percent escape");
            c = static_cast<char>(high * 16 + low);
            i += 2;
        }
        const auto byte = static_cast<std::uint8_t>(c);
        if (byte < 0x20 || byte == 0x7f) return fail(Code::malformed, "the request target has a control character");
        out.push_back(c);
    }
    if (!is_utf8(out)) return fail(Code::malformed, "the request target is not UTF-8");
    return {};
}

Status parse_path(std::string_view path, Target& target) {
    if (path.empty() || path.front() != '/') return fail(Code::malformed, "the request target must begin with \"/\"");
    path.remove_prefix(1);
    if (path.empty()) return {};
    while (true) {
        if (target.segments.size() == kMaxSegments) {
            return fail(Code::malformed, "the path has more than {} segments", kMaxSegments);
        }
        const auto slash = path.find('/');
        auto& segment = target.segments.emplace_back();
        TRY(percent_decode(path.substr(0, slash), false, segment));
        if (segment == "." || segment == "..")
            return fail(Code::malformed, "the path must not have \".\" or \"..\" segments");
        if (slash == std::string_view::npos) return {};
        path.remove_prefix(slash + 1);
    }
}

Status parse_query(std::string_view query, Target& target) {
    while (!query.empty()) {
        const auto end = query.find('&');
        const auto pair = query.substr(0, end);
        query = end == std::string_view::npos ? std::string_view() : query.substr(end + 1);
        if (pair.empty()) continue;
        if (target.query.size() == kMaxQueryParameters) {
            return fail(Code::malformed, "the query has more than {} parameters", kMaxQueryParameters);
        }
        const auto equals = pair.find('=');
        auto& [name, value] = target.query.emplace_back();
        TRY(percent_decode(pair.substr(0, equals), true, name));
        if (equals != std::string_view::npos) TRY(percent_decode(pair.substr(equals + 1), true, value));
    }
    return {};
}

// How many bytes the UTF-8 character at the front of `text` takes; 0 when it is none.
std::size_t character_length(std::string_view text) {
    const auto at = [&](std::size_t i) -> unsigned { return i < text.size() ? static_cast<std::uint8_t>(text[i]) : 0; };
    const auto continues = [&](std::size_t i, unsigned low = 0x80, unsigned high = 0xbf) {
        return at(i) >= low && at(i) <= high;
    };
    const unsigned lead = at(0);
    if (lead < 0x80) return 1;
    if (lead >= 0xc2 && lead <= 0xdf) return continues(1) ? 2 : 0;
    if (lead >= 0xe0 && lead <= 0xef) {
        return continues(1, lead == 0xe0 ? 0xa0 : 0x80, lead == 0xed ? 0x9f : 0xbf) && continues(2) ? 3 : 0;
    }
    if (lead >= 0xf0 && lead <= 0xf4) {
        const bool second = continues(1, lead == 0xf0 ? 0x90 : 0x80, lead == 0xf4 ? 0x8f : 0xbf);
        return second && continues(2) && continues(3) ? 4 : 0;
    }
    return 0;
}

}  // namespace

const std::string* Target::find(std::string_view name) const {
    for (const auto& [key, value] : query) {
        if (key == name) return &value;
    }
    return nullptr;
}

Result<Target> parse_target(std::string_view text) {
    Target target;
    if (text == "*") return target;
    for (const std::string_view scheme : {"https://", "http://"}) {
        if (!text.starts_with(scheme)) continue;
        text.remove_prefix(scheme.size());
        const auto path = text.find_first_of("/?");
        if (path == 0) return fail(Code::malformed, "the request target names no host");
        text = path == std::string_view::npos ? std::string_view("/") : text.substr(path);
        break;
    }
    if (text.find('#') != std::string_view::npos) return fail(Code::malformed, "the request target has a fragment");
    const auto question = text.find('?');
    TRY(parse_path(text.substr(0, question), target));
    if (question != std::string_view::npos) TRY(parse_query(text.substr(question + 1), target));
    return target;
}

std::string percent_encode(std::string_view text) {
    static constexpr std::string_view kUnreserved =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    std::string out;
    for (const char c : text) {
        if (kUnreserved.find(c) != std::string_view::npos) {
            out.push_back(c);
        } else {
            out += fmt::format("%{:02X}", static_cast<std::uint8_t>(c));
        }
    }
    return out;
}

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        const auto length = character_length(text);
        if (length == 0) return false;
        text.remove_prefix(length);
    }
    return true;
}

}  // namespace tally::gateway
