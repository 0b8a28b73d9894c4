#include "chaincode/json/strict_json.h"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/value_stack.hpp>
#include <set>
#include <vector>

#include "chaincode/json/json_sink.h"

namespace tally::chaincode {
namespace {

// Builds the value and refuses what boost::json lets pass: duplicate names, and doubles unless numbers are kept as
// text.
struct StrictHandler {
    static constexpr std::size_t max_object_size = 1 << 16;
    static constexpr std::size_t max_array_size = 1 << 20;
    static constexpr std::size_t max_key_size = 1 << 10;
    static constexpr std::size_t max_string_size = 1 << 24;

    json::value_stack stack;
    std::vector<std::set<std::string, std::less<>>> names;
    std::string key;
    std::string number;  // its characters so far
    std::string refusal;
    JsonNumbers numbers = JsonNumbers::integers;

    explicit StrictHandler(JsonNumbers as) : numbers(as) {}

    bool refuse(std::string sentence, boost::system::error_code& error) {
        refusal = std::move(sentence);
        error = json::error::syntax;
        return false;
    }

    bool on_document_begin(boost::system::error_code&) { return true; }
    bool on_document_end(boost::system::error_code&) { return true; }
    bool on_object_begin(boost::system::error_code&) {
        names.emplace_back();
        return true;
    }
    bool on_object_end(std::size_t count, boost::system::error_code&) {
        names.pop_back();
        stack.push_object(count);
        return true;
    }
    bool on_array_begin(boost::system::error_code&) { return true; }
    bool on_array_end(std::size_t count, boost::system::error_code&) {
        stack.push_array(count);
        return true;
    }
    bool on_key_part(json::string_view part, std::size_t, boost::system::error_code&) {
        key.append(part.data(), part.size());
        stack.push_chars(part);
        return true;
    }
    bool on_key(json::string_view part, std::size_t, boost::system::error_code& error) {
        key.append(part.data(), part.size());
        if (!names.back().insert(key).second) return refuse(fmt::format("the name \"{}\" occurs twice", key), error);
        key.clear();
        stack.push_key(part);
        return true;
    }
    bool on_string_part(json::string_view part, std::size_t, boost::system::error_code&) {
        stack.push_chars(part);
        return true;
    }
    bool on_string(json::string_view part, std::size_t, boost::system::error_code&) {
        stack.push_string(part);
        return true;
    }
    // Whether the number was kept as text; else its value is the caller's to keep.
    bool keep_text(json::string_view part) {
        if (numbers != JsonNumbers::text) return false;
        number.append(part.data(), part.size());
        stack.push_string(number);
        number.clear();
        return true;
    }
    bool on_number_part(json::string_view part, boost::system::error_code&) {
        if (numbers == JsonNumbers::text) number.append(part.data(), part.size());
        return true;
    }
    bool on_int64(std::int64_t value, json::string_view part, boost::system::error_code&) {
        if (!keep_text(part)) stack.push_int64(value);
        return true;
    }
    bool on_uint64(std::uint64_t value, json::string_view part, boost::system::error_code&) {
        if (!keep_text(part)) stack.push_uint64(value);
        return true;
    }
    bool on_double(double, json::string_view part, boost::system::error_code& error) {
        if (keep_text(part)) return true;
        return refuse("a number is not an integer of 64 bits; write decimals as strings", error);
    }
    bool on_bool(bool value, boost::system::error_code&) {
        stack.push_bool(value);
        return true;
    }
    bool on_null(boost::system::error_code&) {
        stack.push_null();
        return true;
    }
    bool on_comment_part(json::string_view, boost::system::error_code&) { return true; }
    bool on_comment(json::string_view, boost::system::error_code&) { return true; }
};

}  // namespace

Result<json::value> parse_json(std::string_view text, std::string_view what, JsonLimits limits) {
    if (text.size() > limits.max_bytes) {
        return fail(Code::too_large, "{}: {} bytes where {} are allowed", what, text.size(), limits.max_bytes);
    }
    json::parse_options options;
    options.max_depth = limits.max_depth;
    json::basic_parser<StrictHandler> parser(options, limits.numbers);
    boost::system::error_code error;
    try {
        const auto used = parser.write_some(false, text.data(), text.size(), error);
        if (!error && used < text.size()) {
            return fail(Code::malformed, "{}: text follows the value at byte {}", what, used);
        }
        if (error) {
            const auto& refusal = parser.handler().refusal;
            return fail(Code::malformed, "{}: {} (at byte {})", what, refusal.empty() ? error.message() : refusal,
                        used);
        }
        if (!parser.done()) return fail(Code::malformed, "{}: the text ends inside the value", what);
        return parser.handler().stack.release();
    } catch (const std::exception& exception) {
        return fail(Code::malformed, "{}: {}", what, exception.what());
    }
}

bool text_fits(const json::value& value, std::size_t max_bytes) {
    JsonSink sink(nullptr, max_bytes);
    sink.value(value);
    return !sink.full();
}

std::string json_text(const json::value& value) {
    std::string text;
    JsonSink(&text, SIZE_MAX).value(value);
    return text;
}

}  // namespace tally::chaincode
