#include <boost/json/basic_parser_impl.hpp>
#include <utility>

#include "gateway/mqtt/senml.h"
#include "gateway/mqtt/senml_records.h"

namespace tally::gateway::mqtt {
namespace {

namespace json = boost::json;
using boost::system::error_code;

// An array of flat objects. Numbers are kept as the characters that were written.
struct Handler {
    static constexpr std::size_t max_object_size = 1 << 10;
    static constexpr std::size_t max_array_size = 1 << 20;
    static constexpr std::size_t max_key_size = 1 << 10;
    static constexpr std::size_t max_string_size = 1 << 20;

    explicit Handler(std::size_t most_records) : most(most_records) {}

    std::size_t most;
    std::vector<SenmlRecord> records;
    int depth = 0;  // 1 in the pack, 2 in a record, more in a value that is ignored
    std::optional<SenmlLabel> label;
    std::string key, text;
    std::optional<Error> refusal;

    bool refuse(Error why, error_code& error) {
        refusal = std::move(why);
        error = json::error::syntax;
        return false;
    }
    bool refuse_here(std::string why, error_code& error) { return refuse({Code::malformed, std::move(why)}, error); }

    // A value of the record that is being read.
    bool value(SenmlValue::Kind kind, error_code& error) {
        auto written = std::exchange(text, {});
        if (depth > 2) return true;
        if (depth < 2) return refuse_here("an element of the pack is no object", error);
        if (!label) return true;
        SenmlValue out{kind, {}, {}};
        if (kind == SenmlValue::Kind::number) {
            auto number = ExactNumber::parse(written);
            if (!number) return refuse(number.error(), error);
            out.number = *number;
        } else {
            out.text = std::move(written);
        }
        const auto set = records.back().set(*label, std::move(out));
        return set || refuse(set.error(), error);
    }

    bool on_document_begin(error_code&) { return true; }
    bool on_document_end(error_code&) { return true; }
    bool on_object_begin(error_code& error) {
        if (depth == 0) return refuse_here("a SenML pack is an array", error);
        if (depth == 1) {
            if (records.size() == most) return refuse_here(fmt::format("it has more than {} records", most), error);
            records.emplace_back();
        }
        if (depth == 2 && label && !value(SenmlValue::Kind::other, error)) return false;
        ++depth;
        return true;
    }
    bool on_object_end(std::size_t, error_code&) { return --depth >= 0; }
    bool on_array_begin(error_code& error) {
        if (depth == 1) return refuse_here("an element of the pack is no object", error);
        if (depth == 2 && label && !value(SenmlValue::Kind::other, error)) return false;
        ++depth;
        return true;
    }
    bool on_array_end(std::size_t, error_code&) { return --depth >= 0; }
    bool on_key_part(json::string_view part, std::size_t, error_code&) {
        key.append(part.data(), part.size());
        return true;
    }
    bool on_key(json::string_view part, std::size_t, error_code& error) {
        key.append(part.data(), part.size());
        const auto name = std::exchange(key, {});
        if (depth != 2) return true;
        auto found = senml_label(name);
        if (!found) return refuse(found.error(), error);
        label = *found;
        return true;
    }
    bool add(json::string_view part) {
        text.append(part.data(), part.size());
        return true;
    }
    bool on_string_part(json::string_view part, std::size_t, error_code&) { return add(part); }
    bool on_string(json::string_view part, std::size_t, error_code& error) {
        return add(part) && value(SenmlValue::Kind::text, error);
    }
    bool on_number_part(json::string_view part, error_code&) { return add(part); }
    bool on_int64(std::int64_t, json::string_view part, error_code& error) {
        return add(part) && value(SenmlValue::Kind::number, error);
    }
    bool on_uint64(std::uint64_t, json::string_view part, error_code& error) {
        return add(part) && value(SenmlValue::Kind::number, error);
    }
    bool on_double(double, json::string_view part, error_code& error) {
        return add(part) && value(SenmlValue::Kind::number, error);
    }
    bool on_bool(bool, error_code& error) { return value(SenmlValue::Kind::boolean, error); }
    bool on_null(error_code& error) { return value(SenmlValue::Kind::other, error); }
    bool on_comment_part(json::string_view, error_code&) { return true; }
    bool on_comment(json::string_view, error_code&) { return true; }
};

}  // namespace

Result<std::vector<SenmlRecord>> read_senml_json(std::string_view text) {
    json::parse_options options;
    options.max_depth = 8;
    json::basic_parser<Handler> parser(options, kMostSenmlRecords);
    error_code error;
    const auto used = parser.write_some(false, text.data(), text.size(), error);
    auto& handler = parser.handler();
    if (handler.refusal)
        return std::unexpected(handler.refusal->within(
            fmt::format("record {} of a SenML pack", std::max<std::size_t>(handler.records.size(), 1))));
    if (error) return fail(Code::malformed, "a SenML pack: {} (at byte {})", error.message(), used);
    if (used < text.size()) return fail(Code::malformed, "a SenML pack: text follows it at byte {}", used);
    return std::move(handler.records);
}

}  // namespace tally::gateway::mqtt
