#include "chaincode/contracts/billing/pricing.h"

#include <algorithm>

#include "chaincode/contracts/billing/rational.h"

namespace tally::chaincode::billing {
namespace {

using agreement::FeePer;
using agreement::LineKind;
using agreement::TariffLine;
using agreement::Terms;
using agreement::TrafficUnit;
using std::chrono::last;
using std::chrono::year_month_day;

constexpr int kEscalatedDecimals = 9;  // of a price that an escalator has changed
constexpr int kBaseDecimals = 9;       // of a peak's base in a part of a period

Decimal whole(std::int64_t number) { return *Decimal::of(number, 0); }

std::int64_t days_of_month(Date day) {
    const auto civil = day.civil();
    return static_cast<unsigned>(year_month_day(civil.year() / civil.month() / last).day());
}

std::int64_t days_of_year(Date day) { return day.civil().year().is_leap() ? 366 : 365; }

// A part of a segment in which a tariff line's prices are the same.
struct Part {
    Date from;
    Date until;
    std::vector<agreement::Tier> prices;
};

// The prices after so many changes.
Result<std::vector<agreement::Tier>> escalated(const TariffLine& line, int times) {
    auto prices = line.prices;
    if (times == 0) return prices;
    Rational factor = 1;
    for (int i = 0; i < times; ++i) factor *= 1 + rational_of(line.escalator->percent) / 100;
    for (auto& tier : prices) {
        const auto decimals = std::max(tier.price.decimals(), kEscalatedDecimals);
        tier.price = TRY(rounded(rational_of(tier.price) * factor, decimals, Rounding::HALF_UP));
    }
    return prices;
}

Result<std::vector<Part>> parts_of(const TariffLine& line, const Segment& segment) {
    if (!line.escalator) return std::vector{Part{segment.from, segment.until, line.prices}};
    std::vector<Part> parts;
    int times = 0;
    const auto change = [&](int n) { return line.escalator->first.plus_years(n); };
    while (change(times) <= segment.from) ++times;
    for (auto from = segment.from; from < segment.until; ++times) {
        const auto until = std::min(segment.until, change(times));
        parts.push_back({from, until, TRY(escalated(line, times))});
        from = until;
    }
    return parts;
}

class Pricing {
  public:
    Pricing(const Segment& segment, const PeriodDays& period, std::vector<Line>& lines)
        : segment_(segment),
          terms_(*segment.terms),
          period_(period),
          decimals_(agreement::decimals_of_currency(terms_.currency).value_or(2)),
          lines_(lines) {}

    // A line of `quantity` at the price of a tier.
    [[nodiscard]] Status add(const TariffLine& tariff, const Part& part, std::size_t tier, const Decimal& quantity,
                             std::string unit, const Rational& divisor, const std::optional<std::string>& device) {
        if (quantity == Decimal()) return {};
        Line line;
        line.name = tariff.name;
        line.kind = tariff.kind;
        line.version = segment_.version;
        line.device = device;
        line.field = tariff.field;
        line.window = tariff.window;
        if (tariff.prices.size() > 1) line.tier = static_cast<std::int64_t>(tier) + 1;
        line.from = part.from;
        line.until = part.until;
        line.quantity = quantity;
        line.unit = std::move(unit);
        line.price = part.prices[tier].price;
        const auto base = rational_of(tariff.base.value_or(whole(1))) * divisor;
        line.base = TRY(rounded(base, tariff.base ? tariff.base->decimals() : 0, Rounding::HALF_UP));
        if (rational_of(line.base) != base) line.base = TRY(rounded(base, kBaseDecimals, Rounding::HALF_UP));
        const Rational exact = rational_of(quantity) * rational_of(line.price) / rational_of(line.base);
        line.amount = TRY(rounded(exact, decimals_, terms_.rounding));
        line.tax = tariff.tax;
        lines_.push_back(std::move(line));
        return {};
    }

    // Fills the tiers from `position` on, which it moves.
    [[nodiscard]] Status add_tiers(const TariffLine& tariff, const Part& part, Decimal& position,
                                   const Decimal& quantity, const std::string& unit, const std::string& device) {
        if (quantity < Decimal()) return add(tariff, part, 0, quantity, unit, 1, device);
        const auto end = TRY(position.plus(quantity));
        for (std::size_t i = 0; i < part.prices.size(); ++i) {
            const auto from = std::max(position, part.prices[i].from);
            const auto to = i + 1 < part.prices.size() ? std::min(end, part.prices[i + 1].from) : end;
            if (from < to) TRY(add(tariff, part, i, TRY(to.minus(from)), unit, 1, device));
        }
        position = end;
        return {};
    }

