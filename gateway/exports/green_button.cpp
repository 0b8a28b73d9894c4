#include "gateway/exports/green_button.h"

#include <algorithm>
#include <array>
#include <chrono>

#include "crypto/hash.h"
#include "gateway/xml/writer.h"

namespace tally::gateway::exports {

using chaincode::Decimal;
using chaincode::WideInteger;

namespace {

struct Unit {
    std::string_view unit;
    int uom;        // UnitSymbolKind
    int kind;       // MeasurementKind
    int behaviour;  // AccumulationKind: 4 delta data, 12 instantaneous
};
constexpr auto kEspiUnits = std::to_array<Unit>({{"A", 5, 4, 12},
                                                 {"Cel", 23, 46, 12},
                                                 {"V", 29, 54, 12},
                                                 {"J", 31, 12, 4},
                                                 {"Hz", 33, 15, 12},
                                                 {"W", 38, 37, 12},
                                                 {"m3", 42, 58, 4},
                                                 {"VA", 61, 37, 12},
                                                 {"var", 63, 37, 12},
                                                 {"Wh", 72, 12, 4},
                                                 {"varh", 73, 12, 4},
                                                 {"l", 134, 58, 4}});

struct Currency {
    std::string_view code;
    int number;
};
// ISO 4217, as ESPI writes currencies.
constexpr auto kCurrencies = std::to_array<Currency>(
    {{"AED", 784}, {"AUD", 36},  {"BGN", 975}, {"BHD", 48},  {"BRL", 986}, {"CAD", 124}, {"CHF", 756},
     {"CLP", 152}, {"CNY", 156}, {"CZK", 203}, {"DKK", 208}, {"EUR", 978}, {"GBP", 826}, {"HKD", 344},
     {"HUF", 348}, {"IDR", 360}, {"ILS", 376}, {"INR", 356}, {"ISK", 352}, {"JPY", 392}, {"KRW", 410},
     {"KWD", 414}, {"MXN", 484}, {"NOK", 578}, {"NZD", 554}, {"PLN", 985}, {"RON", 946}, {"SAR", 682},
     {"SEK", 752}, {"SGD", 702}, {"THB", 764}, {"TRY", 949}, {"UAH", 980}, {"USD", 840}, {"ZAR", 710}});

constexpr std::int64_t kLargest = (std::int64_t{1} << 47) - 1;  // Int48

const Unit* find_unit(std::string_view unit) {
    const auto* const found = std::ranges::find(kEspiUnits, unit, &Unit::unit);
    return found == kEspiUnits.end() ? nullptr : found;
}

// ESPI has names for these powers of ten alone; a finer scale goes to the next lower one.
int multiplier_of(std::int64_t scale) {
    constexpr std::array kPowers = {12, 9, 6, 3, 2, 1, 0, -1, -2, -3, -6, -9, -12};
    for (const int power : kPowers) {
        if (power <= scale) return power;
    }
    return kPowers.back();
}

// The integer that stands for the value at a power of ten.
Result<std::int64_t> units_of(const Decimal& value, int power) {
    WideInteger units = value.units();
    int decimals = value.decimals() + power;  // to be moved before the point
    for (; decimals < 0 && units < kLargest && units > -kLargest; ++decimals) units *= 10;
    for (; decimals > 0 && units % 10 == 0; --decimals) units /= 10;
    if (decimals > 0) {
        return fail(Code::unsupported, "{} has more decimals than ESPI writes with the multiplier {}", value.text(),
                    power);
    }
    if (decimals < 0 || units > kLargest || units < -kLargest)
        return fail(Code::too_large, "{} has more than the 48 bits of an ESPI value", value.text());
    return static_cast<std::int64_t>(units);
}

std::string escaped(std::string_view text) {
    std::string out;
    xml::append_escaped(out, text);
    return out;
}

// RFC 4122, version 8: what the entry is decides.
std::string uuid_of(std::string_view name) {
    auto bytes = crypto::sha256(as_bytes(name)).bytes;
    bytes[6] = static_cast<std::uint8_t>(0x80 | (bytes[6] & 0x0f));
    bytes[8] = static_cast<std::uint8_t>(0x80 | (bytes[8] & 0x3f));
    const auto hex = to_hex(ByteView(bytes).first(16));
    return fmt::format("urn:uuid:{}-{}-{}-{}-{}", hex.substr(0, 8), hex.substr(8, 4), hex.substr(12, 4),
                       hex.substr(16, 4), hex.substr(20, 12));
}

std::string time_text(std::int64_t time_s) {
    const std::chrono::sys_seconds time{std::chrono::seconds(time_s)};
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(time - day);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                       clock.minutes().count(), clock.seconds().count());
}

std::string interval(std::string_view name, std::int64_t from_s, std::int64_t to_s) {
    return fmt::format("<espi:{0}><espi:duration>{1}</espi:duration><espi:start>{2}</espi:start></espi:{0}>", name,
                       to_s - from_s, from_s);
}

}  // namespace

bool GreenButtonFeed::has_unit(std::string_view unit) { return find_unit(unit) != nullptr; }

Service GreenButtonFeed::service_of(const std::vector<ExportedField>& fields) {
    const auto is_volume = [](const ExportedField& field) { return field.unit == "m3" || field.unit == "l"; };
    return std::ranges::any_of(fields, is_volume) ? Service::water : Service::electricity;
}

Result<GreenButtonFeed> GreenButtonFeed::of(std::string channel, std::string device, Service service,
                                            std::vector<ExportedField> fields, std::int64_t updated_s) {
    for (const auto& field : fields) {
        if (!has_unit(field.unit))
            return fail(Code::unsupported, "the field {} has the unit {}, for which ESPI has no number", field.name,
                        field.unit);
    }
    GreenButtonFeed out;
    out.channel_ = std::move(channel);
    out.device_ = std::move(device);
    out.service_ = service;
    out.fields_ = std::move(fields);
    out.updated_s_ = updated_s;
    return out;
}

