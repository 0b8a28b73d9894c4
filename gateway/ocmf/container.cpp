#include "gateway/ocmf/container.h"

#include <algorithm>

#include "chaincode/records/ocmf_record.h"
#include "crypto/bytes.h"
#include "crypto/printable.h"
#include "crypto/utf8.h"
#include "gateway/xml/reader.h"

namespace tally::gateway::ocmf {
namespace {

// Of a file that says it is in ISO-8859-1: the same in UTF-8, without the declaration that says so. Everything else
// comes back as it is. Containers of transparency software say so by habit.
std::string as_utf8(std::string text) {
    const auto end = text.find("?>");
    if (!text.starts_with("<?xml") || end == std::string::npos) return text;
    std::string declaration = text.substr(0, end);
    for (char& c : declaration) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if (declaration.find("iso-8859-1") == std::string::npos) return text;
    if (is_utf8(text)) return text.substr(end + 2);  // it is ASCII, or the declaration is wrong
    std::string out;
    out.reserve(text.size() + text.size() / 8);
    for (const char c : std::string_view(text).substr(end + 2)) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x80) {
            out += c;
        } else {
            out += static_cast<char>(0xc0 | byte >> 6);
            out += static_cast<char>(0x80 | (byte & 0x3f));
        }
    }
    return out;
}

std::string without_white(std::string text) {
    std::erase_if(text, [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; });
    return text;
}

// What the element's text stands for.
Result<std::string> decoded(const xml::Element& element) {
    auto text = TRY(element.text());
    const auto encoding = element.attribute("encoding");
    if (encoding.empty() || encoding == "plain") return text;
    if (encoding != "hex" && encoding != "base64")
        return element.refuse(
            fmt::format("the encoding is \"{}\"; it must be plain, hex or base64", printable(encoding.substr(0, 32))));
    text = without_white(std::move(text));
    const auto bytes = encoding == "hex" ? from_hex(text) : from_base64(text);
    if (!bytes) return element.refuse(fmt::format("it is not {}, as its encoding says", encoding));
    return std::string(as_text(*bytes));
}

// Of a key, `hex` and `base64` are how the text is written, whatever the encoding says: the text is kept.
Result<std::string> key_of(const xml::Element& value) {
    const auto element = TRY(value.child("publicKey"));
    if (!element) return std::string();
    return element->text();
}

Result<Entry> entry_of(const xml::Element& value) {
    const auto data = TRY(value.needed("signedData"));
    const auto format = data.attribute("format");
    if (!format.empty() && format != "OCMF")
        return fail(Code::unsupported, "the format is {}; only OCMF is read", printable(format.substr(0, 32)));
    return Entry{
        {}, value.attribute("transactionId"), value.attribute("context"), TRY(decoded(data)), TRY(key_of(value))};
}

Result<std::vector<Entry>> entries_of_xml(std::string text) {
    const auto file = TRY(xml::File::read(as_utf8(std::move(text))));
    std::vector<Entry> out;
    for (const auto& root : file.roots()) {
        if (root.name() != "values") return root.refuse("the outermost element must be \"values\"");
        for (const auto& value : root.children("value")) {
            auto entry = entry_of(value);
            if (!entry) return std::unexpected(entry.error().within(fmt::format("value {}", out.size() + 1)));
            if (out.size() == kMaxRecords) return fail(Code::too_large, "more than {} values", kMaxRecords);
            entry->place = fmt::format("value {}", out.size() + 1);
            out.push_back(std::move(*entry));
        }
    }
    if (out.empty()) return fail(Code::malformed, "the file has no \"value\" with a signed record");
    return out;
}

Result<std::vector<Entry>> entries_of_text(const std::string& text) {
    std::vector<Entry> out;
    const auto records = TRY(chaincode::split_ocmf(text));
    if (records.size() > kMaxRecords) return fail(Code::too_large, "more than {} records", kMaxRecords);
    for (const auto record : records)
        out.push_back({fmt::format("record {}", out.size() + 1), {}, {}, std::string(record), {}});
    return out;
}

}  // namespace

Result<std::vector<Entry>> read_entries(std::string text) {
    if (text.size() > xml::kMaxBytes)
        return fail(Code::too_large, "a file of {} bytes; {} are allowed", text.size(), xml::kMaxBytes);
    auto start = std::string_view(text);
    if (start.starts_with("\xef\xbb\xbf")) start.remove_prefix(3);
    start.remove_prefix(std::min(start.find_first_not_of(" \t\r\n"), start.size()));
    if (start.empty()) return fail(Code::malformed, "the file is empty");
    auto out = TRY(start.starts_with('<') ? entries_of_xml(std::move(text)) : entries_of_text(text));
    if (out.size() == 1) out.front().place.clear();
    return out;
}

}  // namespace tally::gateway::ocmf
