#include "gateway/xml/writer.h"

#include "crypto/error.h"

namespace tally::gateway::xml {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";  // U+FFFD

// How a byte is written; empty: as it is.
std::string_view escape_of(char c) {
    switch (c) {
        case '&': return "&amp;";
        case '<': return "&lt;";
        case '>': return "&gt;";
        case '"': return "&quot;";
        case '\'': return "&#39;";
        case '\r': return "&#13;";  // a reader would make it a newline
        case '\t':
        case '\n': return {};
        default: return static_cast<unsigned char>(c) < 0x20 ? kReplacement : std::string_view();
    }
}

}  // namespace

void append_escaped(std::string& to, std::string_view text) {
    std::size_t begin = 0;  // of what is not written yet
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool no_character = text[i] == '\xef' && (text.substr(i).starts_with("\xef\xbf\xbe") ||
                                                        text.substr(i).starts_with("\xef\xbf\xbf"));
        const auto escape = no_character ? kReplacement : escape_of(text[i]);
        if (escape.empty()) continue;
        to.append(text.substr(begin, i - begin));
        to.append(escape);
        if (no_character) i += 2;
        begin = i + 1;
    }
    to.append(text.substr(begin));
}

Writer::Writer(std::size_t reserve) {
    out_.reserve(reserve);
    out_ += "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
}

void Writer::begin(std::string_view name, std::initializer_list<Attribute> attributes) {
    out_.append(2 * open_.size(), ' ');
    out_ += '<';
    out_ += name;
    for (const auto& attribute : attributes) {
        out_ += ' ';
        out_ += attribute.name;
        out_ += "=\"";
        append_escaped(out_, attribute.value);
        out_ += '"';
    }
    out_ += '>';
}

void Writer::open(std::string_view name, std::initializer_list<Attribute> attributes) {
    begin(name, attributes);
    out_ += '\n';
    open_.push_back(name);
}

void Writer::close() {
    TALLY_INVARIANT(!open_.empty(), "an element is closed that was not opened");
    const auto name = open_.back();
    open_.pop_back();
    out_.append(2 * open_.size(), ' ');
    out_ += "</";
    out_ += name;
    out_ += ">\n";
}

void Writer::leaf(std::string_view name, std::string_view text, std::initializer_list<Attribute> attributes) {
    begin(name, attributes);
    append_escaped(out_, text);
    out_ += "</";
    out_ += name;
    out_ += ">\n";
}

std::string Writer::finish() && {
    TALLY_INVARIANT(open_.empty(), "an element was not closed");
    return std::move(out_);
}

}  // namespace tally::gateway::xml
