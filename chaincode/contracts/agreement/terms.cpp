#include "chaincode/contracts/agreement/terms.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "chaincode/json/reflect.h"
#include "chaincode/json/strict_json.h"

namespace tally::chaincode::agreement {
namespace {

// ISO 4217: the active currencies whose smallest unit is not a hundredth, and those whose is.
constexpr std::string_view kWithout = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF";
constexpr std::string_view kWithThree = "BHD IQD JOD KWD LYD OMR TND";
constexpr std::string_view kWithTwo =
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC CUP "
    "CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES "
    "KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK "
    "NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB "
    "TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VES WST XCD YER ZAR ZMW ZWG";

bool lists(std::string_view currencies, std::string_view currency) {
    return currency.size() == 3 && currency.find(' ') == std::string_view::npos &&
           currencies.find(currency) != std::string_view::npos;
}

// Collects what is wrong.
class TermsCheck {
  public:
    TermsCheck(const Terms& terms, const std::vector<std::string>& organizations)
        : terms_(terms), organizations_(organizations) {}

    std::vector<Problem> run() {
        parties();
        scope();
        validity();
        money();
        fields();
        windows();
        windows_of_lower();
        readings_for_windows();
        tariff();
        payees();
        return std::move(problems_);
    }

  private:
    template <class... Args>
    void add(std::string where, fmt::format_string<Args...> what, Args&&... args) {
        problems_.push_back({std::move(where), fmt::format(what, std::forward<Args>(args)...)});
    }

    void parties() {
        std::set<std::pair<std::string, PartyRole>> seen;
        std::map<PartyRole, std::size_t> count;
        for (std::size_t i = 0; i < terms_.parties.size(); ++i) {
            const auto& party = terms_.parties[i];
            const auto where = fmt::format("parties[{}]", i);
            if (!seen.emplace(party.organization, party.role).second)
                add(where, "{} is named twice in the same role", party.organization);
            if (std::ranges::find(organizations_, party.organization) == organizations_.end())
                add(where + ".organization", "{} is no member of the channel", party.organization);
            ++count[party.role];
        }
        if (count[PartyRole::OPERATOR] != 1)
            add("parties", "exactly one OPERATOR is needed; there are {}", count[PartyRole::OPERATOR]);
        if (count[PartyRole::RC] != 1) add("parties", "exactly one RC is needed; there are {}", count[PartyRole::RC]);
        if (count[PartyRole::DV] == 0) add("parties", "at least one DV is needed");
        const auto members = members_of_agreement();
        if (terms_.confirmations > static_cast<std::int64_t>(members.size()))
            add("confirmations", "{} are wanted of {} parties", terms_.confirmations, members.size());
    }

    [[nodiscard]] std::set<std::string> members_of_agreement() const {
        std::set<std::string> out;
        for (const auto& party : terms_.parties) out.insert(party.organization);
        return out;
    }

    void scope() {
        std::set<std::string> shards;
        for (std::size_t i = 0; i < terms_.scope.size(); ++i) {
            const auto where = fmt::format("scope[{}]", i);
            const auto& [shard, devices] = terms_.scope[i];
            if (!shards.insert(shard).second) add(where + ".shard", "{} is named twice", shard);
            std::set<std::string> seen;
            for (const auto& device : devices) {
                if (!seen.insert(device).second) add(where + ".devices", "{} is named twice", device);
            }
        }
    }

    void validity() {
        if (terms_.until && *terms_.until <= terms_.from)
            add("until", "the end date {} is not after the first day, {}", terms_.until->text(), terms_.from.text());
        if (const auto zone = check_zone(terms_.zone); !zone) add("zone", "{}", zone.error().message);
    }

    void money() {
        if (terms_.bill_tolerance_percent && *terms_.bill_tolerance_percent < Decimal())
            add("bill_tolerance_percent", "it is below 0");
        const auto decimals = decimals_of_currency(terms_.currency);
        if (!decimals) return add("currency", "ISO 4217 has no currency \"{}\"", terms_.currency);
        if (!terms_.cash_rounding) return;
        if (*terms_.cash_rounding <= Decimal()) add("cash_rounding", "{} is not above 0", terms_.cash_rounding->text());
        if (terms_.cash_rounding->decimals() > *decimals)
            add("cash_rounding", "{} has more than the {} decimals of {}", terms_.cash_rounding->text(), *decimals,
                terms_.currency);
    }