    // For days of the part, of which `count` between two dates are paid.
    template <class Count>  // std::int64_t(Date from, Date until)
    [[nodiscard]] Status add_fee(const TariffLine& tariff, const Part& part, const std::optional<std::string>& device,
                                 Count&& count) {
        switch (*tariff.per) {
            case FeePer::DAY: return add(tariff, part, 0, whole(count(part.from, part.until)), "days", 1, device);
            case FeePer::YEAR_BY_365:
                return add(tariff, part, 0, whole(count(part.from, part.until)), "days", 365, device);
            case FeePer::YEAR_BY_DAYS: return add_years(tariff, part, device, count);
            case FeePer::MONTH: return add_months(tariff, part, device, count, 1);
            case FeePer::YEAR_BY_MONTHS: return add_months(tariff, part, device, count, 12);
        }
        return {};
    }

    // The share of the period's days that a part has.
    [[nodiscard]] Rational share_of(const Part& part) const {
        return Rational(days_between(part.from, part.until), days_between(period_.from, period_.until));
    }

  private:
    template <class Count>
    [[nodiscard]] Status add_years(const TariffLine& tariff, const Part& part, const std::optional<std::string>& device,
                                   Count&& count) {
        for (auto from = part.from; from < part.until;) {
            const auto next = Date::of((from.civil().year() + std::chrono::years(1)) / std::chrono::January / 1);
            const Part year{from, std::min(part.until, next), part.prices};
            TRY(add(tariff, year, 0, whole(count(year.from, year.until)), "days", days_of_year(from), device));
            from = year.until;
        }
        return {};
    }

    // Whole months as months, in one line; what is left of a month by its days.
    template <class Count>
    [[nodiscard]] Status add_months(const TariffLine& tariff, const Part& part,
                                    const std::optional<std::string>& device, Count&& count, int per_year) {
        std::int64_t months = 0;
        Part whole_months{part.from, part.from, part.prices};
        for (auto from = part.from; from < part.until;) {
            const auto next = from.first_of_month().plus_months(1);
            const Part month{from, std::min(part.until, next), part.prices};
            const auto days = count(month.from, month.until);
            if (days == days_of_month(from)) {
                if (months++ == 0) whole_months.from = month.from;
                whole_months.until = month.until;
            } else {
                TRY(add(tariff, month, 0, whole(days), "days", days_of_month(from) * per_year, device));
            }
            from = month.until;
        }
        return add(tariff, whole_months, 0, whole(months), "months", per_year, device);
    }

