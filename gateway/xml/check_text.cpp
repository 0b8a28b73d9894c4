// One pass over the text before the parser gets it. The parser (pugixml) is lenient: it takes bytes that are no UTF-8,
// leaves unknown entities as they are, ends a text at a reference to NUL, and spends 64 bytes on each element.

#include <algorithm>
#include <array>

#include "crypto/utf8.h"
#include "gateway/xml/reader.h"

namespace tally::gateway::xml {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

Status check_encoding(std::string_view text) {
    for (const auto mark : {"\xff\xfe", "\xfe\xff"}) {
        if (text.starts_with(mark))
            return fail(Code::unsupported,
                        "the file is UTF-16 (it begins with a byte order mark of it); save it as UTF-8");
    }
    if (text.find('\0') != std::string_view::npos)
        return fail(Code::unsupported, "the file has zero bytes: it is UTF-16, UTF-32 or no text; save it as UTF-8");
    if (!is_utf8(text))
        return fail(Code::unsupported, "the file is not UTF-8 (it may be ISO 8859-1); save it as UTF-8");
    return {};
}

// Whether a reference between & and ; stands for a character that XML 1.0 allows.
bool is_reference(std::string_view name) {
    static constexpr auto kNamed = std::to_array<std::string_view>({"amp", "lt", "gt", "quot", "apos"});
    if (std::ranges::find(kNamed, name) != kNamed.end()) return true;
    if (!name.starts_with('#')) return false;
    const bool hex = name.starts_with("#x");
    const auto digits = name.substr(hex ? 2 : 1);
    if (digits.empty() || digits.size() > 8) return false;
    std::uint32_t value = 0;
    for (const char c : digits) {
        const auto digit = c >= '0' && c <= '9'          ? c - '0'
                           : hex && c >= 'a' && c <= 'f' ? c - 'a' + 10
                           : hex && c >= 'A' && c <= 'F' ? c - 'A' + 10
                                                         : -1;
        if (digit < 0 || value > 0x10ffff) return false;
        value = value * (hex ? 16 : 10) + static_cast<std::uint32_t>(digit);
    }
    return value == 9 || value == 10 || value == 13 || (value >= 0x20 && value < 0xd800) ||
           (value >= 0xe000 && value < 0xfffe) || (value >= 0x10000 && value <= 0x10ffff);
}

class Scan {
  public:
    explicit Scan(std::string_view text) : text_(text) {}

    Status run() {
        while (at_ < text_.size()) {
            if (text_[at_] == '&') {
                TRY(reference());
            } else if (text_[at_] == '<') {
                TRY(markup());
            } else {
                ++at_;
            }
        }
        return {};
    }

  private:
    template <class... Args>
    std::unexpected<Error> refuse(Code code, fmt::format_string<Args...> format, Args&&... args) const {
        const auto line = 1 + std::ranges::count(text_.substr(0, at_), '\n');
        return std::unexpected(
            Error{code, fmt::format("line {}: {}", line, fmt::format(format, std::forward<Args>(args)...))});
    }

    Status reference() {
        const auto end = text_.substr(at_, 12).find(';');
        const auto name = end == std::string_view::npos ? text_.substr(at_, 12) : text_.substr(at_ + 1, end - 1);
        if (end == std::string_view::npos || !is_reference(name))
            return refuse(Code::malformed, "\"{}\" is no reference to a character of XML", text_.substr(at_, 12));
        at_ += end + 1;
        return {};
    }

    // Comments, processing instructions and CDATA have an end of their own; a tag may have '>' in quotes.
    Status markup() {
        const auto rest = text_.substr(at_);
        if (rest.starts_with("<!DOCTYPE")) return refuse(Code::unsupported, "a DOCTYPE is not accepted");
        if (rest.starts_with("<!--")) return skip(4, "-->", "a comment");
        if (rest.starts_with("<![CDATA[")) return skip(9, "]]>", "a CDATA section");
        if (rest.starts_with("<?")) return skip(2, "?>", "a processing instruction");
        if (rest.starts_with("<!")) return refuse(Code::malformed, "a declaration is not accepted");
        return tag();
    }

    Status skip(std::size_t begin, std::string_view end, std::string_view what) {
        const auto found = text_.find(end, at_ + begin);
        if (found == std::string_view::npos) return refuse(Code::malformed, "{} has no end", what);
        at_ = found + end.size();
        return {};
    }

    Status tag() {
        const bool closes = text_.substr(at_).starts_with("</");
        char quote = 0;
        for (auto i = at_ + 1; i < text_.size(); ++i) {
            const char c = text_[i];
            if (quote != 0) {
                if (c == quote) quote = 0;
            } else if (c == '"' || c == '\'') {
                quote = c;
            } else if (c == '<') {
                break;
            } else if (c == '>') {
                return count(closes, text_[i - 1] == '/', i + 1);
            }
        }
        return refuse(Code::malformed, "a tag has no end");
    }

    Status count(bool closes, bool empty, std::size_t next) {
        if (closes) {
            if (depth_ > 0) --depth_;
        } else {
            if (depth_ == kMaxDepth) return refuse(Code::too_large, "elements are nested more than {} deep", kMaxDepth);
            if (++elements_ > kMaxElements) return refuse(Code::too_large, "more than {} elements", kMaxElements);
            if (!empty) ++depth_;
        }
        // References in attributes are in the tag.
        for (auto end = next; at_ < end;) {
            const auto found = text_.substr(0, end).find('&', at_);
            if (found == std::string_view::npos) break;
            at_ = found;
            TRY(reference());
        }
        at_ = next;
        return {};
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::size_t depth_ = 0;
    std::size_t elements_ = 0;
};

// The encoding that the XML declaration names must be the one that the bytes have.
Status check_declaration(std::string_view text) {
    if (!text.starts_with("<?xml")) return {};
    const auto declaration = text.substr(0, text.find("?>"));
    const auto found = declaration.find("encoding");
    if (found == std::string_view::npos) return {};
    const auto open = declaration.find_first_of("\"'", found);
    if (open == std::string_view::npos) return {};
    std::string name(declaration.substr(open + 1, declaration.find(declaration[open], open + 1) - open - 1));
    std::ranges::transform(name, name.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    if (name == "utf-8" || name == "utf8" || name == "us-ascii") return {};
    return fail(Code::unsupported, "line 1: the file says that its encoding is {}; only UTF-8 is read", name);
}

}  // namespace

Status check_text(std::string_view text) {
    if (text.size() > kMaxBytes)
        return fail(Code::too_large, "the file has {} bytes; {} are allowed", text.size(), kMaxBytes);
    TRY(check_encoding(text));
    if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
    TRY(check_declaration(text));
    return Scan(text).run();
}

}  // namespace tally::gateway::xml