// Links are relative references: an entry's self names it within the file.
std::string GreenButtonFeed::entry(std::string_view name, std::string_view up, const std::vector<std::string>& related,
                                   std::string_view title, std::string_view content) const {
    const auto base = escaped(fmt::format("UsagePoint/{}", device_));
    const auto self = name.empty() ? base : fmt::format("{}/{}", base, escaped(name));
    auto out = fmt::format("<entry><id>{}</id><link rel=\"self\" href=\"{}\"/>",
                           uuid_of(fmt::format("{}/{}/{}", channel_, device_, name)), self);
    if (!name.empty())
        out += fmt::format("<link rel=\"up\" href=\"{}{}\"/>", base, up.empty() ? "" : "/" + escaped(up));
    for (const auto& each : related) out += fmt::format("<link rel=\"related\" href=\"{}\"/>", escaped(each));
    out += fmt::format("<title>{}</title><updated>{}</updated><content type=\"application/xml\">{}</content></entry>\n",
                       escaped(title), time_text(updated_s_), content);
    return out;
}

std::string GreenButtonFeed::head() const {
    auto out = fmt::format(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\" "
        "xmlns:espi=\"http://naesb.org/espi\">\n<id>{}</id>\n<title>{}</title>\n<updated>{}</updated>\n",
        uuid_of(fmt::format("{}/{}/feed", channel_, device_)), escaped(fmt::format("Readings of {}", device_)),
        time_text(updated_s_));
    out += entry("", "", {}, device_,
                 fmt::format("<espi:UsagePoint><espi:ServiceCategory><espi:kind>{}</espi:kind></espi:ServiceCategory>"
                             "</espi:UsagePoint>",
                             static_cast<int>(service_)));
    for (const auto& field : fields_) {
        const auto* const unit = find_unit(field.unit);
        const auto type = fmt::format("ReadingType/{}", field.name);
        const auto reading = fmt::format("MeterReading/{}", field.name);
        out += entry(reading, "MeterReading",
                     {fmt::format("UsagePoint/{}/{}", device_, type),
                      fmt::format("UsagePoint/{}/{}/IntervalBlock", device_, reading)},
                     field.name, "<espi:MeterReading/>");
        out += entry(
            type, "ReadingType", {}, field.name,
            fmt::format("<espi:ReadingType><espi:accumulationBehaviour>{}</espi:accumulationBehaviour><espi:kind>{}"
                        "</espi:kind><espi:powerOfTenMultiplier>{}</espi:powerOfTenMultiplier><espi:uom>{}"
                        "</espi:uom></espi:ReadingType>",
                        unit->behaviour, unit->kind, multiplier_of(field.scale), unit->uom));
    }
    return out;
}

Result<std::string> GreenButtonFeed::block(std::size_t field, const ExportedBlock& block) const {
    const auto& of = fields_.at(field);
    const auto power = multiplier_of(of.scale);
    auto content = "<espi:IntervalBlock>" + interval("interval", block.from_s, block.to_s);
    content.reserve(content.size() + block.readings.size() * 190);
    const auto quality = block.quality ? fmt::format(
                                             "<espi:ReadingQuality><espi:quality>{}</espi:quality>"
                                             "</espi:ReadingQuality>",
                                             static_cast<int>(*block.quality))
                                       : std::string();
    for (const auto& [time, value] : block.readings) {
        if (!value) continue;
        content += fmt::format("<espi:IntervalReading>{}{}<espi:value>{}</espi:value></espi:IntervalReading>", quality,
                               interval("timePeriod", time, time + block.interval_s), TRY(units_of(*value, power)));
    }
    content += "</espi:IntervalBlock>";
    const auto reading = fmt::format("MeterReading/{}", of.name);
    return entry(fmt::format("{}/IntervalBlock/{}", reading, block.from_s), reading + "/IntervalBlock",
                 {"/v1/transactions/" + block.transaction + "/receipt"},
                 fmt::format("{} from {}", of.name, time_text(block.from_s)), content);
}

Result<std::string> GreenButtonFeed::summary(const UsageSummary& summary) const {
    constexpr int kCost = -5;
    Decimal total;
    std::string lines;
    for (const auto& line : summary.lines) {
        total = TRY(total.plus(line.amount));
        lines += fmt::format(
            "<espi:costAdditionalDetailLastPeriod><espi:amount>{}</espi:amount><espi:note>{}</"
            "espi:note><espi:itemKind>3"
            "</espi:itemKind></espi:costAdditionalDetailLastPeriod>",
            TRY(units_of(line.amount, kCost)), escaped(line.note.substr(0, 200)));
    }
    auto content = "<espi:UsageSummary>" + interval("billingPeriod", summary.from_s, summary.to_s);
    content += fmt::format("<espi:billLastPeriod>{}</espi:billLastPeriod>{}", TRY(units_of(total, kCost)), lines);
    const auto* const currency = std::ranges::find(kCurrencies, summary.currency, &Currency::code);
    if (currency != kCurrencies.end()) content += fmt::format("<espi:currency>{}</espi:currency>", currency->number);
    content += fmt::format("<espi:statusTimeStamp>{}</espi:statusTimeStamp></espi:UsageSummary>", summary.computed_s);
    return entry(fmt::format("UsageSummary/{}", summary.from_s), "UsageSummary", {},
                 fmt::format("Invoice from {}", time_text(summary.from_s)), content);
}

std::string GreenButtonFeed::tail() { return "</feed>\n"; }

}  // namespace tally::gateway::exports
