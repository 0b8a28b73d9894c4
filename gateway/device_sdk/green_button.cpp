#include "gateway/device_sdk/green_button.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>

#include "gateway/device_sdk/arrangement.h"
#include "gateway/xml/reader.h"
#include "storage/files.h"

namespace tally::gateway::device_sdk {
namespace {

using xml::Element;

constexpr std::string_view kAtom = "http://www.w3.org/2005/Atom";
constexpr std::string_view kEspi = "http://naesb.org/espi";
constexpr std::int64_t kReverse = 19;  // flowDirection

struct Unit {
    std::int64_t uom;
    std::string_view field;
    std::string_view unit;
};
// UnitSymbolKind of espi.xsd, as far as powers of ten lead to a unit of SenML or of meter_csv.h.
constexpr auto kUnits = std::to_array<Unit>({
    {5, "current", "A"},
    {23, "temperature", "Cel"},
    {29, "voltage", "V"},
    {31, "energy", "J"},
    {33, "frequency", "Hz"},
    {38, "power", "W"},
    {42, "volume", "m3"},
    {61, "apparent_power", "VA"},
    {63, "reactive_power", "var"},
    {72, "energy", "Wh"},
    {73, "reactive_energy", "varh"},
    {134, "volume", "l"},
});

Result<std::int64_t> number_of(const Element& element) {
    const auto text = TRY(element.text());
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || text.empty())
        return element.refuse(fmt::format("\"{}\" is no whole number of 64 bits", text.substr(0, 40)));
    return value;
}

Result<std::optional<std::int64_t>> number_at(const Element& element, std::string_view path) {
    const auto found = TRY(element.at(path));
    if (!found) return std::optional<std::int64_t>();
    return std::optional(TRY(number_of(*found)));
}

// What an entry holds, and the links of its kind.
struct Entry {
    Element content;
    std::string self;
    std::vector<std::string> up;
    std::vector<std::string> related;
};

bool contains(const std::vector<std::string>& list, const std::string& text) {
    return !text.empty() && std::ranges::find(list, text) != list.end();
}

bool share(const std::vector<std::string>& a, const std::vector<std::string>& b) {
    return std::ranges::any_of(a, [&](const auto& each) { return contains(b, each); });
}

class Feed {
  public:
    [[nodiscard]] static Result<Feed> read(const xml::File& file) {
        Feed out;
        for (const auto& root : file.roots()) {
            if (root.name_space() != kAtom || (root.name() != "feed" && root.name() != "entry"))
                return root.refuse("a feed of Atom (http://www.w3.org/2005/Atom) with entries of ESPI is expected");
            if (root.name() == "entry") {
                TRY(out.add(root));
            } else {
                for (const auto& entry : root.children("entry")) TRY(out.add(entry));
            }
        }
        return out;
    }

    [[nodiscard]] const std::vector<Entry>& of(const std::string& kind) const {
        static const std::vector<Entry> none;
        const auto found = entries_.find(kind);
        return found == entries_.end() ? none : found->second;
    }

  private:
    [[nodiscard]] Status add(const Element& element) {
        const auto content = TRY(element.child("content"));
        if (!content) return {};
        for (const auto& object : content->children()) {
            if (object.name_space() != kEspi) continue;
            Entry entry{object, "", {}, {}};
            for (const auto& link : element.children("link")) {
                const auto rel = link.attribute("rel");
                if (rel == "self") entry.self = link.attribute("href");
                if (rel == "up") entry.up.push_back(link.attribute("href"));
                if (rel == "related") entry.related.push_back(link.attribute("href"));
            }
            entries_[std::string(object.name())].push_back(std::move(entry));
        }
        return {};
    }

    std::map<std::string, std::vector<Entry>> entries_;
};

class Reader {
  public:
    Reader(const Feed& feed, const std::optional<ReadingType>& type) : feed_(feed), given_(type) {}

    [[nodiscard]] Result<MeterCsv> read() {
        const auto& blocks = feed_.of("IntervalBlock");
        if (blocks.empty()) return fail(Code::malformed, "the file has no IntervalBlock: no readings are in it");
        for (const auto& block : blocks) {
            const auto field = TRY(field_of(block));
            for (const auto& reading : block.content.children("IntervalReading")) TRY(add(reading, field));
        }
        if (rows_.empty()) return fail(Code::malformed, "the file has no IntervalReading: no readings are in it");
        OptionalIntegers values;
        values.reserve(rows_.size() * out_.measurements.fields.size());
        for (const auto& [field, value] : values_) {
            for (std::size_t k = 0; k < out_.measurements.fields.size(); ++k)
                values.push_back(k == field ? value : std::nullopt);
        }
        CsvFindings findings(false);
        arrange(rows_, moments_, values, true, out_, findings);
        return std::move(out_);
    }