    void fields() {
        std::set<std::string> seen;
        for (std::size_t i = 0; i < terms_.fields.size(); ++i) {
            const auto& field = terms_.fields[i];
            const auto where = fmt::format("fields[{}]", i);
            if (!seen.insert(field.field).second) add(where + ".field", "{} is named twice", field.field);
            if (field.modulus && field.measure != Measure::REGISTER_DIFFERENCE)
                add(where + ".modulus", "only a REGISTER_DIFFERENCE has one");
            if (field.modulus && *field.modulus <= Decimal()) add(where + ".modulus", "it is not above 0");
            if (field.tolerance && *field.tolerance < Decimal()) add(where + ".tolerance", "it is below 0");
            if (field.tolerance_percent && *field.tolerance_percent < Decimal())
                add(where + ".tolerance_percent", "it is below 0");
        }
    }

    void windows() {
        std::set<std::string> seen;
        for (std::size_t i = 0; i < terms_.windows.size(); ++i) {
            const auto& window = terms_.windows[i];
            const auto where = fmt::format("windows[{}]", i);
            if (!seen.insert(window.name).second) add(where + ".name", "{} is named twice", window.name);
            if (window.to_minute <= window.from_minute)
                add(where,
                    "it ends at minute {}, which is not after its start, minute {}; write a window over midnight as "
                    "two",
                    window.to_minute, window.from_minute);
        }
    }

    void readings_for_windows() {
        if (terms_.collection && !terms_.windows.empty())
            add("collection", "windows are told from readings in blocks; terms with windows name no collection");
    }

    void windows_of_lower() {
        if (terms_.reconciliation.on_mismatch == OnMismatch::LOWER && !terms_.windows.empty())
            add("reconciliation.on_mismatch", "LOWER cannot be told by window; terms with windows have another");
    }

    void tariff() {
        for (std::size_t i = 0; i < terms_.tariff.size(); ++i) {
            const auto where = fmt::format("tariff[{}]", i);
            const auto& each = terms_.tariff[i];
            line(each, where);
            if (each.provider && !has_role(terms_, *each.provider, PartyRole::SP))
                add(where + ".provider", "{} is no SP among the parties", *each.provider);
        }
        if (std::ranges::all_of(terms_.tariff, [](const TariffLine& each) { return each.provider.has_value(); }))
            add("tariff", "every line is for a provider's bill; the invoice has none");
    }

    void line(const TariffLine& line, const std::string& where) {
        const bool of_field = line.kind == LineKind::QUANTITY || line.kind == LineKind::PEAK ||
                              line.kind == LineKind::MINIMUM_TAKE || line.kind == LineKind::MAXIMUM_TAKE;
        const bool of_take = line.kind == LineKind::MINIMUM_TAKE || line.kind == LineKind::MAXIMUM_TAKE;
        member(where + ".field", line.field.has_value(), of_field);
        member(where + ".quantity", line.quantity.has_value(), of_take);
        member(where + ".per", line.per.has_value(), line.kind == LineKind::FEE);
        member(where + ".counts", line.counts.has_value(), line.kind == LineKind::TRAFFIC);
        if (line.each_device && line.kind != LineKind::FEE) add(where + ".each_device", "only a FEE has it");
        if (line.field && find_field(*line.field) == nullptr)
            add(where + ".field", "{} is not among the terms' fields", *line.field);
        if (const auto* field = line.field ? find_field(*line.field) : nullptr;
            field != nullptr && field->measure == Measure::SESSION && line.kind == LineKind::PEAK)
            add(where + ".field", "{} counts sessions, which have no highest reading", *line.field);
        if (line.window) window_of(line, where);
        if (line.quantity && *line.quantity < Decimal()) add(where + ".quantity", "it is below 0");
        if (line.base && *line.base <= Decimal()) add(where + ".base", "it is not above 0");
        tiers(line, where);
        if (line.escalator && line.escalator->percent <= *Decimal::of(-100, 0))
            add(where + ".escalator.percent", "nothing is left of the price");
        tax(line.tax, where + ".tax");
    }

    void window_of(const TariffLine& line, const std::string& where) {
        if (line.kind != LineKind::QUANTITY) return add(where + ".window", "only a QUANTITY has one");
        const auto named = [&](const Window& window) { return window.name == *line.window; };
        if (std::ranges::none_of(terms_.windows, named))
            add(where + ".window", "{} is not among the terms' windows", *line.window);
        const auto* field = line.field ? find_field(*line.field) : nullptr;
        if (field != nullptr && field->measure == Measure::REGISTER_DIFFERENCE)
            add(where + ".window", "a register's difference is not known by window; {} must be a SUM", field->field);
        if (field != nullptr && field->measure == Measure::SESSION)
            add(where + ".window", "a session is not known by window; {} must be a SUM", field->field);
    }