    const Segment& segment_;
    const Terms& terms_;
    const PeriodDays& period_;
    int decimals_;
    std::vector<Line>& lines_;
};

const data::SettledField* field_of(const data::SettledDay& day, const std::optional<std::string>& name) {
    const auto found = std::ranges::find(day.fields, name.value_or(""), &data::SettledField::field);
    return found == day.fields.end() ? nullptr : &*found;
}

std::string unit_of(const Terms& terms, const std::optional<std::string>& field) {
    const auto found = std::ranges::find(terms.fields, field.value_or(""), &agreement::BilledField::field);
    return found == terms.fields.end() ? std::string() : found->unit;
}

Decimal billed(const data::SettledDay& day, const TariffLine& line) {
    const auto* field = field_of(day, line.field);
    if (field == nullptr || !field->billed) return {};
    if (!line.window) return *field->billed;
    if (!field->windows) return {};
    const auto found = std::ranges::find(*field->windows, *line.window, &data::InWindow::window);
    return found == field->windows->end() ? Decimal() : found->quantity;
}

std::int64_t counted(const data::SettledDay& day, TrafficUnit unit) {
    if (!day.traffic) return 0;
    switch (unit) {
        case TrafficUnit::MESSAGE: return day.traffic->messages;
        case TrafficUnit::BYTE: return day.traffic->payload_bytes;
        case TrafficUnit::SAMPLE: return day.traffic->samples;
    }
    return 0;
}

std::string_view unit_of(TrafficUnit unit) {
    switch (unit) {
        case TrafficUnit::MESSAGE: return "messages";
        case TrafficUnit::BYTE: return "bytes";
        case TrafficUnit::SAMPLE: return "samples";
    }
    return {};
}

bool lies_in(Date day, Date from, Date until) { return from <= day && day < until; }

// What one device has used of one tariff line's tiers; lines of the same name go on where the last version's stopped.
struct Position {
    std::string name;
    Decimal at;
};

Decimal& position_of(std::vector<Position>& positions, const std::string& name) {
    const auto found = std::ranges::find(positions, name, &Position::name);
    return found != positions.end() ? found->at : positions.emplace_back(name, Decimal()).at;
}

Status price_part(Pricing& pricing, const Segment& segment, const TariffLine& line, const Part& part,
                  const std::string& device, std::span<const data::SettledDay> days, std::vector<Position>& positions) {
    Decimal quantity;
    std::optional<Decimal> highest;
    for (const auto& day : days) {
        if (!lies_in(day.day, part.from, part.until)) continue;
        if (line.kind == LineKind::QUANTITY) quantity = TRY(quantity.plus(billed(day, line)));
        if (line.kind == LineKind::TRAFFIC) quantity = TRY(quantity.plus(whole(counted(day, *line.counts))));
        const auto* field = field_of(day, line.field);
        if (line.kind == LineKind::PEAK && field != nullptr && field->billed && field->highest)
            highest = std::max(highest.value_or(*field->highest), *field->highest);
    }
    if (line.kind == LineKind::PEAK && highest)
        return pricing.add(line, part, 0, *highest, unit_of(*segment.terms, line.field), 1 / pricing.share_of(part),
                           device);
    if (line.kind == LineKind::PEAK) return {};
    const auto unit =
        line.kind == LineKind::TRAFFIC ? std::string(unit_of(*line.counts)) : unit_of(*segment.terms, line.field);
    return pricing.add_tiers(line, part, position_of(positions, line.name), quantity, unit, device);
}

}  // namespace

Result<std::vector<Line>> price_device(std::span<const Segment> segments, const PeriodDays& period,
                                       const std::string& device, std::span<const data::SettledDay> days) {
    std::vector<Line> lines;
    std::vector<Position> positions;
    for (const auto& segment : segments) {
        Pricing pricing(segment, period, lines);
        for (const auto& line : segment.terms->tariff) {
            const bool fee = line.kind == LineKind::FEE && line.each_device.value_or(false);
            const bool metered =
                line.kind == LineKind::QUANTITY || line.kind == LineKind::PEAK || line.kind == LineKind::TRAFFIC;
            if (!fee && !metered) continue;
            for (const auto& part : TRY(parts_of(line, segment))) {
                if (metered) {
                    TRY(price_part(pricing, segment, line, part, device, days, positions));
                    continue;
                }
                TRY(pricing.add_fee(line, part, device, [&](Date from, Date until) {
                    return std::ranges::count_if(days, [&](const auto& day) { return lies_in(day.day, from, until); });
                }));
            }
        }
    }
    return lines;
}

Status add_taken(std::span<const Segment> segments, std::span<const data::SettledDay> days, std::vector<Taken>& taken) {
    for (const auto& day : days) {
        for (std::size_t i = 0; i < segments.size(); ++i) {
            if (!lies_in(day.day, segments[i].from, segments[i].until)) continue;
            for (const auto& field : day.fields) {
                if (!field.billed) continue;
                auto found = std::ranges::find(taken, field.field, &Taken::field);
                if (found == taken.end())
                    found = taken.insert(taken.end(), {field.field, std::vector<Decimal>(segments.size())});
                found->quantities[i] = TRY(found->quantities[i].plus(*field.billed));
            }
        }
    }
    return {};
}

Result<std::vector<Line>> price_agreement(std::span<const Segment> segments, const PeriodDays& period,
                                          std::span<const Taken> taken) {
    std::vector<Line> lines;
    for (std::size_t i = 0; i < segments.size(); ++i) {
        const auto& segment = segments[i];
        Pricing pricing(segment, period, lines);
        for (const auto& line : segment.terms->tariff) {
            const bool take = line.kind == LineKind::MINIMUM_TAKE || line.kind == LineKind::MAXIMUM_TAKE;
            if (line.kind == LineKind::FEE && !line.each_device.value_or(false)) {
                for (const auto& part : TRY(parts_of(line, segment)))
                    TRY(pricing.add_fee(line, part, std::nullopt, days_between));
            }
            if (!take) continue;
            const auto found = std::ranges::find(taken, line.field.value_or(""), &Taken::field);
            const auto quantity = found == taken.end() ? Decimal() : found->quantities[i];
            const Part part{segment.from, segment.until, TRY(parts_of(line, segment)).front().prices};
            const Rational agreed = rational_of(*line.quantity) * pricing.share_of(part);
            const Rational beyond = line.kind == LineKind::MINIMUM_TAKE ? Rational(agreed - rational_of(quantity))
                                                                        : Rational(rational_of(quantity) - agreed);
            if (beyond <= 0) continue;
            constexpr int kDecimals = 6;
            TRY(pricing.add(line, part, 0,
                            TRY(rounded(beyond, std::max(kDecimals, quantity.decimals()), Rounding::HALF_UP)),
                            unit_of(*segment.terms, line.field), 1, std::nullopt));
        }
    }
    return lines;
}

Sum::Sum(const agreement::Terms& terms)
    : terms_(terms), decimals_(agreement::decimals_of_currency(terms.currency).value_or(2)) {
    net_ = *Decimal::of(0, decimals_);
}

Status Sum::add(const Line& line) {
    net_ = TRY(net_.plus(line.amount));
    auto found = std::ranges::find_if(taxes_, [&](const TaxTotal& total) {
        return total.tax.category == line.tax.category && total.tax.percent == line.tax.percent &&
               total.tax.reason == line.tax.reason;
    });
    if (found == taxes_.end()) found = taxes_.insert(taxes_.end(), {line.tax, *Decimal::of(0, decimals_), {}});
    found->taxable = TRY(found->taxable.plus(line.amount));
    return {};
}

namespace {

// Shares of an amount that are the amount together: each is rounded towards zero, and the units that are left go to the
// largest remainders, of equal ones to the first.
Result<std::vector<Share>> split(const Decimal& payable, int decimals, const std::vector<agreement::Payee>& payees) {
    std::vector<Share> shares;
    std::vector<Rational> remainders;
    auto left = payable;
    for (const auto& payee : payees) {
        const Rational exact = rational_of(payable) * rational_of(payee.percent) / 100;
        shares.push_back({payee.organization, payee.percent, TRY(rounded(exact, decimals, Rounding::DOWN))});
        remainders.push_back(abs(Rational(exact - rational_of(shares.back().amount))));
        left = TRY(left.minus(shares.back().amount));
    }
    const auto unit = TRY(Decimal::of(left < Decimal() ? -1 : 1, decimals));
    while (left != Decimal()) {
        const auto most = std::ranges::max_element(remainders) - remainders.begin();
        remainders[static_cast<std::size_t>(most)] = -1;
        auto& share = shares[static_cast<std::size_t>(most)];
        share.amount = TRY(share.amount.plus(unit));
        left = TRY(left.minus(unit));
    }
    return shares;
}

}  // namespace

Result<Totals> Sum::totals() const {
    Totals out;
    out.net = net_;
    out.taxes = taxes_;
    out.gross = net_;
    for (auto& total : out.taxes) {
        total.amount =
            TRY(rounded(rational_of(total.taxable) * rational_of(total.tax.percent) / 100, decimals_, terms_.rounding));
        out.gross = TRY(out.gross.plus(total.amount));
    }
    out.payable = out.gross;
    if (terms_.cash_rounding) {
        const auto step = rational_of(*terms_.cash_rounding);
        const auto steps = TRY(rounded(rational_of(out.gross) / step, 0, Rounding::HALF_UP));
        out.payable = TRY(rounded(rational_of(steps) * step, decimals_, Rounding::HALF_UP));
    }
    out.rounding = TRY(out.payable.minus(out.gross));
    out.shares = TRY(split(out.payable, decimals_, terms_.payees));
    return out;
}

PeriodDays period_of(agreement::Period period, Date day) {
    const auto first = day.first_of_month();
    const auto month = static_cast<int>(static_cast<unsigned>(day.civil().month())) - 1;
    switch (period) {
        case agreement::Period::MONTH: return {first, first.plus_months(1)};
        case agreement::Period::QUARTER: {
            const auto from = first.plus_months(-(month % 3));
            return {from, from.plus_months(3)};
        }
        case agreement::Period::YEAR: {
            const auto from = first.plus_months(-month);
            return {from, from.plus_months(12)};
        }
    }
    return {};
}

}  // namespace tally::chaincode::billing
