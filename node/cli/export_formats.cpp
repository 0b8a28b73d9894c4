#include "node/cli/export_formats.h"

#include <algorithm>

#include "chaincode/json/strict_json.h"
#include "node/channel/ledger_json.h"

namespace tally::node::cli {

namespace data = chaincode::data;
namespace exports = gateway::exports;
namespace json = boost::json;
using chaincode::Decimal;

namespace {

// RFC 4180.
std::string csv_cell(std::string_view text) {
    if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
    std::string out = "\"";
    for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
    return out + "\"";
}

// "energy_Wh", as meter_csv.h reads it; without a unit the name alone.
std::string column_name(const exports::ExportedField& field) {
    if (field.unit.empty() || field.unit == "/") return field.name;
    std::string unit = field.unit == "%" ? "pct" : field.unit;
    if (const auto slash = unit.find('/'); slash != std::string::npos) unit.replace(slash, 1, "_per_");
    return field.name + "_" + unit;
}

const data::Column* column_of(const ExportRecord& record, const exports::ExportedField& field) {
    const auto found = std::ranges::find_if(record.fields, [&](const data::Column& column) {
        return column.name == field.name && column.unit == field.unit && column.scale == field.scale;
    });
    return found == record.fields.end() ? nullptr : &*found;
}

// Nothing is left out in silence.
Status check_fields(const ExportRecord& record, const std::vector<exports::ExportedField>& fields) {
    for (const auto& column : record.fields) {
        const bool known = std::ranges::any_of(fields, [&](const auto& field) {
            return column.name == field.name && column.unit == field.unit && column.scale == field.scale;
        });
        if (known) continue;
        return fail(Code::unsupported,
                    "record {} has the field {} in {} with the scale {}, which the file's first record does not have: "
                    "export the days before {} and the others apart, or name fields with --field",
                    record.source.sequence, column.name, column.unit, column.scale,
                    iso_time(record.source.from * 1000));
    }
    return {};
}

class Csv final : public ExportFormat {
  public:
    explicit Csv(std::vector<exports::ExportedField> fields) : fields_(std::move(fields)) {}

    [[nodiscard]] std::string head() const override {
        std::string out = "time";
        for (const auto& field : fields_) out += "," + csv_cell(column_name(field));
        return out + ",content_id\n";
    }

    [[nodiscard]] Result<std::string> record(const ExportRecord& record) const override {
        TRY(check_fields(record, fields_));
        std::map<std::int64_t, std::vector<std::string>> rows;
        for (std::size_t i = 0; i < fields_.size(); ++i) {
            const auto* const column = column_of(record, fields_[i]);
            if (column == nullptr || !column->samples) continue;
            for (const auto& [time, value] : *column->samples) {
                auto& row = rows[time];
                row.resize(fields_.size());
                row[i] = value ? value->text() : "";
            }
        }
        std::string out;
        for (const auto& [time, values] : rows) {
            out += iso_time(time * 1000).substr(0, 19) + "Z";
            for (const auto& value : values) out += "," + value;
            out += "," + record.source.content_id + "\n";
        }
        return out;
    }

  private:
    std::vector<exports::ExportedField> fields_;
};

class JsonLines final : public ExportFormat {
  public:
    explicit JsonLines(std::string device) : device_(std::move(device)) {}

    [[nodiscard]] std::string head() const override { return {}; }
    [[nodiscard]] Result<std::string> record(const ExportRecord& record) const override {
        json::object line{{"device", device_}};
        const auto source = chaincode::to_json(record.source);
        for (const auto& member : source.as_object()) line.insert(member);
        line["fields"] = chaincode::to_json(record.fields);
        return chaincode::json_text(line) + "\n";
    }

  private:
    std::string device_;
};

class GreenButton final : public ExportFormat {
  public:
    GreenButton(exports::GreenButtonFeed feed, std::vector<exports::ExportedField> fields)
        : feed_(std::move(feed)), fields_(std::move(fields)) {}

    [[nodiscard]] std::string head() const override { return feed_.head(); }
    [[nodiscard]] Result<std::string> record(const ExportRecord& record) const override {
        TRY(check_fields(record, fields_));
        std::string out;
        for (std::size_t i = 0; i < fields_.size(); ++i) {
            const auto* const column = column_of(record, fields_[i]);
            if (column == nullptr || !column->samples) continue;
            exports::ExportedBlock block;
            block.from_s = record.source.from;
            block.to_s = record.source.to;
            block.interval_s = record.source.polling_interval_s;
            block.transaction = record.source.transaction;
            block.quality = record.quality;
            for (const auto& [time, value] : *column->samples) {
                block.readings.emplace_back(time, std::nullopt);
                if (value) block.readings.back().second = TRY(Decimal::parse(value->text()));
            }
            out += TRY(feed_.block(i, block));
        }
        return out;
    }
    [[nodiscard]] Result<std::string> summary(const exports::UsageSummary& summary) const override {
        return feed_.summary(summary);
    }
    [[nodiscard]] std::string tail() const override { return exports::GreenButtonFeed::tail(); }

  private:
    exports::GreenButtonFeed feed_;
    std::vector<exports::ExportedField> fields_;
};

}  // namespace

Result<std::unique_ptr<ExportFormat>> make_export_format(const std::string& name, const ExportOf& of) {
    if (name == "csv") return std::make_unique<Csv>(of.fields);
    if (name == "jsonl") return std::make_unique<JsonLines>(of.device);
    auto feed = TRY(exports::GreenButtonFeed::of(of.channel, of.device, exports::GreenButtonFeed::service_of(of.fields),
                                                 of.fields, of.until_s));
    return std::make_unique<GreenButton>(std::move(feed), of.fields);
}

}  // namespace tally::node::cli