    void tiers(const TariffLine& line, const std::string& where) {
        const bool tiered = line.kind == LineKind::QUANTITY || line.kind == LineKind::TRAFFIC;
        if (line.prices.size() > 1 && !tiered) add(where + ".prices", "only QUANTITY and TRAFFIC have tiers");
        for (std::size_t i = 0; i < line.prices.size(); ++i) {
            const auto& tier = line.prices[i];
            const auto at = fmt::format("{}.prices[{}].from", where, i);
            if (i == 0 && tier.from != Decimal()) add(at, "the first tier begins at {}, not at 0", tier.from.text());
            if (i > 0 && tier.from <= line.prices[i - 1].from)
                add(at, "{} is not above {}, where the tier before begins", tier.from.text(),
                    line.prices[i - 1].from.text());
        }
    }

    void tax(const Tax& tax, const std::string& where) {
        const bool rated =
            tax.category == TaxCategory::S || tax.category == TaxCategory::L || tax.category == TaxCategory::M;
        if (tax.percent < Decimal() || tax.percent > *Decimal::of(100, 0))
            add(where + ".percent", "{} is not between 0 and 100", tax.percent.text());
        if (tax.category == TaxCategory::S && tax.percent == Decimal())
            add(where + ".percent", "category S has a rate above 0; Z is the zero rate");
        if (!rated && tax.percent != Decimal()) add(where + ".percent", "only categories S, L and M have a rate");
        const bool needs_reason = tax.category == TaxCategory::E || tax.category == TaxCategory::AE ||
                                  tax.category == TaxCategory::K || tax.category == TaxCategory::G ||
                                  tax.category == TaxCategory::O;
        if (needs_reason && !tax.reason) add(where + ".reason", "this category needs one");
        if (!needs_reason && tax.reason) add(where + ".reason", "this category has none");
    }

    void payees() {
        Decimal sum;
        std::set<std::string> seen;
        const auto members = members_of_agreement();
        for (std::size_t i = 0; i < terms_.payees.size(); ++i) {
            const auto& payee = terms_.payees[i];
            const auto where = fmt::format("payees[{}]", i);
            if (!seen.insert(payee.organization).second) add(where, "{} is named twice", payee.organization);
            if (!members.contains(payee.organization))
                add(where + ".organization", "{} is no party", payee.organization);
            if (payee.percent <= Decimal()) add(where + ".percent", "it is not above 0");
            if (payee.percent.decimals() > 6) add(where + ".percent", "it has more than 6 decimals");
            if (const auto total = sum.plus(payee.percent)) sum = *total;
        }
        if (sum != *Decimal::of(100, 0)) add("payees", "the percentages are {} together, not 100", sum.text());
    }

    // A member that must be there, or must not.
    void member(const std::string& where, bool is_there, bool wanted) {
        if (wanted && !is_there) add(where, "a line of this kind needs it");
        if (!wanted && is_there) add(where, "a line of this kind has none");
    }

    [[nodiscard]] const BilledField* find_field(std::string_view name) const {
        const auto found = std::ranges::find(terms_.fields, name, &BilledField::field);
        return found == terms_.fields.end() ? nullptr : &*found;
    }

    const Terms& terms_;
    const std::vector<std::string>& organizations_;
    std::vector<Problem> problems_;
};

}  // namespace

std::vector<Problem> problems_of(const Terms& terms, const std::vector<std::string>& organizations) {
    return TermsCheck(terms, organizations).run();
}

crypto::Hash hash_of(const Terms& terms) { return crypto::sha256(to_bytes(json_text(to_json(terms)))); }

std::optional<int> decimals_of_currency(std::string_view currency) {
    if (lists(kWithTwo, currency)) return 2;
    if (lists(kWithout, currency)) return 0;
    if (lists(kWithThree, currency)) return 3;
    return std::nullopt;
}

bool is_party(const Terms& terms, std::string_view organization) {
    return std::ranges::any_of(terms.parties, [&](const Party& p) { return p.organization == organization; });
}

const Business* business_of(const Terms& terms, std::string_view organization) {
    for (const auto& party : terms.parties) {
        if (party.organization == organization && party.business) return &*party.business;
    }
    return nullptr;
}

bool has_role(const Terms& terms, std::string_view organization, PartyRole role) {
    return std::ranges::any_of(terms.parties,
                               [&](const Party& p) { return p.organization == organization && p.role == role; });
}

void keep_lines_of(Terms& terms, const std::optional<std::string>& provider) {
    std::erase_if(terms.tariff, [&](const TariffLine& line) { return line.provider != provider; });
}

}  // namespace tally::chaincode::agreement
