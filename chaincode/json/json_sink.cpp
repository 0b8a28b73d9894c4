#include "chaincode/json/json_sink.h"

#include <boost/json.hpp>
#include <utility>

namespace tally::chaincode {

namespace json = boost::json;

void JsonSink::string(std::string_view text) {
    raw('"');
    std::size_t from = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        if (c >= 0x20 && c != '"' && c != '\\') continue;
        raw(text.substr(from, i - from));
        from = i + 1;
        switch (c) {
            case '"': raw("\\\""); break;
            case '\\': raw("\\\\"); break;
            case '\b': raw("\\b"); break;
            case '\f': raw("\\f"); break;
            case '\n': raw("\\n"); break;
            case '\r': raw("\\r"); break;
            case '\t': raw("\\t"); break;
            default: raw(fmt::format("\\u{:04x}", c)); break;
        }
    }
    raw(text.substr(from));
    raw('"');
}

void JsonSink::value(const json::value& value) {
    if (full()) return;
    switch (value.kind()) {
        case json::kind::null: return raw("null");
        case json::kind::bool_: return raw(value.get_bool() ? "true" : "false");
        case json::kind::int64: return integer(value.get_int64());
        case json::kind::uint64: return integer(value.get_uint64());
        case json::kind::double_: return raw(json::serialize(value));  // in reports alone, never in a contract
        case json::kind::string: return string(value.get_string());
        case json::kind::array: {
            const char* before = "[";
            for (const auto& each : value.get_array()) {
                raw(std::exchange(before, ","));
                this->value(each);
            }
            return raw(value.get_array().empty() ? "[]" : "]");
        }
        case json::kind::object: {
            const char* before = "{";
            for (const auto& [name, each] : value.get_object()) {
                raw(std::exchange(before, ","));
                string(name);
                raw(":");
                this->value(each);
            }
            return raw(value.get_object().empty() ? "{}" : "}");
        }
    }
}

}  // namespace tally::chaincode
