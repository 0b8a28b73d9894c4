#include "node/cli/terms_file.h"

#include <algorithm>

#include "chaincode/json/reflect.h"
#include "gateway/device_sdk/parse_time.h"
#include "node/config/toml_file.h"

namespace tally::node::cli {
namespace {

namespace json = boost::json;
using chaincode::Date;
using chaincode::agreement::Terms;

constexpr int kOpenEnded_years = 30;
constexpr std::int64_t kYear_s = 366 * 86'400;

Result<json::value> json_of(const toml::node& node, const std::string& path);

Result<json::value> json_of(const toml::table& table, const std::string& path) {
    json::object out;
    for (const auto& [key, value] : table) {
        const std::string name(key.str());
        out.emplace(name, TRY(json_of(value, path.empty() ? name : path + "." + name)));
    }
    return out;
}

Result<json::value> json_of(const toml::node& node, const std::string& path) {
    if (const auto* table = node.as_table()) return json_of(*table, path);
    if (const auto* list = node.as_array()) {
        json::array out;
        for (const auto& each : *list) out.push_back(TRY(json_of(each, fmt::format("{}[{}]", path, out.size()))));
        return out;
    }
    if (const auto* text = node.as_string()) return json::value(json::string(text->get()));
    if (const auto* number = node.as_integer()) return json::value(number->get());
    if (const auto* truth = node.as_boolean()) return json::value(truth->get());
    if (const auto* day = node.as_date()) {
        const auto& date = day->get();
        return json::value(json::string(fmt::format("{:04}-{:02}-{:02}", date.year, date.month, date.day)));
    }
    return fail(Code::bad_configuration, "line {}: \"{}\": write decimals and times as text, in quotes",
                node.source().begin.line, path);
}

// What may be left out of an object, from an object of defaults.
void fill(json::object& object, const json::object& defaults, std::initializer_list<std::string_view> names) {
    for (const auto name : names) {
        if (!object.contains(name)) object.emplace(name, defaults.at(name));
    }
}

template <class T>
json::object defaults_of() {
    return chaincode::to_json(T{}).as_object();
}

template <class Visit>
void each_object(json::object& terms, std::string_view list, Visit&& visit) {
    auto* found = terms.if_contains(list);
    if (found == nullptr || !found->is_array()) return;
    for (auto& each : found->get_array()) {
        if (each.is_object()) visit(each.get_object());
    }
}

void complete(json::object& terms) {
    using namespace chaincode::agreement;
    fill(terms, defaults_of<Terms>(),
         {"period", "rounding", "windows", "reconciliation", "payees_assignable", "confirmations", "payment_days",
          "dispute_days", "keepalive_minutes", "notice_days"});
    each_object(terms, "scope", [](json::object& each) { fill(each, defaults_of<Scope>(), {"devices"}); });
    each_object(terms, "fields", [](json::object& each) { fill(each, defaults_of<BilledField>(), {"measure"}); });
    each_object(terms, "windows", [](json::object& each) { fill(each, defaults_of<Window>(), {"days"}); });
    each_object(terms, "tariff", [](json::object& each) {
        const auto* price = each.if_contains("price");
        if (price == nullptr || each.contains("prices")) return;
        each.emplace("prices", json::array{json::object{{"from", "0"}, {"price", *price}}});
        each.erase("price");
    });
    if (auto* given = terms.at("reconciliation").if_object())
        fill(*given, defaults_of<Reconciliation>(), {"cloud", "window_minutes", "on_mismatch"});
}

std::int64_t seconds_of(Date date) { return std::int64_t{date.day().time_since_epoch().count()} * 86'400; }

Result<chaincode::Zone> zone_between(const std::string& name, Date from, std::optional<Date> until) {
    const auto zone = TRY(gateway::device_sdk::TimeZone::find(name));
    const auto end = until.value_or(from.plus_years(kOpenEnded_years));
    auto rules = zone.rules(seconds_of(from) - kYear_s, seconds_of(end) + kYear_s);
    rules.name = name;
    return rules;
}

Result<Date> date_at(const json::object& terms, std::string_view name) {
    const auto* text = terms.if_contains(name);
    if (text == nullptr || !text->is_string()) return fail(Code::bad_configuration, "\"{}\" must be a date", name);
    return Date::parse(text->get_string());
}

Status fill_zone(json::object& terms) {
    auto* zone = terms.if_contains("zone");
    if (zone == nullptr || !zone->is_string()) return {};  // written in full, or not at all
    const auto from = TRY(date_at(terms, "from"));
    std::optional<Date> until;
    if (terms.contains("until")) until = TRY(date_at(terms, "until"));
    *zone = chaincode::to_json(TRY(zone_between(std::string(zone->get_string()), from, until)));
    return {};
}

}  // namespace

Result<json::value> read_toml_json(const std::filesystem::path& file) {
    const auto table = TRY(read_toml(file));
    auto value = json_of(table, "");
    if (!value) return std::unexpected(value.error().within(file.string()));
    return value;
}

Result<Terms> read_terms_file(const std::filesystem::path& file) {
    const auto table = TRY(read_toml(file));
    const auto read = [&]() -> Result<Terms> {
        auto value = TRY(json_of(table, ""));
        auto& object = value.as_object();
        complete(object);
        TRY(fill_zone(object));
        return chaincode::from_json<Terms>(value);
    };
    auto terms = read();
    if (!terms) return std::unexpected(terms.error().within(file.string()));
    return terms;
}

Result<chaincode::Zone> local_zone(const Terms& terms) {
    return zone_between(terms.zone.name, terms.from, terms.until);
}

std::string terms_template(const TermsTemplate& in) {
    std::string providers;
    for (const auto& each : in.providers)
        providers +=
            fmt::format("\n[[parties]]\norganization = \"{}\"\nrole = \"SP\"              # service provider\n", each);
    return fmt::format(
        R"(# The terms of an agreement. Check it with `tally agreement check`, propose it with `tally agreement deploy`.
# Every decimal number is text in quotes.

title = "Metered {field} of {shard}"
from = {from}                # the first day
# until = 2031-01-01             # the end date, exclusive; without it the agreement has no end date
zone = "{zone}"                     # days are counted in this zone
period = "MONTH"                 # MONTH, QUARTER or YEAR: for each an invoice is computed
currency = "{currency}"
rounding = "HALF_UP"             # of each line; HALF_EVEN, DOWN, UP
# cash_rounding = "0.05"         # of the total
payment_days = 14                # until an invoice is due
dispute_days = 14                # in which it may be disputed
confirmations = 2                # parties that confirm that it is settled; the operator is one of them
notice_days = 30
# bill_tolerance_percent = "1"   # by which a provider's bill may differ from what was metered
# collection = "homes"           # keeps the devices' readings, so that no block holds them (tally collection)

[[parties]]
organization = "{op}"
role = "OPERATOR"        # runs the devices
# [parties.business]             # of any party: for invoices and payments
# name = "Grid Operations AG"
# street = "Leitungsweg 1"
# postcode = "1010"
# town = "Vienna"
# country = "AT"
# tax_id = "ATU12345678"
# endpoint = "9914:ATU12345678"  # where it takes electronic invoices
# iban = "AT611904300234573201"
# bic = "BKAUATWW"

[[parties]]
organization = "{rc}"
role = "RC"              # uses what is metered, and is billed

[[parties]]
organization = "{dv}"
role = "DV"              # verifies data, and attests payments
{providers}
[[scope]]
shard = "{shard}"        # the operator's devices of this shard
# devices = ["meter-1"]          # these alone

[[fields]]
field = "{field}"
unit = "{unit}"
measure = "SUM"                  # what each interval used; REGISTER_DIFFERENCE for a counter
# modulus = "1000000"            # of a counter: the reading at which it begins again at 0
tolerance_percent = "0.5"        # by which the operator's own figure may differ

[reconciliation]
cloud = "OPTIONAL"               # NONE, OPTIONAL, REQUIRED: whether the operator's own figures are compared
window_minutes = 60              # from the day's end until it is FINAL
on_mismatch = "DEVICE"           # DEVICE, LOWER or DISPUTE: what is billed when they differ

# Parts of the day, by the wall clock of the zone; tariff lines name them.
# [[windows]]
# name = "day"
# days = ["MON", "TUE", "WED", "THU", "FRI"]
# from_minute = 420              # 07:00
# to_minute = 1320               # 22:00

[[tariff]]
name = "{field}"
kind = "QUANTITY"                # QUANTITY, PEAK, FEE, TRAFFIC, MINIMUM_TAKE, MAXIMUM_TAKE
field = "{field}"
base = "1000"                    # the price is for 1,000 {unit}
price = "0.25"
# prices = [{{ from = "0", price = "0.25" }}, {{ from = "100000", price = "0.22" }}]   # graduated tiers, per device
# escalator = {{ percent = "2", first = 2027-01-01 }}
tax = {{ category = "S", percent = "20" }}    # of EN 16931

[[tariff]]
name = "Base fee"
kind = "FEE"
per = "MONTH"                    # DAY, MONTH, YEAR_BY_DAYS, YEAR_BY_365, YEAR_BY_MONTHS
price = "3.60"
tax = {{ category = "S", percent = "20" }}

# What a service provider may bill, for `tally invoice post`; it is not on the agreement's invoice.
# [[tariff]]
# name = "Transport"
# kind = "QUANTITY"
# field = "{field}"
# base = "1000"
# price = "0.05"
# provider = "Provider"
# tax = {{ category = "S", percent = "20" }}

[[payees]]
organization = "{op}"
percent = "100"
)",
        fmt::arg("field", in.field), fmt::arg("shard", in.shard), fmt::arg("from", in.from), fmt::arg("zone", in.zone),
        fmt::arg("currency", in.currency), fmt::arg("op", in.operator_organization), fmt::arg("rc", in.consumer),
        fmt::arg("dv", in.verifier), fmt::arg("providers", providers), fmt::arg("unit", in.unit));
}

}  // namespace tally::node::cli
