#include "gateway/http/message.h"

#include <algorithm>

namespace tally::gateway {

namespace {

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

// "q=0", "q=0.0", "q=0.000": not acceptable.
bool refuses(std::string_view parameters) {
    const auto q = parameters.find("q=");
    if (q == std::string_view::npos) return false;
    const auto value = trimmed(parameters.substr(q + 2, parameters.find(';', q) - q - 2));
    return !value.empty() && value.find_first_not_of("0.") == std::string_view::npos;
}

}  // namespace

std::string_view method_name(Method method) {
    switch (method) {
        case Method::get: return "GET";
        case Method::head: return "HEAD";
        case Method::post: return "POST";
        case Method::put: return "PUT";
        case Method::patch: return "PATCH";
        case Method::delete_: return "DELETE";
        case Method::options: return "OPTIONS";
        case Method::other: return "OTHER";
    }
    return "OTHER";
}

std::string media_type(std::string_view content_type) {
    std::string type(trimmed(content_type.substr(0, content_type.find(';'))));
    std::transform(type.begin(), type.end(), type.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return type;
}

bool accepts(std::string_view accept, std::string_view type) {
    if (trimmed(accept).empty()) return true;
    const auto family = std::string(type.substr(0, type.find('/'))) + "/*";
    while (!accept.empty()) {
        const auto comma = accept.find(',');
        const auto entry = accept.substr(0, comma);
        accept = comma == std::string_view::npos ? std::string_view() : accept.substr(comma + 1);
        const auto range = media_type(entry);
        const bool matches = range == type || range == family || range == "*/*";
        if (matches && !refuses(entry.substr(std::min(entry.size(), entry.find(';'))))) return true;
    }
    return false;
}

}  // namespace tally::gateway
