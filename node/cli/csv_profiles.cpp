#include "node/cli/csv_profiles.h"

#include <algorithm>
#include <array>

#include "gateway/device_sdk/csv_text.h"
#include "node/config/toml_file.h"
#include "storage/files.h"

namespace tally::node::cli {

namespace sdk = gateway::device_sdk;

namespace {

// Reads a table's keys by name; what nobody asked for is refused at the end.
class Reader {
  public:
    Reader(const toml::table& table, std::string name) : table_(table), name_(std::move(name)) {}

    [[nodiscard]] std::unexpected<Error> wrong(std::string_view key, std::string_view what) const {
        return fail(Code::bad_configuration, "{}: \"{}\": {}", name_, key, what);
    }

    [[nodiscard]] Result<std::optional<std::string>> text(std::string_view key) {
        const auto* node = take(key);
        if (node == nullptr) return std::nullopt;
        if (const auto* found = node->as_string()) return found->get();
        return wrong(key, "a text in quotes is expected");
    }
    [[nodiscard]] Result<std::optional<std::int64_t>> number(std::string_view key, std::int64_t most) {
        const auto* node = take(key);
        if (node == nullptr) return std::nullopt;
        const auto* found = node->as_integer();
        if (found == nullptr || found->get() < 0 || found->get() > most)
            return wrong(key, fmt::format("a whole number from 0 to {} is expected", most));
        return found->get();
    }
    [[nodiscard]] Result<std::optional<bool>> truth(std::string_view key) {
        const auto* node = take(key);
        if (node == nullptr) return std::nullopt;
        if (const auto* found = node->as_boolean()) return found->get();
        return wrong(key, "true or false is expected");
    }
    // One text, or a list of texts.
    [[nodiscard]] Result<std::vector<std::string>> texts(std::string_view key) {
        const auto* node = take(key);
        if (node == nullptr) return {};
        return texts_of(*node, key);
    }
    [[nodiscard]] Result<std::vector<std::string>> texts_of(const toml::node& node, std::string_view key) const {
        std::vector<std::string> out;
        if (const auto* one = node.as_string()) {
            out.push_back(one->get());
        } else if (const auto* list = node.as_array()) {
            for (const auto& each : *list) {
                if (!each.is_string()) return wrong(key, "a text, or a list of texts, is expected");
                out.push_back(each.as_string()->get());
            }
        } else {
            return wrong(key, "a text, or a list of texts, is expected");
        }
        return out;
    }
    [[nodiscard]] Result<const toml::table*> table(std::string_view key) {
        const auto* node = take(key);
        if (node == nullptr) return nullptr;
        if (const auto* found = node->as_table()) return found;
        return wrong(key, "a table is expected");
    }
    // Names and their fields, in the order of the names.
    [[nodiscard]] Result<std::vector<sdk::CsvColumn>> columns(std::string_view key) {
        std::vector<sdk::CsvColumn> out;
        const auto* found = TRY(table(key));
        if (found == nullptr) return out;
        for (const auto& [source, field] : *found) {
            if (!field.is_string()) return wrong(source.str(), "the name of a field, like energy_kWh, is expected");
            out.push_back({std::string(source.str()), field.as_string()->get()});
        }
        return out;
    }
    [[nodiscard]] Status finish() const {
        for (const auto& [key, _] : table_) {
            if (std::ranges::find(taken_, key.str()) == taken_.end())
                return wrong(key.str(), "no such key; docs/meter_files.md has those of a CSV profile");
        }
        return {};
    }

  private:
    const toml::node* take(std::string_view key) {
        taken_.emplace_back(key);
        return table_.get(key);
    }

