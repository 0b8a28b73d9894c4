#include "gateway/http/target.h"

#include <boost/url/encode.hpp>
#include <boost/url/encoding_opts.hpp>
#include <boost/url/pct_string_view.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>
#include <cstdint>

#include "crypto/utf8.h"

namespace tally::gateway {

namespace {

Status percent_decode(std::string_view text, bool plus_is_space, std::string& out) {
    const auto escaped = boost::urls::make_pct_string_view(text);
    if (!escaped) return fail(Code::malformed, "the request target has a broken percent escape");
    boost::urls::encoding_opts options;
    options.space_as_plus = plus_is_space;
    out = escaped->decode(options);
    for (const char c : out) {
        const auto byte = static_cast<std::uint8_t>(c);
        if (byte < 0x20 || byte == 0x7f) return fail(Code::malformed, "the request target has a control character");
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

}  // namespace

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

std::string percent_encode(std::string_view text) { return boost::urls::encode(text, boost::urls::unreserved_chars); }

}  // namespace tally::gateway