  private:
    // The ReadingType of a block; none: the one that was given.
    [[nodiscard]] Result<const Entry*> type_of(const Entry& block) const {
        const auto& types = feed_.of("ReadingType");
        for (const auto& reading : feed_.of("MeterReading")) {
            if (!share(reading.related, block.up) && !contains(block.up, reading.self)) continue;
            for (const auto& type : types) {
                if (contains(reading.related, type.self)) return &type;
            }
        }
        if (types.size() == 1) return &types.front();
        if (types.empty() && given_) return nullptr;
        if (types.empty()) {
            return block.content.refuse(
                "the file has no ReadingType, which says the unit; say --reading-type UOM:POWER, like 72:-3 for "
                "thousandths of Wh");
        }
        return block.content.refuse("its links lead to none of the file's ReadingTypes");
    }

    [[nodiscard]] Result<std::size_t> field_of(const Entry& block) {
        const auto* entry = TRY(type_of(block));
        const auto known = fields_.find(entry);
        if (known != fields_.end()) return known->second;
        auto type = given_.value_or(ReadingType{});
        if (entry != nullptr) {
            type.uom = TRY(number_of(TRY(entry->content.needed("uom"))));
            type.power_of_ten = TRY(number_at(entry->content, "powerOfTenMultiplier")).value_or(0);
            type.flow_direction = TRY(number_at(entry->content, "flowDirection")).value_or(0);
        }
        const auto& place = entry == nullptr ? block.content : entry->content;
        const auto unit = std::ranges::find(kUnits, type.uom, &Unit::uom);
        if (unit == kUnits.end()) {
            return fail(Code::unsupported, "{}: the unit {} is not read; 72 (Wh), 38 (W), 42 (m3) and others are",
                        place.where(), type.uom);
        }
        if (type.power_of_ten < -chaincode::kMaxScale || type.power_of_ten > chaincode::kMaxScale)
            return place.refuse(fmt::format("the power of ten {} is not between -{} and {}", type.power_of_ten,
                                            chaincode::kMaxScale, chaincode::kMaxScale));
        chaincode::Field field{std::string(unit->field), std::string(unit->unit), type.power_of_ten};
        if (type.flow_direction == kReverse) field.name += "_reverse";
        auto& fields = out_.measurements.fields;
        if (std::ranges::find(fields, field.name, &chaincode::Field::name) != fields.end())
            return place.refuse(
                fmt::format("a second ReadingType would be the field \"{}\" too: several meters, or "
                            "several intervals, are in the file",
                            field.name));
        fields.push_back(std::move(field));
        fields_.emplace(entry, fields.size() - 1);
        return fields.size() - 1;
    }

    [[nodiscard]] Status add(const Element& reading, std::size_t field) {
        const auto period = TRY(reading.needed("timePeriod"));
        const auto start = TRY(period.needed("start"));
        const auto start_s = TRY(number_of(start));
        if (start_s < 0) return start.refuse("it is before 1970");
        const auto value = TRY(number_at(reading, "value"));
        for (const auto& each : reading.children("ReadingQuality")) {
            const auto quality = TRY(number_of(TRY(each.needed("quality"))));
            if ((quality >= 7 && quality <= 13) || quality == 15 || quality == 16) {
                ++out_.report.estimated;
                break;
            }
        }
        rows_.push_back({{WrittenTime::Form::epoch, start_s}, reading.line(), 0, static_cast<std::uint32_t>(field)});
        moments_.emplace_back(start_s);
        values_.emplace_back(field, value);
        return {};
    }

    const Feed& feed_;
    const std::optional<ReadingType>& given_;
    std::map<const Entry*, std::size_t> fields_;
    std::vector<RowTime> rows_;
    OptionalIntegers moments_;
    std::vector<std::pair<std::size_t, std::optional<std::int64_t>>> values_;
    MeterCsv out_;
};

}  // namespace

Result<MeterCsv> read_green_button(std::string text, const std::optional<ReadingType>& type) {
    const auto file = TRY(xml::File::read(std::move(text)));
    const auto feed = TRY(Feed::read(file));
    return Reader(feed, type).read();
}

Result<MeterCsv> read_green_button_file(const std::filesystem::path& path, const std::optional<ReadingType>& type) {
    auto csv = read_green_button(TRY(storage::read_file(path, xml::kMaxBytes)), type);
    if (!csv) return std::unexpected(csv.error().within(path.string()));
    return csv;
}

}  // namespace tally::gateway::device_sdk