    const toml::table& table_;
    std::string name_;
    std::vector<std::string> taken_;
};

template <class T, class Named>
Status set_named(Reader& reader, std::string_view key, T& out, Named named) {
    const auto text = TRY(reader.text(key));
    if (!text) return {};
    const auto value = named(*text);
    if (!value) return reader.wrong(key, value.error().message);
    out = *value;
    return {};
}

Status read_text_form(Reader& reader, sdk::CsvProfile& profile) {
    TRY(set_named(reader, "encoding", profile.encoding, encoding_named));
    TRY(set_named(reader, "delimiter", profile.delimiter, delimiter_named));
    if (const auto decimal = TRY(reader.text("decimal"))) {
        if (decimal->size() != 1) return reader.wrong("decimal", "\".\" or \",\" is expected");
        profile.decimal = decimal->front();
    }
    profile.grouping = TRY(reader.text("grouping")).value_or("");
    profile.skip_lines = static_cast<std::size_t>(TRY(reader.number("skip_lines", 1'000'000)).value_or(0));
    profile.header = TRY(reader.texts("header"));
    profile.unit_row = TRY(reader.truth("unit_row"));
    profile.missing = TRY(reader.texts("missing"));
    return {};
}

Status read_times(Reader& reader, sdk::CsvProfile& profile) {
    profile.time_columns = TRY(reader.texts("time"));
    TRY(set_named(reader, "time_format", profile.time_format, time_format_named));
    if (const auto zone = TRY(reader.text("zone"))) {
        if (*zone == "UTC") {
            profile.times.assume_utc = true;
        } else {
            const auto found = sdk::TimeZone::find(*zone);
            if (!found) return reader.wrong("zone", found.error().message);
            profile.times.zone = *found;
        }
    }
    if (const auto hours = TRY(reader.number("hours_from", 1))) profile.hours_from = static_cast<int>(*hours);
    const auto label = TRY(reader.text("label")).value_or("start");
    if (label != "start" && label != "end")
        return reader.wrong("label", "\"start\" or \"end\" is expected: which moment of its interval the time is");
    profile.interval_end = label == "end";
    profile.interval_s = TRY(reader.number("interval_s", 366 * 86'400)).value_or(0);
    return {};
}

Status read_columns(Reader& reader, const std::string& name, sdk::CsvProfile& profile) {
    profile.columns = TRY(reader.columns("columns"));
    profile.ignored = TRY(reader.texts("ignore"));
    profile.wide = TRY(reader.text("wide")).value_or("");
    if (const auto* filters = TRY(reader.table("where"))) {
        for (const auto& [column, values] : *filters)
            profile.filters.push_back({std::string(column.str()), TRY(reader.texts_of(values, column.str()))});
    }
    if (const auto* table = TRY(reader.table("series"))) {
        Reader series(*table, name + ": [series]");
        const auto column = TRY(series.text("column")), value = TRY(series.text("value"));
        if (!column || !value) return reader.wrong("series", "the names of \"column\" and of \"value\" are expected");
        profile.pivot = {*column, *value, TRY(series.columns("fields"))};
        TRY(series.finish());
    }
    return {};
}

template <class T, std::size_t N>
Result<T> one_of(std::string_view text, std::string_view what,
                 const std::array<std::pair<std::string_view, T>, N>& known) {
    std::string names;
    for (const auto& [name, value] : known) {
        if (name == text) return value;
        names += fmt::format("{}{}", names.empty() ? "" : ", ", name);
    }
    return fail(Code::invalid_argument, "\"{}\" is no {}; there are {}", text.substr(0, 40), what, names);
}

}  // namespace

Result<char> delimiter_named(std::string_view text) {
    if (text.size() == 1) return text.front();
    return one_of<char, 3>(text, "delimiter of one sign", {{{"comma", ','}, {"semicolon", ';'}, {"tab", '\t'}}});
}

Result<sdk::CsvEncoding> encoding_named(std::string_view text) {
    using enum sdk::CsvEncoding;
    std::array<std::pair<std::string_view, sdk::CsvEncoding>, 5> known;
    std::ranges::transform(std::array{automatic, utf8, utf16le, utf16be, cp1252}, known.begin(),
                           [](auto each) { return std::pair(sdk::encoding_name(each), each); });
    return one_of(text, "encoding", known);
}

Result<sdk::TimeFormat> time_format_named(std::string_view text) {
    using enum sdk::TimeFormat;
    std::array<std::pair<std::string_view, sdk::TimeFormat>, 7> known;
    std::ranges::transform(std::array{automatic, ymd, dmy, mdy, compact, epoch, epoch_ms}, known.begin(),
                           [](auto each) { return std::pair(sdk::time_format_name(each), each); });
    return one_of(text, "form of times", known);
}

Result<sdk::CsvProfile> parse_csv_profile(std::string_view text, const std::string& name) {
    const auto table = TRY(parse_toml(text, name));
    Reader reader(table, name);
    sdk::CsvProfile profile;
    profile.name = name;
    profile.description = TRY(reader.text("description")).value_or("");
    TRY(read_text_form(reader, profile));
    TRY(read_times(reader, profile));
    TRY(read_columns(reader, name, profile));
    TRY(reader.finish());
    if (const auto sound = sdk::check_profile(profile); !sound)
        return fail(Code::bad_configuration, "{}: {}", name, sound.error().message);
    return profile;
}

Result<sdk::CsvProfile> find_csv_profile(const std::string& name_or_file) {
    for (const auto& [name, text] : shipped_profiles()) {
        if (name == name_or_file) return parse_csv_profile(text, std::string(name));
    }
    const auto text = storage::read_file(name_or_file, 1U << 20);
    if (text) return parse_csv_profile(*text, name_or_file);
    if (text.error().code != Code::not_found) return std::unexpected(text.error());
    return fail(Code::not_found,
                "\"{}\" is neither a CSV profile that is shipped (tally device csv-profiles lists them) nor a file",
                name_or_file.substr(0, 200));
}

}  // namespace tally::node::cli
